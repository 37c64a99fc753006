/** The guarantee `bounded` for predictors that are exact: values are moved before they see them. */

import { countOf } from "../array/box.js";
import type { FloatArray } from "../array/data-type.js";
import type { Bounds } from "./bounds.js";

/** A lattice through zero. */
export interface RoundingLattice {
  readonly offset: 0;
  readonly step: number;
}

/** A chunk rounded variable by variable, and by variable the lattice of its values; none where they are as they were. */
export function roundChunk(
  values: FloatArray,
  shape: readonly number[],
  variableAxis: number | undefined,
  { byVariable, fillValues }: Bounds,
): { values: FloatArray; lattices: (RoundingLattice | undefined)[] } {
  const lattices = byVariable.map((bound) =>
    isUsable(bound) ? ({ offset: 0, step: 2 * bound } as const) : undefined,
  );
  if (variableAxis === undefined) {
    return { values: roundToBound(values, byVariable[0], fillValues), lattices };
  }
  const rounded = values.slice() as FloatArray;
  const run = countOf(shape.slice(variableAxis + 1));
  for (let at = 0, k = 0; at < values.length; at += run, k++) {
    const bound = byVariable[k % shape[variableAxis]];
    rounded.set(
      roundToBound(values.subarray(at, at + run) as FloatArray, bound, fillValues) as never,
      at,
    );
  }
  return { values: rounded, lattices };
}

/** Whether a lattice of twice the bound is one. */
function isUsable(bound: number): boolean {
  return (
    bound > 0 && 2 * bound < Number.POSITIVE_INFINITY && 1 / (2 * bound) < Number.POSITIVE_INFINITY
  );
}

/**
 * Values as whole multiples of twice the bound; a value that would then be off by more, that is not finite or a fill value stays
 * as it is. A lattice of that step holds all others.
 */
export function roundToBound(
  values: FloatArray,
  bound: number,
  fillValues: readonly number[],
): FloatArray {
  const rounded = values.slice() as FloatArray;
  if (!isUsable(bound)) return rounded;
  const step = 2 * bound;
  const fills = new Set(values instanceof Float32Array ? fillValues.map(Math.fround) : fillValues);
  const single = values instanceof Float32Array;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // No negative zero: the lattice has none.
    const exact = Math.round(value / step) * step + 0;
    const near = single ? Math.fround(exact) : exact;
    if (!(Math.abs(near - value) <= bound)) continue;
    if (fills.size > 0 && (fills.has(value) || fills.has(near))) continue;
    rounded[i] = near;
  }
  return rounded;
}
