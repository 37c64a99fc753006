import {
  countOfArray,
  type NetworkShape,
  type ParameterArray,
  parametersOf,
} from "@fieldzip/kernels/network";
import fc from "fast-check";
import type { StoredArray, StoredModel } from "../../src/index.js";

/** Numbers from a seed: uniform in -1 to 1. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  };
}

const ownBuffer = new Float32Array(1);
const ownBits = new Uint32Array(ownBuffer.buffer);

/** A float16 near x: its lower bits cut off. */
function cut(x: number): number {
  ownBuffer[0] = x;
  ownBits[0] &= 0xffffe000;
  return ownBuffer[0];
}

/** Networks of all kinds, far too small to be of use. */
export function shapesOf(dimensions: number, outputs: number): fc.Arbitrary<NetworkShape> {
  return fc
    .record({
      dimensions: fc.constant(dimensions),
      outputs: fc.constant(outputs),
      levels: fc.array(
        fc.record({
          features: fc.integer({ min: 1, max: 9 }),
          nodes: fc.array(fc.integer({ min: 1, max: 4 }), {
            minLength: dimensions,
            maxLength: dimensions,
          }),
        }),
        { maxLength: 3 },
      ),
      mapping: fc.constantFrom("off" as const, "fixed" as const, "learned" as const),
      frequencies: fc.integer({ min: 0, max: 7 }),
      widths: fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 3 }),
      firstBias: fc.boolean(),
      activation: fc.constantFrom("relu" as const, "sine" as const, "smooth" as const),
    })
    .map((shape) => (shape.mapping === "off" ? { ...shape, frequencies: 0 } : shape))
    .filter(
      ({ mapping, frequencies, levels }) =>
        mapping === "off" || frequencies > 0 || levels.length > 0,
    );
}

export type Format = "float32" | "float16" | "oneStep" | "manySteps";
export const formats: readonly Format[] = ["float32", "float16", "oneStep", "manySteps"];

/** Parameters from a seed. */
export function arraysFor(
  shape: NetworkShape,
  chosen: readonly Format[],
  seed: number,
): StoredArray[] {
  const next = numbers(seed);
  return parametersOf(shape).map((array, k) => arrayFor(array, chosen[k % chosen.length], next));
}

function arrayFor(array: ParameterArray, format: Format, next: () => number): StoredArray {
  const count = countOfArray(array);
  if (format === "float32") return { format, values: Float32Array.from({ length: count }, next) };
  if (format === "float16") {
    return { format, values: Float32Array.from({ length: count }, () => cut(next())) };
  }
  return {
    format: "integer",
    symbols: Int16Array.from({ length: count }, () => Math.round(127 * next() ** 3)),
    steps: Float32Array.from(
      { length: format === "oneStep" ? 1 : array.shape.at(-1)! },
      () => (1 + next()) / 100,
    ),
  };
}

export interface ModelChoices {
  readonly shape: NetworkShape;
  readonly formats: readonly Format[];
  readonly seed: number;
  /** Ghost values before and behind. */
  readonly ghosts: readonly number[];
}

export function modelFor(
  lengths: readonly number[],
  { shape, formats: chosen, seed, ghosts }: ModelChoices,
): StoredModel {
  const next = numbers(seed + 1);
  return {
    shape,
    axes: lengths.map((length, axis) => ({
      length,
      low: ghosts[axis],
      total: length + 2 * ghosts[axis],
    })),
    scalings: Array.from({ length: shape.outputs }, () => ({
      offset: 10 * next(),
      scale: 1 + 0.9 * next(),
      range: 5,
    })),
    arrays: arraysFor(shape, chosen, seed),
  };
}
