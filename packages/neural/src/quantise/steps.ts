/** Step sizes of a network's integers. */
import { countOfArray, type NetworkShape, parametersOf } from "@fieldzip/kernels/network";
import type { QuantiseOptions } from "./options.js";
import type { ArrayQuantiser, Quantiser } from "./quantiser.js";

/** For parameters as they are when quantisation begins. */
export function chooseQuantiser(
  shape: NetworkShape,
  parameters: Float32Array,
  { format, limit }: QuantiseOptions,
): Quantiser {
  let at = 0;
  return parametersOf(shape).map((array): ArrayQuantiser => {
    const values = parameters.subarray(at, at + countOfArray(array));
    at += values.length;
    if (format === "float32") return { format };
    if (format === "float16" || (array.role !== "grid" && array.role !== "weights")) {
      return { format: "float16" };
    }
    const most = values.reduce((sofar, value) => Math.max(sofar, Math.abs(value)), 0);
    return { format, limit, steps: Float32Array.of(most > 0 ? most / limit : 1) };
  });
}
