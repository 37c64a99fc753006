/** Copies found in plain loops: the truth that `kernel.ts` is held to. */
import type { Geometry } from "../geometry.js";

const COPIED = 2;

const MULTIPLIERS = [0x9e3779b97f4a7c15n, 0xc2b2ae3d27d4eb4fn] as const;

/**
 * Finds copies as `kernel.ts` does, with tables of 2^bits places. `words` are bit patterns, `size` the
 * bytes of one; `kinds` is changed.
 */
export function findCopiesReference(
  words: readonly bigint[],
  kinds: Uint8Array,
  { height, width }: Geometry,
  size: 4 | 8,
  bits: number,
): Uint32Array {
  const distances = new Uint32Array(words.length);
  const recent = [1, 2, width, height * width];
  const single = new Map<bigint, number>();
  const pair = new Map<bigint, number>();
  const hash = (word: bigint, next: bigint) =>
    BigInt.asUintN(64, word * MULTIPLIERS[0] + next * MULTIPLIERS[1]) >> BigInt(64 - bits);
  const matchLength = (i: number, distance: number) => {
    let length = 0;
    if (distance < 1 || distance > i) return 0;
    while (length < 64 && i + length < words.length) {
      if (words[i + length] !== words[i + length - distance]) break;
      length++;
    }
    return length;
  };
  let distance = 0;
  let left = 0;
  words.forEach((word, i) => {
    const places = [pair.get(hash(word, words[i + 1] ?? 0n))];
    if (size === 8) places.push(single.get(hash(word, 0n)));
    if (kinds[i] === 0) {
      if (left < 4) {
        left = 0;
        for (const candidate of recent) {
          const found = matchLength(i, candidate);
          if (found > left) [left, distance] = [found, candidate];
        }
        let gain = left > 0 ? left * size * 4 : 6;
        for (const before of places) {
          if (before === undefined) continue;
          const found = matchLength(i, i - before);
          if (found * size * 4 - 24 > gain) {
            [gain, left, distance] = [found * size * 4 - 24, found, i - before];
          }
        }
        if (left > 0) {
          const place = recent.indexOf(distance);
          recent.splice(place < 0 ? 3 : place, 1);
          recent.unshift(distance);
        }
      }
      if (left > 0) {
        kinds[i] = COPIED;
        distances[i] = distance;
      }
    }
    left = Math.max(left - 1, 0);
    if (left < 4) {
      single.set(hash(word, 0n), i);
      pair.set(hash(word, words[i + 1] ?? 0n), i);
    }
  });
  return distances;
}
