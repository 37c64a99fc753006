/**
 * Values that stand in the chunk already, bit for bit: the one after (or before) the last place where the
 * value before was seen, or at one of the four distances used last in this phase. One decision a candidate.
 */
import { decide8, FAMILY, familySize, openFamily, setContext } from "./decisions";
import { phases, height, width, stride, depth, outer } from "./parameters";

const GOLDEN: u64 = 0x9e3779b97f4a7c15;
const OTHER: u64 = 0xc2b2ae3d27d4eb4f;
const CANDIDATES: i32 = 6;
const BITS: u32 = 13;
const MOST_HASH_BITS: u32 = 18;

const family: usize = memory.data(FAMILY, 16);
/** Last places + 1 by hash of one value, and of two. */
let byOne: usize = 0, byTwo: usize = 0;
let hashBits: u64 = 0;
/** Four distances a phase; what hit of late, a phase and candidate. */
let distances: usize = 0, hits: usize = 0;
let recent: u32 = 0;
let forward: i32 = -1, backward: i32 = -1, forwardLength: u32 = 0, backwardLength: u32 = 0;
const TRIED: usize = memory.data(CANDIDATES * 4, 16);

function bitsFor(count: u32): u32 {
  return min<u32>(MOST_HASH_BITS, max<u32>(8, 32 - clz<u32>(count)));
}

export function repeatsSize(count: u32): usize {
  return familySize(8, BITS, 16 + 512) + (<usize>2 << (bitsFor(count) + 2)) + <usize>phases * (16 + 4 * CANDIDATES) + 64;
}

export function openRepeats(room: usize, count: u32): void {
  const bits = bitsFor(count);
  hashBits = bits;
  byOne = openFamily(family, room, 8, BITS, 16, 512);
  byTwo = byOne + (<usize>4 << bits);
  distances = byTwo + (<usize>4 << bits);
  hits = distances + <usize>phases * 16;
  memory.fill(byOne, 0, <usize>8 << bits);
  memory.fill(hits, 0, <usize>(phases * CANDIDATES) << 2);
  for (let phase = 0; phase < phases; phase++) {
    const to = distances + (<usize>phase << 4);
    store<i32>(to, 1);
    store<i32>(to, stride > 1 ? stride : 2, 4);
    store<i32>(to, width, 8);
    store<i32>(to, outer * depth > 1 ? height * width : width + 1, 12);
  }
  recent = 0;
  forward = -1;
  backward = -1;
  forwardLength = 0;
  backwardLength = 0;
}

// @ts-ignore: decorator
@inline
function bitsAt<F>(values: usize, place: i32): u64 {
  return sizeof<F>() == 4 ? <u64>load<u32>(values + (<usize>place << 2)) : load<u64>(values + (<usize>place << 3));
}

// @ts-ignore: decorator
@inline
function distanceAt(phase: i32, k: i32): usize {
  return distances + (<usize>phase << 4) + (<usize>k << 2);
}

/** Moves a distance to the front of the phase's four; one that is not among them pushes out the last. */
function moveToFront(phase: i32, distance: i32): void {
  let k = 0;
  while (k < 3 && load<i32>(distanceAt(phase, k)) != distance) k++;
  for (; k > 0; k--) store<i32>(distanceAt(phase, k), load<i32>(distanceAt(phase, k - 1)));
  store<i32>(distanceAt(phase, 0), distance);
}

/**
 * Codes whether the value at `place` is one that was seen, and returns the place of that one, else -1.
 * `leftClass` and `level` are contexts; a candidate's value of bits `expected` is what the prediction says.
 */
export function codeRepeat<F>(
  values: usize, mask: usize, place: i32, phase: i32, leftClass: u32, level: u32, expected: u64, encoding: bool,
): i32 {
  let tried = 0;
  const wanted: u64 = encoding ? bitsAt<F>(values, place) : 0;
  for (let k = 0; k < CANDIDATES; k++) {
    const candidate = k == 0 ? forward : k == 1 ? backward : place - load<i32>(distanceAt(phase, k - 2));
    if (candidate < 0 || candidate >= place || (mask && load<u8>(mask + candidate))) continue;
    const bits = bitsAt<F>(values, candidate);
    let again = false;
    for (let m = 0; m < tried; m++) again = again || bitsAt<F>(values, load<i32>(TRIED + (<usize>m << 2))) == bits;
    if (again) continue;
    const history = hits + (<usize>(phase * CANDIDATES + k) << 2);
    const past = load<u32>(history), number = <u32>k;
    const length = min<u32>(k == 1 ? backwardLength : forwardLength, 15);
    setContext(0, number * 64 + length * 4 + (recent & 3));
    setContext(1, number * 256 + (recent & 255));
    setContext(2, number * 1024 + (<u32>phase & 15) * 64 + min<u32>(63, leftClass));
    setContext(3, number * 512 + level);
    setContext(4, number * 16 + u32(bits == expected));
    setContext(5, number * 256 + (past & 255));
    setContext(6, number);
    const hit = decide8(family, number * 2 + u32(tried > 0), number * 64 + (past & 63), u32(encoding && bits == wanted));
    store<u32>(history, past * 2 + hit);
    recent = recent * 2 + hit;
    if (hit) {
      moveToFront(phase, place - candidate);
      return candidate;
    }
    store<i32>(TRIED + (<usize>tried << 2), candidate);
    tried++;
  }
  return -1;
}

/** Takes in the value at `place`; `repeated` says that it was coded as a candidate. */
export function learnRepeat<F>(values: usize, place: i32, phase: i32, repeated: bool): void {
  const bits = bitsAt<F>(values, place), one = bits * GOLDEN;
  const before: u64 = place > 0 ? bitsAt<F>(values, place - 1) : 0;
  const slot = byOne + (<usize>(one >> (64 - hashBits)) << 2);
  const slotOfTwo = byTwo + (<usize>(((one * 3 + before * OTHER) * GOLDEN) >> (64 - hashBits)) << 2);
  let last = load<i32>(slot) - 1, lastOfTwo = load<i32>(slotOfTwo) - 1;
  if (last >= 0 && bitsAt<F>(values, last) != bits) last = -1;
  if (lastOfTwo > 0) {
    if (bitsAt<F>(values, lastOfTwo) != bits || bitsAt<F>(values, lastOfTwo - 1) != before) lastOfTwo = -1;
  } else {
    lastOfTwo = -1;
  }
  store<i32>(slot, place + 1);
  store<i32>(slotOfTwo, place + 1);
  if (!repeated && last >= 0) moveToFront(phase, place - last);
  if (forward >= 0 && bitsAt<F>(values, forward) == bits) {
    forwardLength++;
    forward++;
  } else {
    forwardLength = lastOfTwo >= 0 ? 2 : last >= 0 ? 1 : 0;
    forward = lastOfTwo >= 0 ? lastOfTwo + 1 : last >= 0 ? last + 1 : -1;
  }
  if (forwardLength < 2 && lastOfTwo >= 0) {
    forward = lastOfTwo + 1;
    forwardLength = 2;
  }
  if (backward >= 0 && bitsAt<F>(values, backward) == bits) {
    backwardLength++;
    backward--;
  } else {
    backwardLength = 0;
    backward = last - 1;
  }
}
