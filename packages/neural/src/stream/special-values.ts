/**
 * Values that no network is to learn: NaN, infinities, fill values. They come back bit for bit under every
 * guarantee: the frequent ones as masks, the rest as exceptions.
 */
import { bytesOf, type FloatArray, limits } from "@fieldzip/core";
import { findMask } from "@fieldzip/core/stream";

export interface SpecialValues {
  /** The bytes of each. */
  readonly patterns: readonly Uint8Array[];
  /** A byte a value: 0, or one more than the number of its pattern. */
  readonly mask: Uint8Array;
  /** Places of special values that have none of these patterns, ascending. */
  readonly rare: readonly number[];
  /** Those that are finite, as numbers: nothing else may come back as one of them. */
  readonly fills: readonly number[];
}

/** A pattern that occurs less often is cheaper among the exceptions. */
const LEAST = 3;
/** Patterns that are counted: NaN with a payload of its own each are no fill values. */
const COUNTED = 4096;

/**
 * `fillValues`: what the variables' attributes call missing. Beside these, NaN and infinities are found, and
 * a value of implausible size that is frequent. Undefined without any.
 */
export function findSpecialValues(
  values: FloatArray,
  fillValues: readonly number[] = [],
): SpecialValues | undefined {
  const bits = bitsReader(values);
  const frequent = findMask(values);
  const given = frequent && !frequent.ordinary ? [...fillValues, frequent.fill] : fillValues;
  const fills = [
    ...new Set(given.map((fill) => (values instanceof Float32Array ? Math.fround(fill) : fill))),
  ].filter(Number.isFinite);
  const isSpecial = (i: number) => values[i] - values[i] !== 0 || fills.includes(values[i]);
  const counts = new Map<number | bigint, { place: number; count: number }>();
  for (let i = 0; i < values.length; i++) {
    if (!isSpecial(i)) continue;
    const pattern = bits(i);
    const found = counts.get(pattern);
    if (found) found.count++;
    else if (counts.size < COUNTED) counts.set(pattern, { place: i, count: 1 });
  }
  if (counts.size === 0) return undefined;
  const chosen = [...counts.entries()]
    .filter(([, { count }]) => count >= LEAST)
    .sort(([, a], [, b]) => b.count - a.count || a.place - b.place)
    .slice(0, limits.network.masks);
  const numbers = new Map(chosen.map(([pattern], k) => [pattern, k + 1]));
  const mask = new Uint8Array(values.length);
  const rare: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (!isSpecial(i)) continue;
    const number = numbers.get(bits(i));
    if (number) mask[i] = number;
    else rare.push(i);
  }
  const size = values.BYTES_PER_ELEMENT;
  const bytes = bytesOf(values);
  const patterns = chosen.map(([, { place }]) => bytes.slice(place * size, (place + 1) * size));
  return { patterns, mask, rare, fills };
}

/** The bits of value i, to be compared. */
function bitsReader(values: FloatArray): (i: number) => number | bigint {
  const { buffer, byteOffset, length } = values;
  const words =
    values instanceof Float32Array
      ? new Uint32Array(buffer, byteOffset, length)
      : new BigUint64Array(buffer, byteOffset, length);
  return (i) => words[i];
}
