import { FIRST_VARIABLE, kindsOf } from "@fieldzip/kernels";
import type { FloatType } from "../../../array/data-type.js";
import type { PredictorDescription, VariableDescription } from "../../predictor.js";
import { fieldOf, MODE_JOINT_STENCIL, readSideInformation } from "../side-information.js";
import { readJoint } from "./side-information.js";

/** What the side information of a joint chunk says; `describeOne` that of one of its variables. */
export function describeJoint(
  bytes: Uint8Array,
  dataType: FloatType,
  describeOne: (bytes: Uint8Array, dataType: FloatType) => PredictorDescription,
): PredictorDescription {
  const { entries } = readJoint(bytes);
  const variables: VariableDescription[] = [];
  for (const { variable, side, parts } of entries) {
    variables[variable] = {
      ...describeOne(side, dataType),
      ...describeOthers(side, dataType),
      bytes: parts.reduce((sum, { length }) => sum + length, side.length),
    };
  }
  const laws = variables.filter(({ law }) => law !== undefined).length;
  return { mode: "joint", variables, details: { variables: variables.length, laws } };
}

/** How a variable is predicted from others. */
function describeOthers(
  side: Uint8Array,
  dataType: FloatType,
): Pick<VariableDescription, "law" | "helpers"> {
  if (side[0] !== MODE_JOINT_STENCIL) return {};
  const information = readSideInformation(side, dataType);
  if (information.mode !== "stencil" || !information.law) return {};
  const { geometry, plan, law } = information;
  const main = plan[Math.max(...kindsOf(geometry))]!;
  const used = new Set(main.sources.map((source) => fieldOf(source) - FIRST_VARIABLE));
  const helpers = [...used].filter((variable) => variable >= 0);
  return { ...(law.length > 0 ? { law } : {}), ...(helpers.length > 0 ? { helpers } : {}) };
}
