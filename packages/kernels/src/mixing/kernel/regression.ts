/**
 * Least squares, learned while coding. Sums of products of K regressors and a regressand (row K) lie as
 * lower triangles of f64, every row filled up to an even length; sums of what lies near are added up with
 * weights, and solved by Cholesky's method. All sums of products take two lanes, even and odd places.
 */

/** Where row `row` of a packed triangle starts, in doubles. */
// @ts-ignore: decorator
@inline
export function rowPlace(row: i32): i32 {
  const pairs = row >> 1;
  // Rows of length 2, 2, 4, 4, 6, 6, ...
  return row & 1 ? (pairs + 1) * (pairs + 1) * 2 : pairs * (pairs + 1) * 2;
}

/** Doubles in the triangle of K regressors and the regressand. */
// @ts-ignore: decorator
@inline
export function triangleLength(regressors: i32): i32 {
  return rowPlace(regressors + 1);
}

/** sums += x x', x being K regressors, the regressand and, for even K, a 0. */
export function accumulate(sums: usize, x: usize, regressors: i32): void {
  let row = sums;
  for (let a = 0; a <= regressors; a++) {
    const factor = f64x2.splat(load<f64>(x + (<usize>a << 3)));
    const length = (<usize>(a + 2) & ~1) << 3;
    for (let at: usize = 0; at < length; at += 16) {
      v128.store(row + at, f64x2.add(v128.load(row + at), f64x2.mul(factor, v128.load(x + at))));
    }
    row += length;
  }
}

/** to = to * keep + from. */
// @ts-ignore: decorator
@inline
export function decayAdd(to: usize, from: usize, keep: f64, doubles: i32): void {
  const factor = f64x2.splat(keep);
  const length = <usize>doubles << 3;
  for (let at: usize = 0; at < length; at += 16) {
    v128.store(to + at, f64x2.add(f64x2.mul(v128.load(to + at), factor), v128.load(from + at)));
  }
}

/** sums = sums * keep. */
export function decay(sums: usize, keep: f64, doubles: i32): void {
  const factor = f64x2.splat(keep);
  const length = <usize>doubles << 3;
  for (let at: usize = 0; at < length; at += 16) v128.store(sums + at, f64x2.mul(v128.load(sums + at), factor));
}

/** to = to + weight * from. */
// @ts-ignore: decorator
@inline
export function addWeighted(to: usize, from: usize, weight: f64, doubles: i32): void {
  const factor = f64x2.splat(weight);
  const length = <usize>doubles << 3;
  for (let at: usize = 0; at < length; at += 16) {
    v128.store(to + at, f64x2.add(v128.load(to + at), f64x2.mul(factor, v128.load(from + at))));
  }
}

/** The factor's rows: up to 40 rows of 42 doubles. */
const MAX_ROW: usize = 42 * 8;
const FACTOR: usize = memory.data(41 * 42 * 8, 16);
const LARGEST: f64 = 1e300;

/**
 * The weights of the first `used` of K regressors, with `ridge` times their mean square added to the
 * diagonal. Rows of the factor hold 1 / its diagonal. False, and the weights stay, where a pivot is not
 * positive or not below 1e300.
 */
export function solve(sums: usize, regressors: i32, used: i32, ridge: f64, weights: usize): bool {
  let trace: f64 = 0;
  for (let i = 0; i < used; i++) trace += load<f64>(sums + (<usize>(rowPlace(i) + i) << 3));
  const added = (ridge * trace) / <f64>used + 1e-300;
  // Column by column; the regressand's row is the last.
  for (let j = 0; j < used; j++) {
    const rowJ = FACTOR + <usize>j * MAX_ROW;
    const pairs = <usize>(j & ~1) << 3;
    const odd = (j & 1) != 0;
    const tail = <usize>(j - 1) << 3;
    let pivot: f64 = 0;
    let i = j;
    for (; i <= used; ) {
      if (i > j && i + 3 <= used) {
        // Four rows at once: their sums do not wait for each other.
        const r0 = FACTOR + <usize>i * MAX_ROW, r1 = r0 + MAX_ROW, r2 = r1 + MAX_ROW, r3 = r2 + MAX_ROW;
        let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
        for (let at: usize = 0; at < pairs; at += 16) {
          const l = v128.load(rowJ + at);
          s0 = f64x2.add(s0, f64x2.mul(l, v128.load(r0 + at)));
          s1 = f64x2.add(s1, f64x2.mul(l, v128.load(r1 + at)));
          s2 = f64x2.add(s2, f64x2.mul(l, v128.load(r2 + at)));
          s3 = f64x2.add(s3, f64x2.mul(l, v128.load(r3 + at)));
        }
        settle(sums, regressors, used, i, j, r0, total(s0, rowJ, r0, odd, tail), pivot);
        settle(sums, regressors, used, i + 1, j, r1, total(s1, rowJ, r1, odd, tail), pivot);
        settle(sums, regressors, used, i + 2, j, r2, total(s2, rowJ, r2, odd, tail), pivot);
        settle(sums, regressors, used, i + 3, j, r3, total(s3, rowJ, r3, odd, tail), pivot);
        i += 4;
        continue;
      }
      const r = FACTOR + <usize>i * MAX_ROW;
      let s = f64x2.splat(0);
      for (let at: usize = 0; at < pairs; at += 16) s = f64x2.add(s, f64x2.mul(v128.load(rowJ + at), v128.load(r + at)));
      const sum = total(s, rowJ, r, odd, tail);
      if (i == j) {
        const square = load<f64>(sums + (<usize>(rowPlace(j) + j) << 3)) + added - sum;
        if (!(square > 0) || !(square < LARGEST)) return false;
        pivot = 1 / Math.sqrt(square);
        store<f64>(r + (<usize>j << 3), pivot);
      } else {
        settle(sums, regressors, used, i, j, r, sum, pivot);
      }
      i++;
    }
  }
  const y = FACTOR + <usize>used * MAX_ROW;
  for (let i = used - 1; i >= 0; i--) {
    const row = FACTOR + <usize>i * MAX_ROW;
    const w = load<f64>(y + (<usize>i << 3)) * load<f64>(row + (<usize>i << 3));
    store<f64>(weights + (<usize>i << 3), w);
    const factor = f64x2.splat(w);
    const length = <usize>(i & ~1) << 3;
    for (let at: usize = 0; at < length; at += 16) {
      v128.store(y + at, f64x2.sub(v128.load(y + at), f64x2.mul(v128.load(row + at), factor)));
    }
    if (i & 1) store<f64>(y + length, load<f64>(y + length) - load<f64>(row + length) * w);
  }
  return true;
}

/** Even places' sum + odd places' sum; for an odd number of places the last is an even one. */
// @ts-ignore: decorator
@inline
function total(s: v128, a: usize, b: usize, odd: bool, tail: usize): f64 {
  let even = f64x2.extract_lane(s, 0);
  if (odd) even = even + load<f64>(a + tail) * load<f64>(b + tail);
  return even + f64x2.extract_lane(s, 1);
}

// @ts-ignore: decorator
@inline
function settle(sums: usize, regressors: i32, used: i32, i: i32, j: i32, row: usize, sum: f64, pivot: f64): void {
  const source = i == used ? regressors : i;
  store<f64>(row + (<usize>j << 3), (load<f64>(sums + (<usize>(rowPlace(source) + j) << 3)) - sum) * pivot);
}

/** Scalar product of `pairs` pairs: even places, then odd places. */
// @ts-ignore: decorator
@inline
export function product(a: usize, b: usize, doubles: i32): f64 {
  let s = f64x2.splat(0);
  const length = <usize>((doubles + 1) & ~1) << 3;
  for (let at: usize = 0; at < length; at += 16) s = f64x2.add(s, f64x2.mul(v128.load(a + at), v128.load(b + at)));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}
