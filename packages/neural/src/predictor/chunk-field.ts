/** A chunk as what a network is trained on. */
import {
  countOf,
  extractBox,
  type FloatArray,
  floatTypeOf,
  type TrainedChunk,
} from "@fieldzip/core";
import type { TrainingField } from "../field.js";
import { findSpecialValues } from "../stream/special-values.js";

/** The chunk with its ghost cells; axes of one value are no coordinates. Undefined where none remains. */
export function fieldOf(chunk: TrainedChunk): TrainingField | undefined {
  const { shape, low, high, variableAxis, fillValues } = chunk;
  const axes = shape.flatMap((extent, axis) => (extent > 1 && axis !== variableAxis ? [axis] : []));
  if (axes.length === 0) return undefined;
  const wide = wideShape(chunk);
  const values = withoutSpecial(chunk.values, fillValues);
  return {
    lengths: axes.map((axis) => wide[axis]),
    variables: variablesOf(values, wide, variableAxis),
    ghosts: axes.map((axis) => ({ low: low[axis], high: high[axis] })),
  };
}

/** The chunk without its ghost cells. */
export function ownValues(chunk: TrainedChunk): FloatArray {
  const { values, shape, low } = chunk;
  const wide = wideShape(chunk);
  if (wide.join() === shape.join()) return values;
  return extractBox(floatTypeOf(values), values, wide, { start: low, shape }) as FloatArray;
}

/** NaN in the place of what no network is to learn; a copy where there is such. */
export function withoutSpecial(values: FloatArray, fillValues: readonly number[]): FloatArray {
  const special = findSpecialValues(values, fillValues);
  if (!special) return values;
  return values.map((value, i) => (special.mask[i] ? Number.NaN : value)) as FloatArray;
}

/** Values of each variable of a chunk of this shape, in order. Views where they lie together, else copies. */
export function variablesOf(
  values: FloatArray,
  shape: readonly number[],
  variableAxis: number | undefined,
): FloatArray[] {
  if (variableAxis === undefined) return [values];
  const before = countOf(shape.slice(0, variableAxis));
  const run = countOf(shape.slice(variableAxis + 1));
  const count = shape[variableAxis];
  return Array.from({ length: count }, (_, v) => {
    if (before === 1) return values.subarray(v * run, (v + 1) * run);
    const own = new (values.constructor as new (length: number) => FloatArray)(before * run);
    for (let k = 0; k < before; k++) {
      const from = (k * count + v) * run;
      own.set(values.subarray(from, from + run) as never, k * run);
    }
    return own;
  });
}

function wideShape({ shape, low, high }: TrainedChunk): number[] {
  return shape.map((extent, axis) => low[axis] + extent + high[axis]);
}
