/**
 * A mask (1 for a masked value, 0 for another; one byte a value) under the adaptive binary coder. The
 * context of a value is made of seven neighbours that come before it: W, WW, N, NN, NW, NE in its
 * slice, and the one straight behind in the slice (else the outer block) before. What lies outside
 * counts as not masked.
 */
import {
  decodeBit, decoderIsDone, decoderIsWhole, encodeBit, finishEncoder, resetProbabilities, startDecoder, startEncoder,
} from "../binary/kernel";

const CONTEXTS: usize = 128;
const PROBABILITIES: usize = memory.data(128 * 2, 16);

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

/** Writes the mask's code from `out` on and returns its end. */
export function encodeMask(mask: usize, slices: i32, depth: i32, height: i32, width: i32, out: usize): usize {
  resetProbabilities(PROBABILITIES, CONTEXTS);
  startEncoder(out);
  for (let s = 0; s < slices; s++) {
    for (let y = 0; y < height; y++) {
      const row = mask + (<usize>s * <usize>height + <usize>y) * <usize>width;
      const previous = rowBehind(row, s, depth, height, width);
      for (let x = 0; x < width; x++) {
        encodeBit(contextOf(row, x, y, width, previous), load<u8>(row + <usize>x));
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
      for (let x = 0; x < width; x++) {
        store<u8>(row + <usize>x, <u8>decodeBit(contextOf(row, x, y, width, previous)));
      }
      if (!decoderIsWhole()) return false;
    }
  }
  return decoderIsDone();
}
