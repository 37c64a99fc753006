/**
 * Values that are copies of earlier ones (cell corners, symmetric grids, repeated levels). Per value
 * that is not masked, in C order, a choice: 0 no copy; 1 to 4 one of the four distances that were used
 * last; 5 a new distance. Distances are in values, 1 to the value's own index. The one used moves to
 * the front; the list starts as 1, 2, width, height * width.
 *
 * The choice is coded in unary, each bit under the two choices before; a new distance as its number of
 * bits in unary (adaptive) and the bits below the leading one.
 */
import {
  decodeBit, decodeEvenBit, decoderIsDone, decoderIsWhole, encodeBit, encodeEvenBit, encodeUnaries, finishEncoder,
  resetProbabilities, startDecoder, startEncoder,
} from "../binary/kernel";

const NEW: u32 = 5;
/** Five bits under 36 contexts, then 32 bits for lengths. */
const CHOICES: usize = memory.data(5 * 36 * 2, 16);
const LENGTHS: usize = memory.data(32 * 2, 16);
const RECENT: usize = memory.data(4 * 4, 16);
/** What a copied value's mask byte is. */
export const COPIED: u8 = 2;

function start(height: i32, width: i32): void {
  resetProbabilities(CHOICES, 5 * 36);
  resetProbabilities(LENGTHS, 32);
  store<u32>(RECENT, 1);
  store<u32>(RECENT, 2, 4);
  store<u32>(RECENT, width, 8);
  store<u32>(RECENT, height * width, 12);
}

// @ts-ignore: decorator
@inline
function choiceBit(context: u32, bit: u32): usize {
  return CHOICES + <usize>((context * 5 + bit) << 1);
}

/** Moves `distance` to the front; `place` is where it is, 4 for one that is not in the list. */
function remember(distance: u32, place: u32): void {
  for (let k: i32 = min<i32>(place, 3); k > 0; k--) {
    store<u32>(RECENT + (<usize>k << 2), load<u32>(RECENT + (<usize>(k - 1) << 2)));
  }
  store<u32>(RECENT, distance);
}

/**
 * Decodes copies: sets COPIED in `mask` and the distance of every copied value. False where the code
 * does not end with its section or a distance leads before the first value.
 */
export function decodeCopies(
  mask: usize, distances: usize, count: u32, height: i32, width: i32, code: usize, length: u32,
): bool {
  start(height, width);
  if (!startDecoder(code, length)) return false;
  let context: u32 = 0, last: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(mask + <usize>i)) continue;
    let choice: u32 = 0;
    while (choice < NEW && decodeBit(choiceBit(context, choice))) choice++;
    // Unary from "copied at all" on: 0, 10, 110, 1110, 11110, 11111.
    context = last * 6 + choice;
    last = choice;
    if (choice == 0) continue;
    let distance: u32;
    if (choice == NEW) {
      let bits: u32 = 0;
      while (bits < 31 && decodeBit(LENGTHS + <usize>(bits << 1))) bits++;
      distance = 1;
      for (let k: u32 = 0; k < bits; k++) distance = (distance << 1) | decodeEvenBit();
      remember(distance, 4);
    } else {
      distance = load<u32>(RECENT + (<usize>(choice - 1) << 2));
      remember(distance, choice - 1);
    }
    if (distance > i || !decoderIsWhole()) return false;
    store<u8>(mask + <usize>i, COPIED);
    store<u32>(distances + (<usize>i << 2), distance);
  }
  return decoderIsDone();
}

/** Choices that are made before they are coded. */
const STRETCH: usize = 1024;
const PENDING: usize = memory.data(1024, 16);

/** Writes the copies' code from `out` on and returns its end; `mask` and `distances` as `decodeCopies` sets them. */
export function encodeCopies(mask: usize, distances: usize, count: u32, height: i32, width: i32, out: usize): usize {
  start(height, width);
  startEncoder(out);
  let context: u32 = 0;
  let pending: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const kind = load<u8>(mask + <usize>i);
    if (kind != 0 && kind != COPIED) continue;
    let choice: u32 = 0;
    let distance: u32 = 0;
    if (kind == COPIED) {
      distance = load<u32>(distances + (<usize>i << 2));
      choice = 1;
      while (choice < NEW && load<u32>(RECENT + (<usize>(choice - 1) << 2)) != distance) choice++;
      if (choice > 1) remember(distance, choice - 1);
    }
    store<u8>(PENDING + pending++, <u8>choice);
    if (pending < STRETCH && choice != NEW) continue;
    context = codeChoices(pending, context);
    pending = 0;
    if (choice == NEW) {
      const bits: u32 = 31 - clz<u32>(distance);
      for (let k: u32 = 0; k < bits; k++) encodeBit(LENGTHS + <usize>(k << 1), 1);
      if (bits < 31) encodeBit(LENGTHS + <usize>(bits << 1), 0);
      for (let k = bits; k > 0; k--) encodeEvenBit((distance >> (k - 1)) & 1);
    }
  }
  codeChoices(pending, context);
  return finishEncoder();
}

/** Codes the pending choices; returns the context of the next. */
function codeChoices(pending: usize, context: u32): u32 {
  encodeUnaries(PENDING, pending, NEW, CHOICES, context);
  for (let k: usize = 0; k < pending; k++) context = (context % 6) * 6 + <u32>load<u8>(PENDING + k);
  return context;
}
