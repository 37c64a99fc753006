/**
 * A mask (1 for a masked value, 0 for another; one byte a value) under an adaptive binary range coder
 * after LZMA's: 12-bit probabilities, 32-bit range, one byte at a time. The context of a value is made
 * of seven neighbours that come before it: W, WW, N, NN, NW, NE in its slice, and the one straight
 * behind in the slice (else the outer block) before. What lies outside counts as not masked.
 */

const CONTEXTS: usize = 128;
const SHIFT: u32 = 4;
const PROBABILITIES: usize = memory.data(128 * 2, 16);

function reset(): void {
  for (let k: usize = 0; k < CONTEXTS; k++) store<u16>(PROBABILITIES + (k << 1), 2048);
}

/** Address of the probability (of a 0) that is used for the value at (s, y, x). `row` is the row's start. */
// @ts-ignore: decorator
@inline
function contextOf(row: usize, x: i32, y: i32, width: i32, previous: usize): usize {
  const at = row + <usize>x;
  let context: u32 = 0;
  if (x > 0) context |= <u32>load<u8>(at - 1);
  if (x > 1) context |= <u32>load<u8>(at - 2) << 1;
  if (y > 0) {
    const north = at - <usize>width;
    context |= <u32>load<u8>(north) << 2;
    if (x > 0) context |= <u32>load<u8>(north - 1) << 3;
    if (x + 1 < width) context |= <u32>load<u8>(north + 1) << 4;
    if (y > 1) context |= <u32>load<u8>(north - <usize>width) << 5;
  }
  if (previous) context |= <u32>load<u8>(previous + <usize>x) << 6;
  return PROBABILITIES + <usize>(context << 1);
}

/** The row straight behind row y of slice s, or 0. */
// @ts-ignore: decorator
@inline
function rowBehind(row: usize, s: i32, depth: i32, height: i32, width: i32): usize {
  const slice = <usize>height * <usize>width;
  if (s % depth > 0) return row - slice;
  return s >= depth ? row - slice * <usize>depth : 0;
}

let low: u64 = 0;
let range: u32 = 0;
let cache: u32 = 0;
let pendingBytes: u32 = 0;
let to: usize = 0;

function shiftLow(): void {
  if (<u32>low < 0xff000000 || low > 0xffffffff) {
    const carry = <u32>(low >> 32);
    store<u8>(to++, <u8>(cache + carry));
    for (; pendingBytes > 0; pendingBytes--) store<u8>(to++, <u8>(0xff + carry));
    cache = <u32>low >> 24;
  } else {
    pendingBytes++;
  }
  low = <u64>(<u32>low << 8);
}

/** Writes the mask's code from `out` on and returns its end. */
export function encodeMask(mask: usize, slices: i32, depth: i32, height: i32, width: i32, out: usize): usize {
  reset();
  low = 0;
  range = 0xffffffff;
  cache = 0;
  pendingBytes = 0;
  to = out;
  for (let s = 0; s < slices; s++) {
    for (let y = 0; y < height; y++) {
      const row = mask + (<usize>s * <usize>height + <usize>y) * <usize>width;
      const previous = rowBehind(row, s, depth, height, width);
      for (let x = 0; x < width; x++) {
        const context = contextOf(row, x, y, width, previous);
        const probability = <u32>load<u16>(context);
        const bound = (range >> 12) * probability;
        if (load<u8>(row + <usize>x)) {
          low += bound;
          range -= bound;
          store<u16>(context, <u16>(probability - (probability >> SHIFT)));
        } else {
          range = bound;
          store<u16>(context, <u16>(probability + ((4096 - probability) >> SHIFT)));
        }
        while (range < 1 << 24) {
          range <<= 8;
          shiftLow();
        }
      }
    }
  }
  for (let k = 0; k < 5; k++) shiftLow();
  return to;
}

/** Decodes a mask; false where its code does not end at `end`. Never reads at or behind `end`. */
export function decodeMask(
  mask: usize, slices: i32, depth: i32, height: i32, width: i32, from: usize, end: usize,
): bool {
  reset();
  let r: u32 = 0xffffffff;
  let code: u32 = 0;
  if (end - from < 5) return false;
  for (let k = 0; k < 5; k++) code = (code << 8) | <u32>load<u8>(from++);
  for (let s = 0; s < slices; s++) {
    for (let y = 0; y < height; y++) {
      const row = mask + (<usize>s * <usize>height + <usize>y) * <usize>width;
      const previous = rowBehind(row, s, depth, height, width);
      for (let x = 0; x < width; x++) {
        const context = contextOf(row, x, y, width, previous);
        const probability = <u32>load<u16>(context);
        const bound = (r >> 12) * probability;
        if (code >= bound) {
          code -= bound;
          r -= bound;
          store<u8>(row + <usize>x, 1);
          store<u16>(context, <u16>(probability - (probability >> SHIFT)));
        } else {
          r = bound;
          store<u8>(row + <usize>x, 0);
          store<u16>(context, <u16>(probability + ((4096 - probability) >> SHIFT)));
        }
        while (r < 1 << 24) {
          if (from == end) return false;
          r <<= 8;
          code = (code << 8) | <u32>load<u8>(from++);
        }
      }
    }
  }
  return from == end;
}
