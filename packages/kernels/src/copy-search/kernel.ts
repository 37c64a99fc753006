/**
 * Finds values that lie in a field already, bit for bit. Greedy: the longest match at one of the four
 * distances used last, or at a new distance if it is longer by what a distance costs. A match is followed
 * without looking for a better one until it is about to end.
 */
import { COPIED } from "../copies/kernel";

/** Matches are not followed further than this to see which is longest. */
const LONGEST: u32 = 64;
/** About what coding a new distance takes, in bits. */
const NEW_DISTANCE_BITS: i32 = 24;
/** Values before the end of a match from which on others are looked at again. */
const NEAR_END: i32 = 4;
const RECENT: usize = memory.data(4 * 4, 16);

// @ts-ignore: decorator
@inline
function wordAt<I>(values: usize, i: u32): I {
  return load<I>(values + <usize>i * sizeof<I>());
}

// @ts-ignore: decorator
@inline
function hashOf<I>(word: I, shift: u64): usize {
  return <usize>((<u64>word * 0x9e3779b97f4a7c15) >> shift);
}

/** How many values from `i` on equal those `distance` before. */
function matchLength<I>(values: usize, i: u32, distance: u32, count: u32): i32 {
  if (distance < 1 || distance > i) return 0;
  const most = min<u32>(LONGEST, count - i);
  let length: u32 = 0;
  while (length < most && wordAt<I>(values, i + length) == wordAt<I>(values, i + length - distance)) length++;
  return length;
}

/** A distance that is in the list moves from where it is, another pushes out the last. */
function toFront(distance: u32): void {
  let place: usize = 0;
  while (place < 3 && load<u32>(RECENT + (place << 2)) != distance) place++;
  for (; place > 0; place--) store<u32>(RECENT + (place << 2), load<u32>(RECENT + ((place - 1) << 2)));
  store<u32>(RECENT, distance);
}

/**
 * Sets COPIED in `kinds` (where it is 0) and the distance of every copy; returns how many there are. I is
 * u32 or u64. `tables` has room for two tables of 2^bits u32: where a value, and where it with its
 * successor, stood last (1 + index, 0 for nowhere).
 */
export function findCopies<I>(
  values: usize, kinds: usize, distances: usize, count: u32, height: i32, width: i32, tables: usize, bits: u32,
): u32 {
  // What a copy saves: about half of a value's bits are left by prediction.
  const benefit: i32 = sizeof<I>() * 4;
  const shift = <u64>(64 - bits);
  const pairs = tables + (<usize>4 << <usize>bits);
  memory.fill(tables, 0, <usize>8 << <usize>bits);
  store<u32>(RECENT, 1);
  store<u32>(RECENT, 2, 4);
  store<u32>(RECENT, width, 8);
  store<u32>(RECENT, height * width, 12);
  let copied: u32 = 0;
  let distance: u32 = 0;
  let left: i32 = 0;
  let word = count ? wordAt<I>(values, 0) : 0;
  for (let i: u32 = 0; i < count; i++) {
    const next = i + 1 < count ? wordAt<I>(values, i + 1) : <I>0;
    const single = sizeof<I>() == 8 ? tables + (hashOf<I>(word, shift) << 2) : 0;
    const pair = pairs + (<usize>((<u64>word * 0x9e3779b97f4a7c15 + <u64>next * 0xc2b2ae3d27d4eb4f) >> shift) << 2);
    if (load<u8>(kinds + i) == 0) {
      if (left < NEAR_END) {
        left = 0;
        for (let k: usize = 0; k < 4; k++) {
          const recent = load<u32>(RECENT + (k << 2));
          if (recent > i || wordAt<I>(values, i - recent) != word) continue;
          const found = matchLength<I>(values, i, recent, count);
          if (found > left) {
            left = found;
            distance = recent;
          }
        }
        let gain = left > 0 ? left * benefit : NEW_DISTANCE_BITS / 4;
        for (let k = 0; k < (sizeof<I>() == 8 ? 2 : 1); k++) {
          // Single values of 32 bits are not worth a distance.
          const before = load<u32>(k == 0 ? pair : single);
          if (before == 0 || wordAt<I>(values, before - 1) != word) continue;
          const found = matchLength<I>(values, i, i + 1 - before, count);
          if (found * benefit - NEW_DISTANCE_BITS > gain) {
            gain = found * benefit - NEW_DISTANCE_BITS;
            left = found;
            distance = i + 1 - before;
          }
        }
        if (left > 0) toFront(distance);
      }
      if (left > 0) {
        store<u8>(kinds + i, COPIED);
        store<u32>(distances + (<usize>i << 2), distance);
        copied++;
      }
    }
    left = max(left - 1, 0);
    // What stands inside a copy stood there before, and is remembered from there.
    if (left < NEAR_END) {
      if (sizeof<I>() == 8) store<u32>(single, i + 1);
      store<u32>(pair, i + 1);
    }
    word = next;
  }
  return copied;
}
