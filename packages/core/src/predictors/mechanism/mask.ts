import type { Geometry } from "@fieldzip/kernels";
import { bytesOf, type FloatArray } from "../../array/data-type.js";

/** Values that are looked at to find a candidate. */
const SAMPLE = 4096;
/**
 * From this share of the values on a pattern is worth a mask: a fill value of quite another size than
 * values have, and one that might be a value as well (coding the mask takes time, and gains less).
 */
const LEAST_SHARE = { fill: 1 / 128, ordinary: 1 / 16 };

/** One bit pattern that stands for "no value here": land, missing, or the zeros of a sparse field. */
export interface Mask {
  /** Byte per value: 1 where it has the pattern. */
  readonly bytes: Uint8Array;
  /** The pattern's bytes. */
  readonly pattern: Uint8Array;
  /** Whether it might be a value as well: finite, and not as large as fill values are. */
  readonly ordinary: boolean;
}

/** Finds the most frequent bit pattern, if it is frequent enough to be coded apart. */
export function findMask(values: FloatArray): Mask | undefined {
  const words = wordsOf(values);
  if (words.length < 64) return undefined;
  const counts = new Map<number | bigint, number>();
  // An odd stride that is no divisor of usual row lengths.
  const stride = Math.max(1, Math.floor(words.length / SAMPLE)) | 1;
  let sampled = 0;
  for (let i = 0; i < words.length; i += stride, sampled++) {
    counts.set(words[i], (counts.get(words[i]) ?? 0) + 1);
  }
  let pattern: number | bigint | undefined;
  let most = 0;
  for (const [word, count] of counts) {
    if (count > most) [pattern, most] = [word, count];
  }
  const first = pattern === undefined ? -1 : words.indexOf(pattern as never);
  if (first < 0 || most === sampled) return undefined;
  const ordinary = Math.abs(values[first]) < 1e15;
  if (most < sampled * (ordinary ? LEAST_SHARE.ordinary : LEAST_SHARE.fill)) return undefined;
  const bytes = new Uint8Array(words.length);
  for (let i = 0; i < words.length; i++) bytes[i] = words[i] === pattern ? 1 : 0;
  const size = values.BYTES_PER_ELEMENT;
  return { bytes, pattern: bytesOf(values).slice(first * size, (first + 1) * size), ordinary };
}

/**
 * A copy of the values in which every masked one is that at its left; at the start of a row it is the
 * nearest value straight before the row: above (in its band), in the slice before, in the outer block
 * before, else 0. A decoder does the same (`spec/stream.md`).
 */
export function fillMasked(values: FloatArray, mask: Mask, geometry: Geometry): FloatArray {
  const { depth, height, width } = geometry;
  const bandRows = Math.ceil(height / geometry.bands);
  const filled = values.slice();
  const rows = filled.length / width;
  for (let row = 0; row < rows; row++) {
    const y = row % height;
    const slice = Math.floor(row / height);
    let back = 0;
    if (y % bandRows > 0) back = 1;
    else if (slice % depth > 0) back = height;
    else if (slice >= depth) back = height * depth;
    let last = back > 0 ? filled[(row - back) * width] : 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (mask.bytes[i] === 1) filled[i] = last;
      else last = filled[i];
    }
  }
  return filled;
}

/** The bit patterns of floats, as numbers or bigints. */
export function wordsOf(values: FloatArray): Uint32Array | BigUint64Array {
  return values instanceof Float32Array
    ? new Uint32Array(values.buffer, values.byteOffset, values.length)
    : new BigUint64Array(values.buffer, values.byteOffset, values.length);
}
