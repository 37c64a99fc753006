/** A model's arrays as the coder of parameters takes them, and about how many bytes it gives for them. */
import { type NetworkShape, parametersOf } from "@fieldzip/kernels/network";
import {
  type CodedArray,
  type CodedValues,
  estimateParameterBytes,
} from "@fieldzip/kernels/parameters";
import type { StoredArray } from "./quantised-model.js";

export function codedArrays(
  arrays: readonly StoredArray[],
  shape: NetworkShape,
): [CodedArray[], CodedValues[]] {
  return [
    parametersOf(shape).map((array, k) => ({ ...array, format: arrays[k].format })),
    arrays.map((array) => (array.format === "integer" ? array.symbols : array.values)),
  ];
}

/** To a few percent, in tens of milliseconds. */
export function estimateModelBytes(arrays: readonly StoredArray[], shape: NetworkShape): number {
  return arrays.reduce(
    (sum, array) => sum + (array.format === "integer" ? 4 * array.steps.length : 0),
    estimateParameterBytes(...codedArrays(arrays, shape)),
  );
}
