/**
 * Learned feature grids: features of the 2^d nodes around a point, multilinearly weighted. Nodes span
 * -1 to 1 along every axis; a point outside counts as the nearest one inside. A corner of a cell is
 * 8 bytes: byte offset of its node, weight; the tile's corners are kept for the way back.
 */
import { multiplyAdd, rowStride } from "../matrix/kernel";
import { LEVEL_COLUMN, LEVEL_FEATURES, LEVEL_NODES, LEVEL_VALUES_AT, TILE_ROWS } from "../offsets";

const ROWS: usize = TILE_ROWS;

/**
 * Stores the corners around one point; the corner of bit a lies one node further along axis a. With an axis
 * `along` (else -1) the weights are those of the derivative along it: of the cell further along at a node, 0
 * outside.
 */
function cornersOf(point: usize, dimensions: i32, level: usize, corners: usize, along: i32): void {
  let step = load<i32>(level, LEVEL_FEATURES) << 2;
  store<i32>(corners, 0);
  store<f32>(corners, 1, 4);
  let count: usize = 8;
  // The last axis runs fastest.
  for (let axis = dimensions - 1; axis >= 0; axis--) {
    const nodes = load<i32>(level + (<usize>axis << 2), LEVEL_NODES);
    const last = <f32>(nodes - 1);
    const free = (load<f32>(point + (<usize>axis << 2)) + 1) * 0.5 * last;
    const place = min<f32>(max<f32>(free, 0), last);
    const cell = min<i32>(<i32>place, max<i32>(nodes - 2, 0));
    let far = place - <f32>cell, near: f32 = 1 - far;
    if (axis == along) {
      far = free == place ? 0.5 * last : 0;
      near = -far;
    }
    const next = nodes > 1 ? step : 0;
    for (let at = corners; at < corners + count; at += 8) {
      const offset = load<i32>(at) + cell * step, weight = load<f32>(at, 4);
      store<i32>(at, offset);
      store<f32>(at, weight * near, 4);
      store<i32>(at + count, offset + next);
      store<f32>(at + count, weight * far, 4);
    }
    count <<= 1;
    step *= nodes;
  }
}

/**
 * Features of a tile's points on one level, or their derivatives along an axis (`along`, else -1); fills
 * `corners` (8 << dimensions bytes a row).
 */
export function gridFeatures(
  coordinates: usize, dimensions: i32, parameters: usize, level: usize, corners: usize, to: usize, width: i32, along: i32,
): void {
  const stride = rowStride(width), bytes = <usize>load<i32>(level, LEVEL_FEATURES) << 2;
  const values = parameters + load<u32>(level, LEVEL_VALUES_AT), size = <usize>8 << dimensions;
  to += <usize>load<i32>(level, LEVEL_COLUMN) << 2;
  for (let i: usize = 0; i < ROWS; i++, coordinates += 16, corners += size, to += stride) {
    cornersOf(coordinates, dimensions, level, corners, along);
    for (let j: usize = 0; j < bytes; j += 16) {
      let sum = f32x4.splat(0);
      for (let corner = corners; corner < corners + size; corner += 8) {
        sum = multiplyAdd(v128.load32_splat(corner, 4), v128.load(values + j + load<u32>(corner)), sum);
      }
      v128.store(to + j, sum);
    }
  }
}

/** Adds to the gradients of the nodes that `gridFeatures` has looked at. */
export function gridBackward(dimensions: i32, deltas: usize, width: i32, level: usize, corners: usize, gradients: usize): void {
  const stride = rowStride(width), bytes = <usize>load<i32>(level, LEVEL_FEATURES) << 2;
  const size = <usize>8 << dimensions;
  gradients += load<u32>(level, LEVEL_VALUES_AT);
  deltas += <usize>load<i32>(level, LEVEL_COLUMN) << 2;
  for (let i: usize = 0; i < ROWS; i++, corners += size, deltas += stride) {
    for (let corner = corners; corner < corners + size; corner += 8) {
      const weight = v128.load32_splat(corner, 4), to = gradients + load<u32>(corner);
      for (let j: usize = 0; j < bytes; j += 16) {
        v128.store(to + j, multiplyAdd(weight, v128.load(deltas + j), v128.load(to + j)));
      }
    }
  }
}
