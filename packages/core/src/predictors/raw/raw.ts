import { bytesOf } from "../../array/data-type.js";
import { sectionKinds } from "../../stream/header.js";
import type { LocalPredictor } from "../predictor.js";

/** No prediction: the values as they are. The last resort, so that no stream outgrows its input. */
export const raw: LocalPredictor = {
  kind: "local",
  name: "raw",
  number: 0,
  guarantees: ["exact"],
  automatic: true,
  encode: (values) => [{ kind: sectionKinds.values, bytes: bytesOf(values) }],
  describe: () => ({ mode: "raw" }),
};
