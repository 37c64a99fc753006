/**
 * A mask (1 for a masked value, 0 for another; one byte a value) under the adaptive binary coder. The
 * context of a value is made of seven neighbours that come before it: W, WW, N, NN, NW, NE in its
 * slice, and the one straight behind in the slice (else the outer block) before. What lies outside
 * counts as not masked.
 */
import {
  decodeChain, decoderIsDone, decoderIsWhole, encodeChain, finishEncoder, resetProbabilities, startDecoder, startEncoder,
} from "../binary/kernel";

const CONTEXTS: usize = 128;
const PROBABILITIES: usize = memory.data(128 * 2, 16);
/** Values whose contexts are made at once, and those, but for W and WW. */
const STRETCH: usize = 256;
const REST: usize = memory.data(256, 16);

/** 1 for each of 16 masked values: copied ones (2) are not, and outside of a row stands anything. Shifted, it stays in its byte. */
// @ts-ignore: decorator
@inline
function maskedAt(at: usize): v128 {
  return v128.and(v128.load(at), i8x16.splat(1));
}

/**
 * Contexts of up to STRETCH values of row y from x on, but for W (1) and WW (2): 4 N, 8 NW, 16 NE, 32 NN
 * and 64 times the value straight behind, whose row is `previous` or 0. `row` is the row's start.
 */
function contextsFrom(row: usize, x: usize, y: i32, width: usize, previous: usize): void {
  const count = min(STRETCH, width - x);
  const north = row - width + x;
  for (let i: usize = 0; i < count; i += 16) {
    let sum = i8x16.splat(0);
    if (y > 0) {
      sum = i16x8.shl(maskedAt(north + i), 2);
      sum = v128.or(sum, i16x8.shl(maskedAt(north + i - 1), 3));
      sum = v128.or(sum, i16x8.shl(maskedAt(north + i + 1), 4));
      if (y > 1) sum = v128.or(sum, i16x8.shl(maskedAt(north + i - width), 5));
    }
    if (previous) sum = v128.or(sum, i16x8.shl(maskedAt(previous + x + i), 6));
    v128.store(REST + i, sum);
  }
  // Left and right of the row there is nothing.
  if (x == 0) store<u8>(REST, load<u8>(REST) & ~8);
  if (x + count == width) store<u8>(REST + count - 1, load<u8>(REST + count - 1) & ~16);
}

/** The row straight behind row y of slice s, or 0. */
// @ts-ignore: decorator
@inline
function rowBehind(row: usize, s: i32, depth: i32, height: i32, width: i32): usize {
  const slice = <usize>height * <usize>width;
  if (s % depth > 0) return row - slice;
  return s >= depth ? row - slice * <usize>depth : 0;
}

/** Writes the mask's code from `out` on and returns its end; `mask` may hold copied values (2), too. */
export function encodeMask(mask: usize, slices: i32, depth: i32, height: i32, width: i32, out: usize): usize {
  resetProbabilities(PROBABILITIES, CONTEXTS);
  startEncoder(out);
  for (let s = 0; s < slices; s++) {
    for (let y = 0; y < height; y++) {
      const row = mask + (<usize>s * <usize>height + <usize>y) * <usize>width;
      const previous = rowBehind(row, s, depth, height, width);
      let two: u32 = 0;
      for (let x: usize = 0; x < <usize>width; x += STRETCH) {
        contextsFrom(row, x, y, width, previous);
        two = encodeChain(row + x, REST, PROBABILITIES, min(STRETCH, <usize>width - x), two);
      }
    }
  }
  return finishEncoder();
}

/** Decodes a mask; false where its code does not end with its section. */
export function decodeMask(
  mask: usize, slices: i32, depth: i32, height: i32, width: i32, code: usize, length: u32,
): bool {
  resetProbabilities(PROBABILITIES, CONTEXTS);
  if (!startDecoder(code, length)) return false;
  for (let s = 0; s < slices; s++) {
    for (let y = 0; y < height; y++) {
      const row = mask + (<usize>s * <usize>height + <usize>y) * <usize>width;
      const previous = rowBehind(row, s, depth, height, width);
      let two: u32 = 0;
      for (let x: usize = 0; x < <usize>width; x += STRETCH) {
        contextsFrom(row, x, y, width, previous);
        two = decodeChain(row + x, REST, PROBABILITIES, min(STRETCH, <usize>width - x), two);
      }
      if (!decoderIsWhole()) return false;
    }
  }
  return decoderIsDone();
}
