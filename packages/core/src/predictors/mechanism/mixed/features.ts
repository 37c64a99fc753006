import type { FloatArray } from "../../../array/data-type.js";
import { wordsOf } from "../mask.js";

/** Values that are looked at for each distance in the row. */
const LAG_SAMPLES = 400;
/** Values of a first look, and the distances that get a second one. */
const GLANCE = 40;
const SECOND_LOOKS = 64;
/** Distances are looked for in rows of at most so many values (the look takes the square of that). */
const MOST_LAG_VALUES = 2 ** 17;
const NEAR = 16;
const MOST_LAGS = 4;
/** How much closer values at a far distance must be than at any near one. */
const CLOSER = 0.9;
/** Share of the values looked at that must have been there before. */
const LEAST_SEEN = 0.05;

/** Low bits that are zero in all values that are not masked. */
export function commonZeros(values: FloatArray, hidden: (place: number) => boolean): number {
  const halves = wordsOf(values);
  const double = values instanceof Float64Array;
  let low = 0;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    if (hidden(i)) continue;
    if (double) {
      low |= halves[2 * i];
      high |= halves[2 * i + 1];
    } else {
      low |= halves[i];
    }
    if (low & 1) return 0;
  }
  const zeros = (word: number) => 31 - Math.clz32(word & -word);
  if (low !== 0) return zeros(low);
  return double && high !== 0 ? 32 + zeros(high) : 0;
}

/** Mean binary logarithm of the differences of neighbours along the row, rounded. */
export function differenceExponent(values: FloatArray, mask: Uint8Array | undefined): number {
  let sum = 0;
  let count = 0;
  for (let i = 1; i < values.length; i += 7) {
    const difference = Math.abs(values[i] - values[i - 1]);
    if (mask?.[i] || mask?.[i - 1] || !(difference > 0 && difference < 1e100)) continue;
    sum += Math.log2(difference);
    count++;
  }
  return count > 0 ? Math.max(-900, Math.min(900, Math.round(sum / count))) : 0;
}

/** Whether values stand more than once. */
export function haveRepeats(values: FloatArray, mask: Uint8Array | undefined): boolean {
  const halves = wordsOf(values);
  const double = values instanceof Float64Array;
  const bits = 18;
  const last = new Int32Array(2 ** bits).fill(-1);
  let seen = 0;
  let looked = 0;
  for (let i = 0; i < values.length; i++) {
    if (mask?.[i]) continue;
    const a = double ? halves[2 * i] : halves[i];
    const b = double ? halves[2 * i + 1] : 0;
    const slot = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) >>> (32 - bits);
    const before = last[slot];
    last[slot] = i;
    looked++;
    if (before < 0) continue;
    const same = double
      ? halves[2 * before] === a && halves[2 * before + 1] === b
      : halves[before] === a;
    if (same) seen++;
  }
  return seen > looked * LEAST_SEEN;
}

/**
 * Distances at which values of a row are closer to each other than near ones are: cells of an
 * unstructured grid that lie alike on its faces. The closest first.
 */
export function farLags(values: FloatArray): number[] {
  const { length } = values;
  if (length < 2000 || length > MOST_LAG_VALUES) return [];
  const differences = new Float64Array(LAG_SAMPLES + 2);
  const median = (lag: number, samples: number) => {
    const step = Math.max(1, Math.floor((length - lag) / samples));
    let count = 0;
    for (let i = lag; i < length && count < samples; i += step) {
      const difference = Math.abs(values[i] - values[i - lag]);
      differences[count++] = difference < 1e100 ? difference : 1e100;
    }
    return differences.subarray(0, count).sort()[count >> 1];
  };
  let near = Number.POSITIVE_INFINITY;
  for (let lag = 1; lag <= NEAR; lag++) near = Math.min(near, median(lag, LAG_SAMPLES));
  const close: { lag: number; score: number }[] = [];
  for (let lag = NEAR + 1; lag < length / 2; lag++) {
    const score = median(lag, GLANCE);
    if (score < near * CLOSER) close.push({ lag, score });
  }
  close.sort((a, b) => a.score - b.score || a.lag - b.lag);
  const found = close
    .slice(0, SECOND_LOOKS)
    .map(({ lag }) => ({ lag, score: median(lag, LAG_SAMPLES) }))
    .filter(({ score }) => score < near * CLOSER);
  found.sort((a, b) => a.score - b.score || a.lag - b.lag);
  const lags: number[] = [];
  for (const { lag } of found) {
    if (lags.length === MOST_LAGS) break;
    if (lags.every((other) => Math.abs(other - lag) > 1)) lags.push(lag);
  }
  return lags;
}
