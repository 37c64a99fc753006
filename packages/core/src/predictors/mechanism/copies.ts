import type { FloatArray } from "../../array/data-type.js";
import { wordsOf } from "./mask.js";

/** Values in a row that are looked at to see whether any repeat at all. */
const WINDOW = 4096;
/** Share of the window that must have been there before. */
const LEAST_REPEATED = 0.1;
/** Values on which copies are tried first, and the share of them that must turn out copies. */
const TRIAL = 16384;
const LEAST_COPIED = 0.2;
/** About what coding a new distance takes, in bits. */
const NEW_DISTANCE_BITS = 24;
/** Share of a value's bits that prediction leaves to be coded, about. */
const LEFT_BY_PREDICTION = 0.5;
/** Matches are not followed further than this to see which is longest. */
const LONGEST = 64;

/** Which values are copies of earlier ones, and from how many values before. */
export interface Copies {
  /** The mask given, with 2 for a copied value. */
  readonly mask: Uint8Array;
  readonly distances: Uint32Array;
}

/**
 * Finds values that lie in the field already, bit for bit: cell corners that four cells share, symmetric
 * or repeated grids, levels that stand again. Greedy: the longest match at one of the four distances
 * used last, or at a new distance if it is longer by what a distance costs. `field` is as it will be
 * predicted from: masked values filled, values on their lattices. Undefined where little repeats.
 */
export function findCopies(
  field: FloatArray,
  mask: Uint8Array | undefined,
  recent: readonly number[],
): Copies | undefined {
  // A trial on a part decides whether the whole is worth the time.
  const from = Math.max(0, Math.floor((field.length - TRIAL) / 2));
  const part = field.subarray(from, from + TRIAL);
  const kinds = mask?.slice(from, from + TRIAL) ?? new Uint8Array(part.length);
  let free = 0;
  for (const kind of kinds) if (kind === 0) free++;
  if (parse(part, kinds, new Uint32Array(part.length), recent) < free * LEAST_COPIED)
    return undefined;
  const whole = mask?.slice() ?? new Uint8Array(field.length);
  const distances = new Uint32Array(field.length);
  return parse(field, whole, distances, recent) > 0 ? { mask: whole, distances } : undefined;
}

/** Marks copies in `kinds` (2) and `distances`; returns how many. */
function parse(
  field: FloatArray,
  kinds: Uint8Array,
  distances: Uint32Array,
  recent: readonly number[],
): number {
  const words = wordsOf(field);
  const count = words.length;
  // Where a value, and where it with its successor, stood last; 1 + index, 0 for nowhere.
  const last = new Int32Array(1 << 17);
  const lastPair = new Int32Array(1 << 17);
  const benefit = field.BYTES_PER_ELEMENT * 8 * LEFT_BY_PREDICTION;
  const four = [...recent];
  const hashes = hashesOf(field);
  const matchAt = (i: number, distance: number) => {
    let length = 0;
    if (distance < 1 || distance > i) return 0;
    while (
      length < LONGEST &&
      i + length < count &&
      words[i + length] === words[i + length - distance]
    ) {
      length++;
    }
    return length;
  };
  let copied = 0;
  for (let i = 0; i < count; i++) {
    if (kinds[i] === 0) {
      let best = 0;
      let length = 0;
      for (const distance of four) {
        const found = matchAt(i, distance);
        if (found > length) [best, length] = [distance, found];
      }
      let gain = length > 0 ? length * benefit : NEW_DISTANCE_BITS / 4;
      for (const before of [lastPair[pairOf(hashes, i)], last[hashes[i]]]) {
        const distance = before > 0 ? i + 1 - before : 0;
        const found = matchAt(i, distance);
        if (found * benefit - NEW_DISTANCE_BITS > gain) {
          [best, gain] = [distance, found * benefit - NEW_DISTANCE_BITS];
        }
      }
      if (best > 0) {
        kinds[i] = 2;
        distances[i] = best;
        copied++;
        const place = four.indexOf(best);
        four.splice(place < 0 ? 3 : place, 1);
        four.unshift(best);
      }
    }
    last[hashes[i]] = i + 1;
    lastPair[pairOf(hashes, i)] = i + 1;
  }
  return copied;
}

/** Whether a tenth of a window from the middle was there before in it. */
export function mayRepeat(field: FloatArray, mask: Uint8Array | undefined): boolean {
  const words = wordsOf(field);
  const from = Math.max(0, Math.floor((words.length - WINDOW) / 2));
  const to = Math.min(words.length, from + WINDOW);
  const seen = new Set<number | bigint>();
  let looked = 0;
  let again = 0;
  for (let i = from; i < to; i++) {
    if (mask?.[i] === 1) continue;
    looked++;
    if (seen.has(words[i])) again++;
    seen.add(words[i]);
  }
  return looked >= 64 && again > looked * LEAST_REPEATED;
}

/** A 17-bit hash of every value's bits. */
function hashesOf(field: FloatArray): Uint32Array {
  const halves = new Uint32Array(field.buffer, field.byteOffset, field.byteLength / 4);
  const perValue = field.BYTES_PER_ELEMENT / 4;
  return Uint32Array.from({ length: field.length }, (_, i) => {
    let hash = Math.imul(halves[i * perValue], 0x9e3779b1);
    if (perValue === 2) hash = Math.imul(hash ^ halves[i * 2 + 1] ^ (hash >>> 15), 0x85ebca77);
    return (hash ^ (hash >>> 13)) >>> 15;
  });
}

function pairOf(hashes: Uint32Array, i: number): number {
  const next = i + 1 < hashes.length ? hashes[i + 1] : 0;
  return (Math.imul(hashes[i], 0x9e3779b1) ^ Math.imul(next, 0xc2b2ae3d)) >>> 15;
}
