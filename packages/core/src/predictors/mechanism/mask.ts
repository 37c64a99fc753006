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
  /** Share of the values that have it. */
  readonly share: number;
  /** Whether it might be a value as well: finite, and not as large as fill values are. */
  readonly ordinary: boolean;
}

/** Finds the most frequent bit pattern, if it is frequent enough to be coded apart. */
export function findMask(values: FloatArray): Mask | undefined {
  const { length } = values;
  if (length < 64) return undefined;
  const place = mostFrequent(values);
  if (place === undefined) return undefined;
  const ordinary = Math.abs(values[place]) < 1e15;
  const size = values.BYTES_PER_ELEMENT;
  const pattern = bytesOf(values).slice(place * size, (place + 1) * size);
  const mask = maskOf(values, { pattern, ordinary });
  const least = ordinary ? LEAST_SHARE.ordinary : LEAST_SHARE.fill;
  return mask.share < least || mask.share === 1 ? undefined : mask;
}

/** Where other values have a mask's pattern. */
export function maskOf(
  values: FloatArray,
  { pattern, ordinary }: Pick<Mask, "pattern" | "ordinary">,
): Mask {
  const halves = halvesOf(values);
  const [low, high] = halvesOf(pattern);
  const bytes = new Uint8Array(values.length);
  let masked = 0;
  if (values instanceof Float32Array) {
    for (let i = 0; i < bytes.length; i++) {
      const same = halves[i] === low ? 1 : 0;
      bytes[i] = same;
      masked += same;
    }
  } else {
    for (let i = 0; i < bytes.length; i++) {
      const same = halves[2 * i] === low && halves[2 * i + 1] === high ? 1 : 0;
      bytes[i] = same;
      masked += same;
    }
  }
  return { bytes, pattern, share: masked / values.length, ordinary };
}

/** Open addressing: place of a pattern and how often it was seen. Used again for every chunk. */
const places = new Int32Array(2 * SAMPLE);
const counts = new Int32Array(2 * SAMPLE);

/** Where the most frequent pattern of a sample stands; undefined if it is too rare to be a mask. */
function mostFrequent(values: FloatArray): number | undefined {
  const halves = halvesOf(values);
  const perValue = values.BYTES_PER_ELEMENT / 4;
  // An odd stride that is no divisor of usual row lengths.
  const stride = Math.max(1, Math.ceil(values.length / SAMPLE)) | 1;
  places.fill(-1);
  counts.fill(0);
  let best = 0;
  let most = 0;
  let sampled = 0;
  for (let i = 0; i < values.length; i += stride, sampled++) {
    const low = halves[i * perValue];
    const high = perValue === 2 ? halves[2 * i + 1] : 0;
    let slot = (Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 8) % places.length;
    for (; places[slot] >= 0; slot = (slot + 1) % places.length) {
      const place = places[slot] * perValue;
      if (halves[place] === low && (perValue === 1 || halves[place + 1] === high)) break;
    }
    if (places[slot] < 0) places[slot] = i;
    counts[slot]++;
    if (counts[slot] > most) [best, most] = [slot, counts[slot]];
  }
  return most < sampled * LEAST_SHARE.fill * 0.5 ? undefined : places[best];
}

/** The bit patterns of floats as 32-bit words. */
export function halvesOf(values: FloatArray | Uint8Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}
