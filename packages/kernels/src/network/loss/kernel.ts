/**
 * Squared errors of a tile and their gradient. A target that is not finite has no error. `errors` (an
 * f64 a column) gathers the sums of squares; `outputs` becomes factor * (output - target), and 0 in
 * rows from `rows` on.
 */
import { rowStride } from "../matrix/kernel";
import { TILE_ROWS } from "../offsets";

/** `targets` holds the address of every row's targets. */
export function squaredErrors(outputs: usize, columns: i32, targets: usize, rows: i32, factors: usize, errors: usize): void {
  const stride = rowStride(columns), zero = f32x4.splat(0);
  for (let j: usize = 0; j < <usize>columns << 2; j += 16) {
    const factor = v128.load(factors + j);
    let sum = zero, to = outputs + j;
    for (let i: usize = 0; i < <usize>rows; i++, to += stride) {
      const target = v128.load(load<usize>(targets + (i << 2)) + j);
      const finite = f32x4.eq(f32x4.sub(target, target), zero);
      const difference = v128.and(f32x4.sub(v128.load(to), target), finite);
      sum = f32x4.add(sum, f32x4.mul(difference, difference));
      v128.store(to, f32x4.mul(difference, factor));
    }
    for (let i = rows; i < TILE_ROWS; i++, to += stride) v128.store(to, zero);
    const at = errors + (j << 1);
    store<f64>(at, load<f64>(at) + <f64>f32x4.extract_lane(sum, 0));
    store<f64>(at, load<f64>(at, 8) + <f64>f32x4.extract_lane(sum, 1), 8);
    store<f64>(at, load<f64>(at, 16) + <f64>f32x4.extract_lane(sum, 2), 16);
    store<f64>(at, load<f64>(at, 24) + <f64>f32x4.extract_lane(sum, 3), 24);
  }
}
