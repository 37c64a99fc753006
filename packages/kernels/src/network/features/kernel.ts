/**
 * Learned Fourier features (Tancik et al., arXiv:2006.10739; learned as published): sin and cos of
 * 2 pi (B v + p), B and p in turns. The parameters hold a row of frequencies an axis, then the phases;
 * rows of `columns` floats, of which the first `count` count. Also the plain coordinates.
 */
import { storeSineCosine } from "../../sine32/kernel";
import { multiplyAdd, rowStride } from "../matrix/kernel";
import { TILE_ROWS } from "../offsets";

const ROWS: usize = TILE_ROWS;

/** Columns of padding become 0. `to` is the first sine of the first row, whose tile is `width` columns wide. */
export function fourier(
  coordinates: usize, dimensions: i32, parameters: usize, count: i32, columns: i32, to: usize, width: i32,
): void {
  const bytes = <usize>columns << 2, stride = rowStride(width);
  const phases = parameters + bytes * <usize>dimensions;
  for (let i: usize = 0; i < ROWS; i++, coordinates += 16, to += stride) {
    for (let j: usize = 0; j < bytes; j += 16) {
      let turns = v128.load(phases + j), b = parameters + j;
      for (let axis: usize = 0; axis < <usize>dimensions; axis++, b += bytes) {
        turns = f32x4.add(turns, f32x4.mul(v128.load32_splat(coordinates + (axis << 2)), v128.load(b)));
      }
      storeSineCosine(turns, to + j, to + bytes + j);
    }
    for (let j = <usize>count << 2; j < bytes; j += 4) {
      store<f32>(to + j, 0);
      store<f32>(to + bytes + j, 0);
    }
  }
}

/** Adds to the gradients of frequencies and phases; `deltas` and `features` point to the first sine. */
export function fourierBackward(
  coordinates: usize, dimensions: i32, features: usize, deltas: usize, width: i32, columns: i32, gradients: usize,
): void {
  const bytes = <usize>columns << 2, stride = rowStride(width);
  for (let i: usize = 0; i < ROWS; i++, coordinates += 16, features += stride, deltas += stride) {
    for (let j: usize = 0; j < bytes; j += 16) {
      const ascent = f32x4.mul(v128.load(deltas + j), v128.load(features + bytes + j));
      const descent = f32x4.mul(v128.load(deltas + bytes + j), v128.load(features + j));
      const turns = f32x4.mul(f32x4.splat(6.283185307179586), f32x4.sub(ascent, descent));
      let to = gradients + j;
      for (let axis: usize = 0; axis < <usize>dimensions; axis++, to += bytes) {
        v128.store(to, multiplyAdd(v128.load32_splat(coordinates + (axis << 2)), turns, v128.load(to)));
      }
      v128.store(to, f32x4.add(v128.load(to), turns));
    }
  }
}

/** Derivatives along an axis, whose row of frequencies is given; `features` and `to` point to the first sine. */
export function fourierDerivative(features: usize, frequencies: usize, columns: i32, to: usize, width: i32): void {
  const bytes = <usize>columns << 2, stride = rowStride(width);
  for (let i: usize = 0; i < ROWS; i++, features += stride, to += stride) {
    for (let j: usize = 0; j < bytes; j += 16) {
      const slope = f32x4.mul(f32x4.splat(6.283185307179586), v128.load(frequencies + j));
      v128.store(to + j, f32x4.mul(slope, v128.load(features + bytes + j)));
      v128.store(to + bytes + j, f32x4.neg(f32x4.mul(slope, v128.load(features + j))));
    }
  }
}

/** No mapping: the coordinates are the features. */
export function plain(coordinates: usize, to: usize, width: i32): void {
  const stride = rowStride(width);
  for (let i: usize = 0; i < ROWS; i++, coordinates += 16, to += stride) v128.store(to, v128.load(coordinates));
}

/** Their derivatives along an axis. */
export function plainDerivative(axis: i32, to: usize, width: i32): void {
  const stride = rowStride(width);
  to += <usize>axis << 2;
  for (let i: usize = 0; i < ROWS; i++, to += stride) store<f32>(to, 1);
}
