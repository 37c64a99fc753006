/** How parameters are rounded to what is stored. */
import { countOfArray, type NetworkShape, parametersOf } from "@fieldzip/kernels/network";
import type { StoredArray } from "./quantised-model.js";

/** Of one array. Integers: at most `limit` steps; one step, or one for each place along the last axis. */
export type ArrayQuantiser =
  | { readonly format: "float32" | "float16" }
  | { readonly format: "integer"; readonly limit: number; readonly steps: Float32Array };

/** In the order of the kernels' `parametersOf`. */
export type Quantiser = readonly ArrayQuantiser[];

/** All steps times a factor. */
export function scaleQuantiser(quantiser: Quantiser, factor: number): Quantiser {
  return quantiser.map((array) =>
    array.format === "integer"
      ? { ...array, steps: array.steps.map((step) => step * factor) }
      : array,
  );
}

/** Parameters that a session has quantised, a list, as they are stored. */
export function storedArrays(
  shape: NetworkShape,
  quantised: Float32Array,
  quantiser: Quantiser,
): StoredArray[] {
  let at = 0;
  return parametersOf(shape).map((array, number) => {
    const count = countOfArray(array);
    const values = quantised.slice(at, at + count);
    at += count;
    const how = quantiser[number];
    if (how.format !== "integer") return { format: how.format, values };
    const { steps } = how;
    const symbols = Int16Array.from(values, (value, i) =>
      Math.round(value / steps[i % steps.length]),
    );
    return { format: "integer", symbols, steps };
  });
}
