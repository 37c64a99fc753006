/** A trained network as a stream stores it: its parameters are what the decoder will compute them to be. */
import {
  checkShape,
  countOfArray,
  type NetworkShape,
  type ParameterArray,
  parametersOf,
} from "@fieldzip/kernels/network";
import type { Scaling } from "../scaling.js";

/** One array of parameters. */
export type StoredArray =
  | { readonly format: "float32"; readonly values: Float32Array }
  /** Every value is a float16. */
  | { readonly format: "float16"; readonly values: Float32Array }
  /**
   * parameter = symbol * step, rounded to single precision. One step for the array, or one for each of
   * its columns (places along the last axis).
   */
  | {
      readonly format: "integer";
      readonly symbols: Int16Array;
      readonly steps: Float32Array;
    };

/**
 * An axis of the field that a network describes. `total` values in all span -1 to 1; the chunk's `length`
 * values start after `low` ghost values.
 */
export interface StoredAxis {
  readonly length: number;
  readonly low: number;
  readonly total: number;
}

export interface StoredModel {
  readonly shape: NetworkShape;
  /** Of the coordinates, slowest first. */
  readonly axes: readonly StoredAxis[];
  /** Of the network's outputs. */
  readonly scalings: readonly Scaling[];
  /** In the order of the kernels' `parametersOf`. */
  readonly arrays: readonly StoredArray[];
}

/** Coordinates of the chunk's values along an axis, as the decoder computes them; 0 where `total` is 1. */
export function storedAxisCoordinates({ length, low, total }: StoredAxis): Float32Array {
  return Float32Array.from({ length }, (_, i) =>
    total === 1 ? 0 : (2 * (i + low)) / (total - 1) - 1,
  );
}

/** Parameters of one array. */
export function parametersOfArray(stored: StoredArray): Float32Array {
  if (stored.format !== "integer") return stored.values;
  const { symbols, steps } = stored;
  return Float32Array.from(symbols, (symbol, i) => symbol * steps[i % steps.length]);
}

/** All parameters as a list in the order of `parametersOf`. */
export function parametersOfStored({ arrays }: Pick<StoredModel, "arrays">): Float32Array {
  const parts = arrays.map(parametersOfArray);
  const list = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    list.set(part, at);
    at += part.length;
  }
  return list;
}

/** Throws RangeError where parts of a model do not fit together. */
export function checkStoredModel({ shape, axes, scalings, arrays }: StoredModel): void {
  checkShape(shape);
  const fail = (what: string, found: unknown) => {
    throw new RangeError(`stored model: ${what} expected, ${found} found`);
  };
  if (axes.length !== shape.dimensions) fail(`${shape.dimensions} axes`, axes.length);
  for (const { length, low, total } of axes) {
    const whole = [length, low, total].every((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 32);
    if (!whole || length < 1 || low + length > total)
      fail("an axis within its total", `${low} + ${length} of ${total}`);
  }
  if (scalings.length !== shape.outputs) fail(`${shape.outputs} scalings`, scalings.length);
  const expected = parametersOf(shape);
  if (arrays.length !== expected.length) fail(`${expected.length} arrays`, arrays.length);
  expected.forEach((array, i) => {
    checkArray(array, arrays[i], fail);
  });
}

function checkArray(
  array: ParameterArray,
  stored: StoredArray,
  fail: (what: string, found: unknown) => void,
): void {
  const count = countOfArray(array);
  const found = stored.format === "integer" ? stored.symbols.length : stored.values.length;
  if (found !== count) fail(`${count} parameters in ${array.name}`, found);
  if (stored.format !== "integer") return;
  const { steps } = stored;
  if (steps.length !== 1 && steps.length !== array.shape.at(-1))
    fail(`1 or ${array.shape.at(-1)} steps in ${array.name}`, steps.length);
}
