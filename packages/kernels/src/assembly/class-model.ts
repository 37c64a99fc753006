/** Reading of class models from side information, and of the values that were coded with them. */
import { unpackRow } from "../bits/kernel";
import { markMasked, MASKED, rowActivity, spreadClasses } from "../contexts/kernel";
import { buildTables, CLASSES, contextsOf, decodeRow, LOW, readMap, TOTAL } from "../rans/kernel";

const SLOTS: usize = memory.data(17 * 2048, 16);
const RANGES: usize = memory.data(17 * 65 * 4, 16);
const FREQUENCIES: usize = memory.data(65 * 2, 16);
const MAP: usize = memory.data(256, 16);
const STATES: usize = memory.data(32, 16);

/**
 * Reads the model at `at`: number of contexts, thresholds, class frequencies (at most `most` classes).
 * Returns where it ends, 0 where it is not one.
 */
export function readClassModel(at: usize, end: usize, most: u32): usize {
  if (end - at < 1) return 0;
  const contexts = <u32>load<u8>(at++);
  if (contexts < 1 || contexts > 16 || end - at < <usize>(contexts - 1)) return 0;
  let activity: u32 = 0;
  for (let k: u32 = 1; k < contexts; k++) {
    const threshold = <u32>load<u8>(at++);
    if (threshold < activity) return 0;
    for (; activity < threshold; activity++) store<u8>(MAP + <usize>activity, <u8>(k - 1));
  }
  for (; activity < 256; activity++) store<u8>(MAP + <usize>activity, <u8>(contexts - 1));
  // A masked value has class 0 for certain: its slots leave the state as it is.
  store<u8>(MAP + <usize>MASKED, <u8>contexts);
  readMap(MAP);
  memory.fill(SLOTS + (<usize>contexts << 11), 0, 2048);
  store<u32>(RANGES + ((<usize>contexts * CLASSES) << 2), TOTAL << 16);
  for (let k: u32 = 0; k < contexts; k++) {
    if (end - at < 2) return 0;
    const first = <u32>load<u8>(at), count = <u32>load<u8>(at, 1);
    at += 2;
    if (count < 1 || first + count > most) return 0;
    for (let n: u32 = 0; n < count; n++) {
      if (end - at < 1) return 0;
      let frequency = <u32>load<u8>(at++);
      if (frequency >= 128) {
        if (end - at < 1) return 0;
        frequency = (frequency & 127) | (<u32>load<u8>(at++) << 7);
      }
      store<u16>(FREQUENCIES + <usize>(2 * n), <u16>frequency);
    }
    if (!buildTables(SLOTS, RANGES, k, FREQUENCIES, first, count)) return 0;
  }
  return at;
}

let word: usize = 0, lastWord: usize = 0;
let bits: usize = 0, bit: u64 = 0, lastBit: u64 = 0;

/** Starts with coded values; false where the classes cannot be any. */
export function openValues(classes: usize, classesLength: u32, bitsFrom: usize, bitsLength: u32): bool {
  if (classesLength < 32) return false;
  for (let k: usize = 0; k < 32; k += 4) {
    const state = load<u32>(classes + k);
    if (state < LOW || state >= 1 << 31) return false;
    store<u32>(STATES + k, state);
  }
  word = classes + 32;
  lastWord = classes + classesLength;
  bits = bitsFrom;
  bit = 0;
  lastBit = <u64>bitsLength << 3;
  return true;
}

/**
 * Decodes the next slice, number `slice` of those of `height x width`, `depth` of them an outer block,
 * to zigzag integers at `to`. `mask` is 0 or the mask of all slices; `classRows` keeps their classes,
 * `contexts` has room for a row and 64 bytes more.
 */
export function decodeSlice<I>(
  slice: i32, depth: i32, height: i32, width: i32, bandRows: i32, mask: usize, classRows: usize, contexts: usize, to: usize,
): bool {
  const t = slice / depth, z = slice % depth;
  for (let y = 0; y < height; y++) {
    const at = (<usize>slice * <usize>height + <usize>y) * <usize>width;
    const row = classRows + at, masked = mask ? mask + at : 0;
    const known = rowActivity(classRows, t, z, y, depth, height, width, bandRows, contexts);
    if (known && masked) markMasked(contexts, masked, width);
    if (known) contextsOf(contexts, width);
    word = decodeRow(STATES, SLOTS, RANGES, known ? contexts : 0, MAP, masked, row, width, word);
    if (word > lastWord) return false;
    bit = unpackRow<I>(bits, bit, row, to, width);
    if (bit > lastBit) return false;
    if (masked) spreadClasses(row, masked, width);
    to += <usize>width * sizeof<I>();
  }
  return true;
}

/** Whether everything that was coded has been decoded. */
export function closeValues(): bool {
  if (word != lastWord || (bit + 7) >> 3 != lastBit >> 3) return false;
  for (let k: usize = 0; k < 32; k += 4) if (load<u32>(STATES + k) != LOW) return false;
  return true;
}
