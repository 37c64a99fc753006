/**
 * Learned feature grids: features of the 3^d nodes around a point, weighted by quadratic B-splines along
 * every axis. Nodes span -1 to 1; a point outside counts as the nearest one inside, and a node that would
 * lie outside is the last one inside. A corner is 8 bytes: byte offset of its node, weight; the tile's
 * corners are kept for the way back.
 */
import { multiplyAdd, rowStride } from "../matrix/kernel";
import { LEVEL_COLUMN, LEVEL_FEATURES, LEVEL_NODES, LEVEL_VALUES_AT, TILE_ROWS } from "../offsets";

const ROWS: usize = TILE_ROWS;

/** Bytes of the corners around one point on one level. */
// @ts-ignore: decorator
@inline
export function cornerBytes(dimensions: i32): usize {
  let bytes: usize = 8;
  for (let axis = 0; axis < dimensions; axis++) bytes *= 3;
  return bytes;
}

/**
 * Stores the corners around one point. With an axis `along` (else -1) the weights are those of the derivative
 * along it: 0 outside.
 */
function cornersOf(point: usize, dimensions: i32, level: usize, corners: usize, along: i32): void {
  let step = load<i32>(level, LEVEL_FEATURES) << 2;
  store<i32>(corners, 0);
  store<f32>(corners, 1, 4);
  let count: usize = 8;
  // The last axis runs fastest.
  for (let axis = dimensions - 1; axis >= 0; axis--) {
    const end = load<i32>(level + (<usize>axis << 2), LEVEL_NODES) - 1, last = <f32>end;
    const free = (load<f32>(point + (<usize>axis << 2)) + 1) * 0.5 * last;
    const place = min<f32>(max<f32>(free, 0), last);
    const nearest = min<i32>(<i32>(place + 0.5), end);
    const t = place - <f32>nearest, a: f32 = 0.5 - t, b: f32 = 0.5 + t;
    let before: f32 = 0.5 * a * a, at: f32 = 0.75 - t * t, behind: f32 = 0.5 * b * b;
    if (axis == along) {
      const slope: f32 = free == place ? 0.5 * last : 0;
      before = -(a * slope);
      at = -((t + t) * slope);
      behind = b * slope;
    }
    const nodeBefore = max<i32>(nearest - 1, 0) * step, nodeAt = nearest * step, nodeBehind = min<i32>(nearest + 1, end) * step;
    for (let corner = corners; corner < corners + count; corner += 8) {
      const offset = load<i32>(corner), weight = load<f32>(corner, 4);
      store<i32>(corner, offset + nodeBefore);
      store<f32>(corner, weight * before, 4);
      store<i32>(corner + count, offset + nodeAt);
      store<f32>(corner + count, weight * at, 4);
      store<i32>(corner + 2 * count, offset + nodeBehind);
      store<f32>(corner + 2 * count, weight * behind, 4);
    }
    count *= 3;
    step *= end + 1;
  }
}

/**
 * Features of a tile's points on one level, or their derivatives along an axis (`along`, else -1); fills
 * `corners` (`cornerBytes` a row).
 */
export function gridFeatures(
  coordinates: usize, dimensions: i32, parameters: usize, level: usize, corners: usize, to: usize, width: i32, along: i32,
): void {
  const stride = rowStride(width), bytes = <usize>load<i32>(level, LEVEL_FEATURES) << 2;
  const values = parameters + load<u32>(level, LEVEL_VALUES_AT), size = cornerBytes(dimensions);
  to += <usize>load<i32>(level, LEVEL_COLUMN) << 2;
  for (let i: usize = 0; i < ROWS; i++, coordinates += 16, corners += size, to += stride) {
    cornersOf(coordinates, dimensions, level, corners, along);
    const end = corners + size;
    let j: usize = 0;
    for (; j + 16 < bytes; j += 32) {
      let sum0 = f32x4.splat(0), sum1 = f32x4.splat(0);
      for (let corner = corners; corner < end; corner += 8) {
        const weight = v128.load32_splat(corner, 4), node = values + j + load<u32>(corner);
        sum0 = multiplyAdd(weight, v128.load(node), sum0);
        sum1 = multiplyAdd(weight, v128.load(node, 16), sum1);
      }
      v128.store(to + j, sum0);
      v128.store(to + j, sum1, 16);
    }
    if (j == bytes) continue;
    let sum = f32x4.splat(0);
    for (let corner = corners; corner < end; corner += 8) {
      sum = multiplyAdd(v128.load32_splat(corner, 4), v128.load(values + j + load<u32>(corner)), sum);
    }
    v128.store(to + j, sum);
  }
}

/** Adds to the gradients of the nodes that `gridFeatures` has looked at. */
export function gridBackward(dimensions: i32, deltas: usize, width: i32, level: usize, corners: usize, gradients: usize): void {
  const stride = rowStride(width), bytes = <usize>load<i32>(level, LEVEL_FEATURES) << 2;
  const size = cornerBytes(dimensions);
  gradients += load<u32>(level, LEVEL_VALUES_AT);
  deltas += <usize>load<i32>(level, LEVEL_COLUMN) << 2;
  for (let i: usize = 0; i < ROWS; i++, corners += size, deltas += stride) {
    const end = corners + size;
    let j: usize = 0;
    for (; j + 16 < bytes; j += 32) {
      const delta0 = v128.load(deltas + j), delta1 = v128.load(deltas + j, 16);
      for (let corner = corners; corner < end; corner += 8) {
        const weight = v128.load32_splat(corner, 4), to = gradients + j + load<u32>(corner);
        v128.store(to, multiplyAdd(weight, delta0, v128.load(to)));
        v128.store(to, multiplyAdd(weight, delta1, v128.load(to, 16)), 16);
      }
    }
    if (j == bytes) continue;
    const delta = v128.load(deltas + j);
    for (let corner = corners; corner < end; corner += 8) {
      const weight = v128.load32_splat(corner, 4), to = gradients + j + load<u32>(corner);
      v128.store(to, multiplyAdd(weight, delta, v128.load(to)));
    }
  }
}
