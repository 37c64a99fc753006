/**
 * The marching stencil: one row of a field predicted from rows that come before it.
 *
 * Geometry: a chunk is `outer x depth x height x width`, C order; a slice is one `height x width`.
 * A row's kind says which neighbours it has: 1 the row above (inside its band), 2 the slice before,
 * 4 the outer block before. Every kind has its own list of sources (rows, given by dt, dz, dy) with
 * three weights each (left, centre, right) and two weights for the two values to the left.
 *
 * Plan, per kind, PLAN_STRIDE bytes: i32 count; at 8 and 16 the weights of the values one and two to
 * the left (F); at 24 the sources as i32 dt, dz, dy, 0; at 24 + 16 * MAX_SOURCES their weights (F).
 */
import { fromOrdered, predictedToOrdered, toOrdered, unzigzag, zigzag } from "../assembly/ordered";
import { fromIndex, hasLattice, toIndex } from "../lattice/kernel";

export const MAX_SOURCES: i32 = 16;
export const PLAN_WEIGHTS: usize = 24 + 16 * 16;
export const PLAN_STRIDE: usize = PLAN_WEIGHTS + 16 * 3 * 8;

/** Bytes of one value. */
// @ts-ignore: decorator
@inline
function size<F>(): usize {
  return sizeof<F>();
}

// @ts-ignore: decorator
@inline
function clamp(value: i32, low: i32, high: i32): i32 {
  return max(low, min(value, high));
}

/** Rows of one band; only a chunk of a single slice is cut into several bands. */
// @ts-ignore: decorator
@inline
export function bandHeight(height: i32, bands: i32): i32 {
  return (height + bands - 1) / bands;
}

/** Which neighbours the row has. */
// @ts-ignore: decorator
@inline
export function kindOf(t: i32, z: i32, y: i32, bandRows: i32): i32 {
  return <i32>(y % bandRows > 0) | (<i32>(z > 0) << 1) | (<i32>(t > 0) << 2);
}

/** Where the row starts that a source names, clamped into the chunk (and, in the same slice, the band). */
// @ts-ignore: decorator
@inline
export function sourceRow<F>(
  values: usize, source: usize, t: i32, z: i32, y: i32,
  depth: i32, height: i32, width: i32, bandRows: i32,
): usize {
  const dt = load<i32>(source);
  const dz = load<i32>(source, 4);
  const dy = load<i32>(source, 8);
  const t2 = max(t + dt, 0);
  const z2 = clamp(z + dz, 0, depth - 1);
  const low = (dt | dz) == 0 ? y - (y % bandRows) : 0;
  const y2 = clamp(y + dy, low, height - 1);
  const row = (<usize>t2 * <usize>depth + <usize>z2) * <usize>height + <usize>y2;
  return values + row * <usize>width * size<F>();
}

/** Pointers of the source rows at hand. */
const ROWS: usize = memory.data(16 * 4, 16);

/**
 * sums[i] = the first product, then every further product added in order: the sources in turn, of
 * each the left, the centre and the right value. At both ends of a row the missing value is the end
 * value itself. Writes up to 15 bytes behind `sums + width`.
 */
export function stencilRow<F>(
  values: usize, plan: usize, t: i32, z: i32, y: i32,
  depth: i32, height: i32, width: i32, bandRows: i32, sums: usize,
): void {
  const count = load<i32>(plan);
  if (count == 0) {
    memory.fill(sums, 0, <usize>width * size<F>());
    return;
  }
  const weights = plan + PLAN_WEIGHTS;
  for (let k = 0; k < count; k++) {
    const row = sourceRow<F>(values, plan + 24 + 16 * <usize>k, t, z, y, depth, height, width, bandRows);
    store<usize>(ROWS + 4 * <usize>k, row);
  }
  sumRows<F>(ROWS, weights, count, sums, width);
}

/** The sums of `stencilRow` over `count` rows, at least one, whose addresses lie at `rows`. */
export function sumRows<F>(rows: usize, weights: usize, count: i32, sums: usize, width: i32): void {
  const bytes = <usize>width * size<F>();
  let k = count & 1;
  if (k) oneSource<F>(sums, load<usize>(rows), weights, bytes);
  else {
    twoSources<F>(sums, load<usize>(rows), load<usize>(rows, 4), weights, bytes);
    k = 2;
  }
  for (; k < count; k += 2) {
    const two = rows + 4 * <usize>k;
    twoMoreSources<F>(sums, load<usize>(two), load<usize>(two, 4), weights + 3 * <usize>k * size<F>(), bytes);
  }
  // The vectors read past both ends of the rows: the two end values again, clamped.
  endValue<F>(rows, sums, weights, count, 0, 0, width > 1 ? size<F>() : 0);
  if (width > 1) {
    const last = bytes - size<F>();
    endValue<F>(rows, sums, weights, count, last - size<F>(), last, last);
  }
}

function endValue<F>(rows: usize, sums: usize, weights: usize, count: i32, left: usize, at: usize, right: usize): void {
  let sum: F = 0;
  for (let k = 0; k < count; k++) {
    const row = load<usize>(rows + 4 * <usize>k);
    const product = load<F>(weights) * load<F>(row + left);
    sum = k == 0 ? product : sum + product;
    sum = sum + load<F>(weights, sizeof<F>()) * load<F>(row + at);
    sum = sum + load<F>(weights, 2 * sizeof<F>()) * load<F>(row + right);
    weights += 3 * size<F>();
  }
  store<F>(sums + at, sum);
}

function oneSource<F>(sums: usize, a: usize, weights: usize, bytes: usize): void {
  const a0 = v128.splat<F>(load<F>(weights)), a1 = v128.splat<F>(load<F>(weights, sizeof<F>()));
  const a2 = v128.splat<F>(load<F>(weights, 2 * sizeof<F>()));
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = v128.mul<F>(a0, v128.load(a + i - size<F>()));
    sum = v128.add<F>(sum, v128.mul<F>(a1, v128.load(a + i)));
    v128.store(sums + i, v128.add<F>(sum, v128.mul<F>(a2, v128.load(a + i + size<F>()))));
  }
}

function twoSources<F>(sums: usize, a: usize, b: usize, weights: usize, bytes: usize): void {
  oneSource<F>(sums, a, weights, bytes);
  const b0 = v128.splat<F>(load<F>(weights, 3 * sizeof<F>())), b1 = v128.splat<F>(load<F>(weights, 4 * sizeof<F>()));
  const b2 = v128.splat<F>(load<F>(weights, 5 * sizeof<F>()));
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = v128.add<F>(v128.load(sums + i), v128.mul<F>(b0, v128.load(b + i - size<F>())));
    sum = v128.add<F>(sum, v128.mul<F>(b1, v128.load(b + i)));
    v128.store(sums + i, v128.add<F>(sum, v128.mul<F>(b2, v128.load(b + i + size<F>()))));
  }
}

function twoMoreSources<F>(sums: usize, a: usize, b: usize, weights: usize, bytes: usize): void {
  const a0 = v128.splat<F>(load<F>(weights)), a1 = v128.splat<F>(load<F>(weights, sizeof<F>()));
  const a2 = v128.splat<F>(load<F>(weights, 2 * sizeof<F>())), b0 = v128.splat<F>(load<F>(weights, 3 * sizeof<F>()));
  const b1 = v128.splat<F>(load<F>(weights, 4 * sizeof<F>())), b2 = v128.splat<F>(load<F>(weights, 5 * sizeof<F>()));
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = v128.add<F>(v128.load(sums + i), v128.mul<F>(a0, v128.load(a + i - size<F>())));
    sum = v128.add<F>(sum, v128.mul<F>(a1, v128.load(a + i)));
    sum = v128.add<F>(sum, v128.mul<F>(a2, v128.load(a + i + size<F>())));
    sum = v128.add<F>(sum, v128.mul<F>(b0, v128.load(b + i - size<F>())));
    sum = v128.add<F>(sum, v128.mul<F>(b1, v128.load(b + i)));
    v128.store(sums + i, v128.add<F>(sum, v128.mul<F>(b2, v128.load(b + i + size<F>()))));
  }
}

/**
 * What stands in for the two values left of a row's first: the nearest value known, straight above,
 * else in the slice before, else in the outer block before, else 0.
 */
export function rowStart<F>(
  values: usize, kind: i32, t: i32, z: i32, y: i32, depth: i32, height: i32, width: i32,
): F {
  const row = (<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y;
  let back: usize;
  if (kind & 1) back = 1;
  else if (kind & 2) back = <usize>height;
  else if (kind & 4) back = <usize>depth * <usize>height;
  else return 0;
  return load<F>(values + (row - back) * <usize>width * size<F>());
}

/** Zigzag residuals of one row whose sums are known. `row` and `residuals` are at the row's start. */
export function residualRow<F, I>(
  row: usize, sums: usize, plan: usize, start: F, residuals: usize, width: i32,
): void {
  const w1 = load<F>(plan, 8), w2 = load<F>(plan, 16);
  const bytes = <usize>width * size<F>();
  const v1 = v128.splat<F>(w1), v2 = v128.splat<F>(w2);
  for (let i: usize = 0; i < bytes; i += 16) {
    const left = v128.add<F>(
      v128.mul<F>(v1, v128.load(row + i - size<F>())),
      v128.mul<F>(v2, v128.load(row + i - 2 * size<F>())),
    );
    const predicted = v128.add<F>(v128.load(sums + i), left);
    // x - x is 0 exactly for finite x: the others count as 0.
    const finite = v128.eq<F>(v128.sub<F>(predicted, predicted), v128.splat<F>(0));
    const difference = v128.sub<I>(orderedVector<I>(v128.load(row + i)), v128.and(orderedVector<I>(predicted), finite));
    v128.store(
      residuals + i,
      v128.xor(v128.shl<I>(difference, 1), v128.shr<I>(difference, sizeof<I>() * 8 - 1)),
    );
  }
  // The first two values have the row's start at their left.
  let p1 = start, p2 = start;
  for (let i: usize = 0; i < min(bytes, 2 * size<F>()); i += size<F>()) {
    const value = load<F>(row + i);
    const predicted = load<F>(sums + i) + (w1 * p1 + w2 * p2);
    store<I>(residuals + i, zigzag<I>(toOrdered<F, I>(value) - predictedToOrdered<F, I>(predicted)));
    p2 = p1;
    p1 = value;
  }
}

// @ts-ignore: decorator
@inline
function orderedVector<I>(bits: v128): v128 {
  const sign = v128.shr<I>(bits, sizeof<I>() * 8 - 1);
  if (sizeof<I>() == 4) return v128.xor(bits, v128.and(sign, i32x4.splat(0x7fffffff)));
  return v128.xor(bits, v128.and(sign, i64x2.splat(0x7fffffffffffffff)));
}

/** As `residualRow`, for a row that has masked or copied values (`mask`, else 0) or whose slice has a lattice. */
export function residualRowMapped<F, I>(
  row: usize, sums: usize, plan: usize, start: F, residuals: usize, width: i32, mask: usize, lattice: usize,
): void {
  if (!hasLattice(lattice)) residualRow<F, I>(row, sums, plan, start, residuals, width);
  else if (sizeof<F>() == 4) {
    latticeResiduals(row, sums, plan, residuals, width, lattice);
    latticeResidualsFrom<F, I>(row, sums, plan, start, residuals, min(width, 2), lattice);
  } else {
    latticeResidualsFrom<F, I>(row, sums, plan, start, residuals, width, lattice);
  }
  if (mask) clearMasked<I>(residuals, mask, <usize>width);
}

/** The first `width` values of a row on a lattice, one by one. */
function latticeResidualsFrom<F, I>(
  row: usize, sums: usize, plan: usize, start: F, residuals: usize, width: i32, lattice: usize,
): void {
  const w1 = load<F>(plan, 8), w2 = load<F>(plan, 16);
  let p1 = start, p2 = start;
  for (let n: usize = 0; n < <usize>width; n++) {
    const i = n * size<F>();
    const value = load<F>(row + i);
    const predicted = load<F>(sums + i) + (w1 * p1 + w2 * p2);
    store<I>(residuals + i, zigzag<I>(toIndex<F, I>(value, lattice) - toIndex<F, I>(predicted, lattice)));
    p2 = p1;
    p1 = value;
  }
}

/** All of a float32 row on a lattice, four at once; the first two are wrong, since what stands at their left is not the row's start. */
function latticeResiduals(row: usize, sums: usize, plan: usize, residuals: usize, width: i32, lattice: usize): void {
  const v1 = f32x4.splat(load<f32>(plan, 8)), v2 = f32x4.splat(load<f32>(plan, 16));
  const offset = v128.load64_splat(lattice, 8), scale = v128.load64_splat(lattice, 24);
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const left = f32x4.add(f32x4.mul(v1, v128.load(row + i - 4)), f32x4.mul(v2, v128.load(row + i - 8)));
    const predicted = f32x4.add(v128.load(sums + i), left);
    const difference = i32x4.sub(indices(v128.load(row + i), offset, scale), indices(predicted, offset, scale));
    v128.store(residuals + i, v128.xor(i32x4.shl(difference, 1), i32x4.shr_s(difference, 31)));
  }
}

/** `toIndex` of four float32 numbers. */
// @ts-ignore: decorator
@inline
function indices(numbers: v128, offset: v128, scale: v128): v128 {
  const low = f64x2.promote_low_f32x4(numbers), high = f64x2.promote_low_f32x4(i64x2.shuffle(numbers, numbers, 1, 0));
  return i64x2.shuffle(
    i32x4.trunc_sat_f64x2_s_zero(f64x2.nearest(f64x2.mul(f64x2.sub(low, offset), scale))),
    i32x4.trunc_sat_f64x2_s_zero(f64x2.nearest(f64x2.mul(f64x2.sub(high, offset), scale))),
    0, 2,
  );
}

/** Masked and copied values have no residual. */
function clearMasked<I>(residuals: usize, mask: usize, width: usize): void {
  let n: usize = 0;
  for (; n + 16 <= width; n += 16) {
    if (!v128.any_true(v128.load(mask + n))) continue;
    const to = residuals + n * size<I>();
    if (i8x16.all_true(v128.load(mask + n))) memory.fill(to, 0, 16 * size<I>());
    else if (sizeof<I>() == 4) {
      for (let k: usize = 0; k < 16; k += 4) {
        const kinds = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask + n + k)));
        v128.store(to + (k << 2), v128.and(v128.load(to + (k << 2)), i32x4.eq(kinds, i32x4.splat(0))));
      }
    } else {
      for (let k: usize = 0; k < 16; k++) if (load<u8>(mask + n + k)) store<I>(to + k * size<I>(), 0);
    }
  }
  for (; n < width; n++) if (load<u8>(mask + n)) store<I>(residuals + n * size<I>(), 0);
}

/** One value of the recursion along a row: residual at `at` in, value at `at` out. */
// @ts-ignore: decorator
@inline
function restore<F, I>(at: usize, sums: usize, w1: F, w2: F, p1: F, p2: F): F {
  const predicted = load<F>(sums) + (w1 * p1 + w2 * p2);
  const value = fromOrdered<F, I>(predictedToOrdered<F, I>(predicted) + unzigzag<I>(load<I>(at)));
  store<F>(at, value);
  return value;
}

/** Turns the residuals of one row into its values, in place. */
export function restoreRow<F, I>(row: usize, sums: usize, plan: usize, start: F, width: i32): void {
  const w1 = load<F>(plan, 8), w2 = load<F>(plan, 16);
  let p1 = start, p2 = start;
  const bytes = <usize>width * size<F>();
  for (let i: usize = 0; i < bytes; i += size<F>()) {
    const value = restore<F, I>(row + i, sums + i, w1, w2, p1, p2);
    p2 = p1;
    p1 = value;
  }
}

/**
 * As `restore`; a masked value (1) is the one at its left, a copied one (2) that which lies `distance`
 * values before.
 */
// @ts-ignore: decorator
@inline
function restoreMapped<F, I>(at: usize, sums: usize, w1: F, w2: F, p1: F, p2: F, mask: usize, lattice: usize, distance: usize): F {
  const predicted = load<F>(sums) + (w1 * p1 + w2 * p2);
  let value: F;
  const kind: u32 = mask ? load<u8>(mask) : 0;
  if (kind == 1) value = p1;
  else if (kind == 2) value = load<F>(at - <usize>load<u32>(distance) * size<F>());
  else if (hasLattice(lattice)) value = fromIndex<F, I>(toIndex<F, I>(predicted, lattice) + unzigzag<I>(load<I>(at)), lattice);
  else value = fromOrdered<F, I>(predictedToOrdered<F, I>(predicted) + unzigzag<I>(load<I>(at)));
  store<F>(at, value);
  return value;
}

/** As `restoreRow`, for a row that has masked or copied values or whose slice has a lattice. */
export function restoreRowMapped<F, I>(
  row: usize, sums: usize, plan: usize, start: F, width: i32, mask: usize, lattice: usize, distances: usize,
): void {
  const w1 = load<F>(plan, 8), w2 = load<F>(plan, 16);
  let p1 = start, p2 = start;
  for (let n: usize = 0; n < <usize>width; n++) {
    const i = n * size<F>();
    const value = restoreMapped<F, I>(
      row + i, sums + i, w1, w2, p1, p2, mask ? mask + n : 0, lattice, distances + (n << 2),
    );
    p2 = p1;
    p1 = value;
  }
}

/**
 * A lane of `restoreRows4`, LANE_STRIDE bytes: at 0 the row, at 4 its sums, at 8 w1, at 16 w2, at 24 the
 * start, at 32 its mask or 0, at 36 its lattice or 0, at 40 the distances of its copies or 0.
 */
export const LANE_STRIDE: usize = 48;

/** Four rows that do not depend on each other at once: the recursion's latency is what limits one. */
export function restoreRows4<F, I>(lanes: usize, width: i32): void {
  const r0 = load<usize>(lanes, 0), r1 = load<usize>(lanes, 48), r2 = load<usize>(lanes, 96), r3 = load<usize>(lanes, 144);
  const s0 = load<usize>(lanes, 4), s1 = load<usize>(lanes, 52), s2 = load<usize>(lanes, 100), s3 = load<usize>(lanes, 148);
  const u0 = load<F>(lanes, 8), u1 = load<F>(lanes, 56), u2 = load<F>(lanes, 104), u3 = load<F>(lanes, 152);
  const w0 = load<F>(lanes, 16), w1 = load<F>(lanes, 64), w2 = load<F>(lanes, 112), w3 = load<F>(lanes, 160);
  let p0 = load<F>(lanes, 24), p1 = load<F>(lanes, 72), p2 = load<F>(lanes, 120), p3 = load<F>(lanes, 168);
  let q0 = p0, q1 = p1, q2 = p2, q3 = p3;
  const bytes = <usize>width * size<F>();
  for (let i: usize = 0; i < bytes; i += size<F>()) {
    const a = restore<F, I>(r0 + i, s0 + i, u0, w0, p0, q0);
    const b = restore<F, I>(r1 + i, s1 + i, u1, w1, p1, q1);
    const c = restore<F, I>(r2 + i, s2 + i, u2, w2, p2, q2);
    const d = restore<F, I>(r3 + i, s3 + i, u3, w3, p3, q3);
    q0 = p0; p0 = a;
    q1 = p1; p1 = b;
    q2 = p2; p2 = c;
    q3 = p3; p3 = d;
  }
}

/** As `restoreRows4`, for rows with masks or lattices, but no copies: these may lie in rows that are still open. */
export function restoreRows4Mapped<F, I>(lanes: usize, width: i32): void {
  const r0 = load<usize>(lanes, 0), r1 = load<usize>(lanes, 48), r2 = load<usize>(lanes, 96), r3 = load<usize>(lanes, 144);
  const s0 = load<usize>(lanes, 4), s1 = load<usize>(lanes, 52), s2 = load<usize>(lanes, 100), s3 = load<usize>(lanes, 148);
  const u0 = load<F>(lanes, 8), u1 = load<F>(lanes, 56), u2 = load<F>(lanes, 104), u3 = load<F>(lanes, 152);
  const w0 = load<F>(lanes, 16), w1 = load<F>(lanes, 64), w2 = load<F>(lanes, 112), w3 = load<F>(lanes, 160);
  const m0 = load<usize>(lanes, 32), m1 = load<usize>(lanes, 80), m2 = load<usize>(lanes, 128), m3 = load<usize>(lanes, 176);
  const g0 = load<usize>(lanes, 36), g1 = load<usize>(lanes, 84), g2 = load<usize>(lanes, 132), g3 = load<usize>(lanes, 180);
  let p0 = load<F>(lanes, 24), p1 = load<F>(lanes, 72), p2 = load<F>(lanes, 120), p3 = load<F>(lanes, 168);
  let q0 = p0, q1 = p1, q2 = p2, q3 = p3;
  const bytes = <usize>width * size<F>();
  let n: usize = 0;
  for (let i: usize = 0; i < bytes; i += size<F>()) {
    const a = restoreMapped<F, I>(r0 + i, s0 + i, u0, w0, p0, q0, m0 ? m0 + n : 0, g0, 0);
    const b = restoreMapped<F, I>(r1 + i, s1 + i, u1, w1, p1, q1, m1 ? m1 + n : 0, g1, 0);
    const c = restoreMapped<F, I>(r2 + i, s2 + i, u2, w2, p2, q2, m2 ? m2 + n : 0, g2, 0);
    const d = restoreMapped<F, I>(r3 + i, s3 + i, u3, w3, p3, q3, m3 ? m3 + n : 0, g3, 0);
    q0 = p0; p0 = a;
    q1 = p1; p1 = b;
    q2 = p2; p2 = c;
    q3 = p3; p3 = d;
    n++;
  }
}
