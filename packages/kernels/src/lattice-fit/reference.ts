/** Lattice points in plain arithmetic: the truth that `kernel.ts` is held to. */
import type { Lattice } from "../encoder.js";
import { fromIndexReference, toIndexReference } from "../lattice/reference.js";

/** Places of values that are not masked (1) and not, to the bit, on a point whose index is small enough. */
export function misfitsReference(
  values: Float32Array | Float64Array,
  mask: ArrayLike<number> | undefined,
  lattice: Lattice,
): number[] {
  const single = values instanceof Float32Array;
  const limit = single ? 2n ** 30n : 2n ** 52n;
  const places: number[] = [];
  values.forEach((value, i) => {
    if (mask?.[i] === 1) return;
    const index = toIndexReference(value, lattice, 64);
    const point = fromIndexReference(index, lattice);
    const small = !Number.isNaN(value) && index < limit && index > -limit;
    if (!small || !Object.is(single ? Math.fround(point) : point, value)) places.push(i);
  });
  return places;
}
