/**
 * Stencils over several fields of one geometry: beside rows of its own field a row may have sources in
 * fields that are known as a whole, and so at any place: other variables, and the law's field, what a sum
 * of products of other variables says about this one.
 *
 * Fields: a table of addresses by number: 0 the field at hand, 1 the law's, 2 + v variable v. Behind every
 * field are at least 16 bytes that may be read, and 16 before it.
 *
 * Plan, per kind, JOINT_PLAN_STRIDE bytes, as in `stencil/kernel.ts` but for the number of sources: i32
 * count; at 8 and 16 the weights of the values one and two to the left (F); at 24 the sources as i32 dt, dz,
 * dy, field; at JOINT_PLAN_WEIGHTS their weights (F).
 */
import { sumRows } from "../stencil/kernel";

export const MAX_JOINT_SOURCES: i32 = 64;
export const JOINT_PLAN_WEIGHTS: usize = 24 + 16 * 64;
export const JOINT_PLAN_STRIDE: usize = JOINT_PLAN_WEIGHTS + 64 * 3 * 8;

/** Pointers of the source rows at hand. */
const ROWS: usize = memory.data(64 * 4, 16);

// @ts-ignore: decorator
@inline
function clamp(value: i32, low: i32, high: i32): i32 {
  return max(low, min(value, high));
}

// @ts-ignore: decorator
@inline
function sourceRow<F>(
  fields: usize, source: usize, t: i32, z: i32, y: i32,
  outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
): usize {
  const dt = load<i32>(source), dz = load<i32>(source, 4), dy = load<i32>(source, 8), field = load<i32>(source, 12);
  const t2 = clamp(t + dt, 0, outer - 1);
  const z2 = clamp(z + dz, 0, depth - 1);
  // Rows of the own slice outside the own band are not known yet.
  const low = (dt | dz | field) == 0 ? y - (y % bandRows) : 0;
  const y2 = clamp(y + dy, low, height - 1);
  const row = (<usize>t2 * <usize>depth + <usize>z2) * <usize>height + <usize>y2;
  return load<usize>(fields + 4 * <usize>field) + row * <usize>width * sizeof<F>();
}

/** As `stencilRow`, over several fields. Writes up to 15 bytes behind `sums + width`. */
export function jointStencilRow<F>(
  fields: usize, plan: usize, t: i32, z: i32, y: i32,
  outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, sums: usize,
): void {
  const count = load<i32>(plan);
  if (count == 0) {
    memory.fill(sums, 0, <usize>width * sizeof<F>());
    return;
  }
  const weights = plan + JOINT_PLAN_WEIGHTS;
  for (let k = 0; k < count; k++) {
    const row = sourceRow<F>(fields, plan + 24 + 16 * <usize>k, t, z, y, outer, depth, height, width, bandRows);
    store<usize>(ROWS + 4 * <usize>k, row);
  }
  sumRows<F>(ROWS, weights, count, sums, width);
}

/** Terms of a law, and the factors of one. */
export const MAX_TERMS: i32 = 16;
export const MAX_FACTORS: i32 = 3;
/** A term: f64 coefficient; at 8 i32 number of factors; at 12 the factors' fields as i32. */
export const TERM_STRIDE: usize = 32;

// @ts-ignore: decorator
@inline
function pairAt<F>(field: usize, i: usize): v128 {
  if (sizeof<F>() == 8) return v128.load(field + (i << 3));
  return f64x2.promote_low_f32x4(v128.load64_zero(field + (i << 2)));
}

/**
 * What a law says: to[i] = sum of coefficient * factor * factor …, in binary64, every operation rounded,
 * terms and factors in order; then rounded to F, and 0 where it is not finite. Writes up to 15 bytes
 * behind `to`.
 */
export function lawField<F>(fields: usize, terms: usize, count: i32, values: usize, to: usize): void {
  for (let i: usize = 0; i < values; i += 2) {
    let sum = f64x2.splat(0);
    let term = terms;
    for (let k = 0; k < count; k++) {
      let product = f64x2.splat(load<f64>(term));
      const factors = load<i32>(term, 8);
      for (let n = 0; n < factors; n++) {
        const field = load<usize>(fields + 4 * <usize>load<i32>(term + 4 * <usize>n, 12));
        product = f64x2.mul(product, pairAt<F>(field, i));
      }
      sum = k == 0 ? product : f64x2.add(sum, product);
      term += TERM_STRIDE;
    }
    if (sizeof<F>() == 8) {
      const finite = f64x2.eq(f64x2.sub(sum, sum), f64x2.splat(0));
      v128.store(to + (i << 3), v128.and(sum, finite));
    } else {
      const rounded = f32x4.demote_f64x2_zero(sum);
      const finite = f32x4.eq(f32x4.sub(rounded, rounded), f32x4.splat(0));
      v128.store64_lane(to + (i << 2), v128.and(rounded, finite), 0);
    }
  }
}
