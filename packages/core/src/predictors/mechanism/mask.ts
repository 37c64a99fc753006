import { bytesOf, type FloatArray } from "../../array/data-type.js";

/** Values that are looked at to find a candidate. */
const SAMPLE = 2048;
/**
 * From this share of the values on a pattern is worth a mask: a fill value of quite another size than
 * values have, and one that might be a value as well (coding the mask takes time, and gains less).
 */
const LEAST_SHARE = { fill: 1 / 128, ordinary: 1 / 16 };

/** One bit pattern that stands for "no value here": land, missing, or the zeros of a sparse field. */
export interface Mask {
  /** The pattern's bytes. */
  readonly pattern: Uint8Array;
  /** The pattern as a number. */
  readonly fill: number;
  /** Share of the values that have it, about. */
  readonly share: number;
  /** Whether it might be a value as well: finite, and not as large as fill values are. */
  readonly ordinary: boolean;
}

/** What a sample of the values shows. */
export interface Glance {
  readonly mask: Mask | undefined;
  /** Share of the other values that were there before in the sample. */
  readonly again: number;
}

/** Finds the most frequent bit pattern, if it is frequent enough to be coded apart. */
export function findMask(values: FloatArray): Mask | undefined {
  return glanceAt(values).mask;
}

export function glanceAt(values: FloatArray): Glance {
  if (values.length < 64) return { mask: undefined, again: 0 };
  const { place, most, distinct, sampled } = mostFrequent(values);
  const again = (sampled - most - (distinct - 1)) / Math.max(1, sampled - most);
  const fill = values[place];
  const share = most / sampled;
  const ordinary = Math.abs(fill) < 1e15;
  const least = ordinary ? LEAST_SHARE.ordinary : LEAST_SHARE.fill;
  // The sample may have missed the few others.
  const none = most < 4 || share < least || (share === 1 && isConstant(values, place));
  if (none) return { mask: undefined, again };
  const size = values.BYTES_PER_ELEMENT;
  const pattern = bytesOf(values).slice(place * size, (place + 1) * size);
  return { mask: { pattern, fill, share, ordinary }, again };
}

/** The share of a mask's pattern among other values, about. */
export function shareOf(values: FloatArray, { pattern }: Mask): number {
  const words = wordsOf(values);
  const [low, high] = wordsOf(pattern);
  const perValue = values.BYTES_PER_ELEMENT / 4;
  const stride = strideOf(values.length);
  let masked = 0;
  let looked = 0;
  for (let i = 0; i < values.length; i += stride, looked++) {
    if (words[i * perValue] === low && (perValue === 1 || words[2 * i + 1] === high)) masked++;
  }
  return looked > 0 ? masked / looked : 0;
}

/** A byte a value: 1 where it is masked. */
export function maskBytes(values: FloatArray, { pattern }: Mask): Uint8Array {
  const words = wordsOf(values);
  const [low, high] = wordsOf(pattern);
  const perValue = values.BYTES_PER_ELEMENT / 4;
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) {
    const same = words[i * perValue] === low && (perValue === 1 || words[2 * i + 1] === high);
    bytes[i] = same ? 1 : 0;
  }
  return bytes;
}

/** Open addressing: places of patterns, and how often each was seen. Used again for every chunk. */
const SLOTS = 4 * SAMPLE;
const places = new Int32Array(SLOTS);
const counts = new Int32Array(SLOTS);

/** Where the most frequent pattern of a sample stands first, how often, and how many patterns there are. */
function mostFrequent(values: FloatArray): {
  readonly place: number;
  readonly most: number;
  readonly distinct: number;
  readonly sampled: number;
} {
  const words = wordsOf(values);
  const perValue = values.BYTES_PER_ELEMENT / 4;
  const stride = strideOf(values.length);
  counts.fill(0);
  let best = 0;
  let most = 0;
  let distinct = 0;
  let sampled = 0;
  for (let i = 0; i < values.length; i += stride, sampled++) {
    const low = words[i * perValue];
    const high = perValue === 2 ? words[2 * i + 1] : 0;
    let slot = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 19;
    while (counts[slot] > 0) {
      const at = places[slot] * perValue;
      if (words[at] === low && (perValue === 1 || words[at + 1] === high)) break;
      slot = (slot + 1) & (SLOTS - 1);
    }
    if (counts[slot] === 0) {
      places[slot] = i;
      distinct++;
    }
    counts[slot]++;
    if (counts[slot] > most) {
      best = slot;
      most = counts[slot];
    }
  }
  return { place: places[best], most, distinct, sampled };
}

function isConstant(values: FloatArray, place: number): boolean {
  const words = wordsOf(values);
  const perValue = values.BYTES_PER_ELEMENT / 4;
  for (let i = 0; i < words.length; i++) {
    if (words[i] !== words[place * perValue + (i % perValue)]) return false;
  }
  return true;
}

/** An odd stride that is no divisor of usual row lengths. */
function strideOf(length: number): number {
  return Math.max(1, Math.ceil(length / SAMPLE)) | 1;
}

/** The bit patterns of floats as 32-bit words. */
export function wordsOf(values: FloatArray | Uint8Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}
