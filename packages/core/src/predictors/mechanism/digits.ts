import type { FloatArray } from "../../array/data-type.js";

/** Binary digits of a value's significand. */
export function digitsOf(values: FloatArray): number {
  return values instanceof Float32Array ? 24 : 53;
}

/** The distance between values of about this magnitude; 0 for 0. */
export function unitInLastPlace(magnitude: number, values: FloatArray): number {
  if (!(magnitude > 0)) return 0;
  let power = 1;
  while (power > magnitude) power /= 2;
  while (power * 2 <= magnitude) power *= 2;
  return power * 2 ** (1 - digitsOf(values));
}
