/**
 * Products of a tile of rows with weights. Weights lie in panels of 8 output columns: panel, input,
 * 8 floats. Every sum runs over its index in order, in one accumulator: the strict build rounds each
 * product and each sum, the relaxed one may fuse the two.
 */
import { ROW_SKEW, TILE_ROWS } from "../offsets";

const ROWS: usize = TILE_ROWS;
/** Bytes of a row of a panel. */
const PANEL_ROW: usize = 32;

/** Bytes from row to row of a tile of so many columns. */
// @ts-ignore: decorator
@inline
export function rowStride(columns: i32): usize {
  return (<usize>columns << 2) + ROW_SKEW;
}

/** sum + x * w */
// @ts-ignore: decorator
@inline
export function multiplyAdd(x: v128, w: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, w, sum);
  return f32x4.add(sum, f32x4.mul(x, w));
}

/**
 * A tile's rows by fours, one column's four numbers after another: so that a product finds all it needs at
 * one address. 16 bytes a column and four rows.
 */
function pack(from: usize, columns: i32, to: usize): void {
  const stride = rowStride(columns), bytes = <usize>columns << 2;
  for (let i: usize = 0; i < ROWS; i += 4, from += 4 * stride) {
    for (let at = from; at < from + bytes; at += 16, to += 64) {
      const r0 = v128.load(at), r1 = v128.load(at + stride), r2 = v128.load(at + 2 * stride), r3 = v128.load(at + 3 * stride);
      const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7), d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(to, v128.shuffle<i64>(a, b, 1, 3), 16);
      v128.store(to, v128.shuffle<i64>(c, d, 0, 2), 32);
      v128.store(to, v128.shuffle<i64>(c, d, 1, 3), 48);
    }
  }
}

/** to = bias + from * weights for a tile; `bias` 0 where there is none. `packed`: room for the tile `from`. */
export function forward(
  from: usize, inputs: i32, weights: usize, bias: usize, to: usize, outputs: i32, packed: usize,
): void {
  const toStride = rowStride(outputs), panelBytes = PANEL_ROW * <usize>inputs;
  pack(from, inputs, packed);
  for (let j: usize = 0; j < <usize>outputs << 2; j += 32, weights += panelBytes) {
    const b0 = bias ? v128.load(bias + j) : f32x4.splat(0), b1 = bias ? v128.load(bias + j, 16) : f32x4.splat(0);
    const end = weights + panelBytes;
    let x = packed;
    for (let i: usize = 0; i < ROWS; i += 4) {
      let s00 = b0, s01 = b1, s10 = b0, s11 = b1, s20 = b0, s21 = b1, s30 = b0, s31 = b1;
      for (let w = weights; w < end; w += PANEL_ROW, x += 16) {
        const w0 = v128.load(w), w1 = v128.load(w, 16);
        let x0 = v128.load32_splat(x);
        s00 = multiplyAdd(x0, w0, s00);
        s01 = multiplyAdd(x0, w1, s01);
        x0 = v128.load32_splat(x, 4);
        s10 = multiplyAdd(x0, w0, s10);
        s11 = multiplyAdd(x0, w1, s11);
        x0 = v128.load32_splat(x, 8);
        s20 = multiplyAdd(x0, w0, s20);
        s21 = multiplyAdd(x0, w1, s21);
        x0 = v128.load32_splat(x, 12);
        s30 = multiplyAdd(x0, w0, s30);
        s31 = multiplyAdd(x0, w1, s31);
      }
      const c = to + i * toStride + j;
      v128.store(c, s00);
      v128.store(c, s01, 16);
      v128.store(c + toStride, s10);
      v128.store(c + toStride, s11, 16);
      v128.store(c + 2 * toStride, s20);
      v128.store(c + 2 * toStride, s21, 16);
      v128.store(c + 3 * toStride, s30);
      v128.store(c + 3 * toStride, s31, 16);
    }
  }
}

/** to *= other, element by element: a row is a whole number of vectors, skew included. */
export function multiplyTile(to: usize, other: usize, columns: i32): void {
  for (const end = to + ROWS * rowStride(columns); to < end; to += 16, other += 16) {
    v128.store(to, f32x4.mul(v128.load(to), v128.load(other)));
  }
}

/** gradients (panels) += transposed inputs * deltas, over the rows of a tile. */
export function accumulate(from: usize, inputs: i32, deltas: usize, outputs: i32, gradients: usize): void {
  const fromStride = rowStride(inputs), deltaStride = rowStride(outputs);
  const bytes = fromStride * ROWS;
  for (let j: usize = 0; j < <usize>outputs << 2; j += 32) {
    for (let i: usize = 0; i < <usize>inputs << 2; i += 16, gradients += 4 * PANEL_ROW) {
      let s00 = v128.load(gradients), s01 = v128.load(gradients, 16);
      let s10 = v128.load(gradients, 32), s11 = v128.load(gradients, 48);
      let s20 = v128.load(gradients, 64), s21 = v128.load(gradients, 80);
      let s30 = v128.load(gradients, 96), s31 = v128.load(gradients, 112);
      let d = deltas + j;
      const end = from + i + bytes;
      for (let a = from + i; a < end; a += fromStride, d += deltaStride) {
        const d0 = v128.load(d), d1 = v128.load(d, 16);
        let x = v128.load32_splat(a);
        s00 = multiplyAdd(x, d0, s00);
        s01 = multiplyAdd(x, d1, s01);
        x = v128.load32_splat(a, 4);
        s10 = multiplyAdd(x, d0, s10);
        s11 = multiplyAdd(x, d1, s11);
        x = v128.load32_splat(a, 8);
        s20 = multiplyAdd(x, d0, s20);
        s21 = multiplyAdd(x, d1, s21);
        x = v128.load32_splat(a, 12);
        s30 = multiplyAdd(x, d0, s30);
        s31 = multiplyAdd(x, d1, s31);
      }
      v128.store(gradients, s00);
      v128.store(gradients, s01, 16);
      v128.store(gradients, s10, 32);
      v128.store(gradients, s11, 48);
      v128.store(gradients, s20, 64);
      v128.store(gradients, s21, 80);
      v128.store(gradients, s30, 96);
      v128.store(gradients, s31, 112);
    }
  }
}

/** gradients += sums of the deltas' columns. */
export function accumulateBias(deltas: usize, outputs: i32, gradients: usize): void {
  const stride = rowStride(outputs), bytes = stride * ROWS;
  for (let j: usize = 0; j < <usize>outputs << 2; j += 16) {
    let sum = v128.load(gradients + j);
    const end = deltas + j + bytes;
    for (let d = deltas + j; d < end; d += stride) sum = f32x4.add(sum, v128.load(d));
    v128.store(gradients + j, sum);
  }
}

/** Panels of the transposed weights: every block of 8 x 8 stays together, turned. */
export function transpose(weights: usize, inputs: i32, outputs: i32, to: usize): void {
  for (let k: usize = 0; k < <usize>inputs; k += 8) {
    for (let n: usize = 0; n < <usize>outputs; n += 8, to += 256) {
      const block = weights + (n * <usize>inputs + k * 8) * 4;
      for (let r: usize = 0; r < 256; r += 32) {
        for (let c: usize = 0; c < 256; c += 32) {
          store<f32>(to + r + (c >> 3), load<f32>(block + c + (r >> 3)));
        }
      }
    }
  }
}
