/**
 * Rows of mode 3 (spec/stream.md): what a row's stencil sums and its two values to the left predict, and the difference to the
 * values, signed on the way back and in zigzag form on the way out. A row is one of floats (differences of ordered integers), or of
 * indices (differences of integers). The order of additions, (sum + w2 l2) + w1 l1, keeps the value at the left, which is known
 * last, out of all but the last two operations.
 *
 * F is f32 with I = i32, or f64 with I = i64.
 */
import { fromOrdered, predictedToOrdered, toOrdered, zigzag } from "../assembly/ordered";
import { mostIndex } from "../indices/kernel";

/** Added to a float below 2^22 (2^51) it leaves the nearest integer, ties to even, in the low bits. */
// @ts-ignore: decorator
@inline
function shifter<F>(): F {
  return sizeof<F>() == 4 ? <F>12582912.0 : <F>6755399441055744.0;
}

// @ts-ignore: decorator
@inline
function ordered<I>(bits: v128): v128 {
  const sign = v128.shr<I>(bits, sizeof<I>() * 8 - 1);
  if (sizeof<I>() == 4) return v128.xor(bits, v128.and(sign, i32x4.splat(0x7fffffff)));
  return v128.xor(bits, v128.and(sign, i64x2.splat(0x7fffffffffffffff)));
}

/** The index nearest to a prediction; 0 where it is too large, or NaN. */
// @ts-ignore: decorator
@inline
function nearestIndex<F, I>(predicted: F): I {
  if (!(abs<F>(predicted) < <F>mostIndex<F>())) return 0;
  return <I>nearest<F>(predicted);
}

// @ts-ignore: decorator
@inline
function predict<F>(sum: F, w1: F, w2: F, p1: F, p2: F): F {
  return (sum + w2 * p2) + w1 * p1;
}

/** Zigzag residuals of one row whose sums are known; up to 15 bytes past them are written. */
export function residualPacked<F, I>(
  row: usize, sums: usize, plan: usize, start: F, residuals: usize, width: i32, indexed: bool,
): void {
  const w1 = load<F>(plan, 8), w2 = load<F>(plan, 16);
  const bytes = <usize>width * sizeof<F>();
  if (indexed) vectorsOfIndices<F, I>(row, sums, w1, w2, residuals, bytes);
  else vectorsOfFloats<F, I>(row, sums, w1, w2, residuals, bytes);
  // The first two values have the row's start at their left.
  let p1 = start, p2 = start;
  for (let i: usize = 0; i < min(bytes, 2 * sizeof<F>()); i += sizeof<F>()) {
    const value = load<F>(row + i);
    const predicted = predict<F>(load<F>(sums + i), w1, w2, p1, p2);
    const difference = indexed
      ? <I>value - nearestIndex<F, I>(predicted)
      : toOrdered<F, I>(value) - predictedToOrdered<F, I>(predicted);
    store<I>(residuals + i, zigzag<I>(difference));
    p2 = p1;
    p1 = value;
  }
}

// @ts-ignore: decorator
@inline
function predictedVector<F>(at: usize, sums: usize, w1: v128, w2: v128): v128 {
  const further = v128.add<F>(v128.load(sums), v128.mul<F>(w2, v128.load(at - 2 * sizeof<F>())));
  return v128.add<F>(further, v128.mul<F>(w1, v128.load(at - sizeof<F>())));
}

// @ts-ignore: decorator
@inline
function storeZigzag<I>(to: usize, difference: v128): void {
  v128.store(to, v128.xor(v128.shl<I>(difference, 1), v128.shr<I>(difference, sizeof<I>() * 8 - 1)));
}

function vectorsOfFloats<F, I>(row: usize, sums: usize, w1: F, w2: F, residuals: usize, bytes: usize): void {
  const v1 = v128.splat<F>(w1), v2 = v128.splat<F>(w2);
  for (let i: usize = 0; i < bytes; i += 16) {
    const predicted = predictedVector<F>(row + i, sums + i, v1, v2);
    // x - x is 0 exactly for finite x: the others count as 0.
    const finite = v128.eq<F>(v128.sub<F>(predicted, predicted), v128.splat<F>(0));
    storeZigzag<I>(residuals + i, v128.sub<I>(ordered<I>(v128.load(row + i)), v128.and(ordered<I>(predicted), finite)));
  }
}

function vectorsOfIndices<F, I>(row: usize, sums: usize, w1: F, w2: F, residuals: usize, bytes: usize): void {
  const v1 = v128.splat<F>(w1), v2 = v128.splat<F>(w2);
  const limit = v128.splat<F>(<F>mostIndex<F>()), shift = v128.splat<F>(shifter<F>());
  for (let i: usize = 0; i < bytes; i += 16) {
    const predicted = predictedVector<F>(row + i, sums + i, v1, v2);
    const small = v128.and(predicted, v128.lt<F>(v128.abs<F>(predicted), limit));
    storeZigzag<I>(
      residuals + i, v128.sub<I>(v128.add<F>(v128.load(row + i), shift), v128.add<F>(small, shift)),
    );
  }
}

/**
 * A lane of `restorePacked4`, PACKED_LANE bytes: at 0 the row (signed differences in, values out), at 4 its sums, at 8 w1, at 16 w2,
 * at 24 the start, at 32 its mask or 0, at 36 whether it holds indices.
 */
export const PACKED_LANE: usize = 40;

// @ts-ignore: decorator
@inline
function restore<F, I>(at: usize, sums: usize, w1: F, w2: F, p1: F, p2: F, indexed: bool): F {
  const predicted = predict<F>(load<F>(sums), w1, w2, p1, p2);
  const difference = load<I>(at);
  if (indexed) return <F>(nearestIndex<F, I>(predicted) + difference);
  return fromOrdered<F, I>(predictedToOrdered<F, I>(predicted) + difference);
}

/** Turns the differences of one row into its values, from byte `from` on; the two values before it are p1 and p2. */
function restoreRest<F, I>(lane: usize, from: usize, bytes: usize, p1: F, p2: F): void {
  const row = load<usize>(lane), sums = load<usize>(lane, 4), mask = load<usize>(lane, 32);
  const w1 = load<F>(lane, 8), w2 = load<F>(lane, 16);
  const indexed = load<u32>(lane, 36) != 0;
  for (let i = from; i < bytes; i += sizeof<F>()) {
    const masked = mask != 0 && load<u8>(mask + i / sizeof<F>()) != 0;
    const value = masked ? p1 : restore<F, I>(row + i, sums + i, w1, w2, p1, p2, indexed);
    store<F>(row + i, value);
    p2 = p1;
    p1 = value;
  }
}

export function restorePacked<F, I>(lane: usize, width: i32): void {
  const start = load<F>(lane, 24);
  restoreRest<F, I>(lane, 0, <usize>width * sizeof<F>(), start, start);
}

/**
 * Four rows that do not depend on each other at once, all of floats or all of indices: the recursion's latency is what
 * limits one. float32: a row is a lane of the vectors.
 */
export function restorePacked4<F, I>(lanes: usize, width: i32, masked: bool, indexed: bool): void {
  if (sizeof<F>() == 8) {
    if (masked) doubles(lanes, width, true, indexed);
    else doubles(lanes, width, false, indexed);
  } else if (masked) {
    if (indexed) floats(lanes, width, true, true);
    else floats(lanes, width, true, false);
  } else if (indexed) floats(lanes, width, false, true);
  else floats(lanes, width, false, false);
}

// @ts-ignore: decorator
@inline
function restoreOne(at: usize, sums: usize, w1: f64, w2: f64, p1: f64, p2: f64, masked: bool, mask: usize, indexed: bool): f64 {
  let value = restore<f64, i64>(at, sums, w1, w2, p1, p2, indexed);
  if (masked && mask && load<u8>(mask)) value = p1;
  store<f64>(at, value);
  return value;
}

// @ts-ignore: decorator
@inline
function doubles(lanes: usize, width: i32, masked: bool, indexed: bool): void {
  const r0 = load<usize>(lanes, 0), r1 = load<usize>(lanes, 40), r2 = load<usize>(lanes, 80), r3 = load<usize>(lanes, 120);
  const s0 = load<usize>(lanes, 4), s1 = load<usize>(lanes, 44), s2 = load<usize>(lanes, 84), s3 = load<usize>(lanes, 124);
  const u0 = load<f64>(lanes, 8), u1 = load<f64>(lanes, 48), u2 = load<f64>(lanes, 88), u3 = load<f64>(lanes, 128);
  const w0 = load<f64>(lanes, 16), w1 = load<f64>(lanes, 56), w2 = load<f64>(lanes, 96), w3 = load<f64>(lanes, 136);
  const m0 = load<usize>(lanes, 32), m1 = load<usize>(lanes, 72), m2 = load<usize>(lanes, 112), m3 = load<usize>(lanes, 152);
  let p0 = load<f64>(lanes, 24), p1 = load<f64>(lanes, 64), p2 = load<f64>(lanes, 104), p3 = load<f64>(lanes, 144);
  let q0 = p0, q1 = p1, q2 = p2, q3 = p3;
  for (let n: usize = 0; n < <usize>width; n++) {
    const i = n << 3;
    const a = restoreOne(r0 + i, s0 + i, u0, w0, p0, q0, masked, m0 ? m0 + n : 0, indexed);
    const b = restoreOne(r1 + i, s1 + i, u1, w1, p1, q1, masked, m1 ? m1 + n : 0, indexed);
    const c = restoreOne(r2 + i, s2 + i, u2, w2, p2, q2, masked, m2 ? m2 + n : 0, indexed);
    const d = restoreOne(r3 + i, s3 + i, u3, w3, p3, q3, masked, m3 ? m3 + n : 0, indexed);
    q0 = p0; p0 = a;
    q1 = p1; p1 = b;
    q2 = p2; p2 = c;
    q3 = p3; p3 = d;
  }
}

/** One column of four rows: `sums` and `differences` of it, the two columns before. */
// @ts-ignore: decorator
@inline
function column(sums: v128, differences: v128, w1: v128, w2: v128, p1: v128, p2: v128, indexed: bool): v128 {
  const predicted = f32x4.add(f32x4.add(sums, f32x4.mul(w2, p2)), f32x4.mul(w1, p1));
  if (indexed) {
    const shift = f32x4.splat(12582912.0);
    const small = v128.and(predicted, f32x4.lt(f32x4.abs(predicted), f32x4.splat(4194304.0)));
    const index = i32x4.sub(f32x4.add(small, shift), shift);
    return f32x4.convert_i32x4_s(i32x4.add(index, differences));
  }
  const exponent = i32x4.splat(0x7f800000);
  const infinite = i32x4.eq(v128.and(predicted, exponent), exponent);
  return ordered<i32>(i32x4.add(v128.andnot(ordered<i32>(predicted), infinite), differences));
}

// @ts-ignore: decorator
@inline
function floats(lanes: usize, width: i32, masked: bool, indexed: bool): void {
  const r0 = load<usize>(lanes, 0), r1 = load<usize>(lanes, 40), r2 = load<usize>(lanes, 80), r3 = load<usize>(lanes, 120);
  const s0 = load<usize>(lanes, 4), s1 = load<usize>(lanes, 44), s2 = load<usize>(lanes, 84), s3 = load<usize>(lanes, 124);
  const m0 = load<usize>(lanes, 32), m1 = load<usize>(lanes, 72), m2 = load<usize>(lanes, 112), m3 = load<usize>(lanes, 152);
  const w1 = f32x4(load<f32>(lanes, 8), load<f32>(lanes, 48), load<f32>(lanes, 88), load<f32>(lanes, 128));
  const w2 = f32x4(load<f32>(lanes, 16), load<f32>(lanes, 56), load<f32>(lanes, 96), load<f32>(lanes, 136));
  let p1 = f32x4(load<f32>(lanes, 24), load<f32>(lanes, 64), load<f32>(lanes, 104), load<f32>(lanes, 144));
  let p2 = p1;
  const bytes = <usize>width << 2;
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) {
    // Rows to columns.
    const sa = v128.load(s0 + i), sb = v128.load(s1 + i), sc = v128.load(s2 + i), sd = v128.load(s3 + i);
    const sab = v128.shuffle<i32>(sa, sb, 0, 4, 1, 5), scd = v128.shuffle<i32>(sc, sd, 0, 4, 1, 5);
    const tab = v128.shuffle<i32>(sa, sb, 2, 6, 3, 7), tcd = v128.shuffle<i32>(sc, sd, 2, 6, 3, 7);
    const da = v128.load(r0 + i), db = v128.load(r1 + i), dc = v128.load(r2 + i), dd = v128.load(r3 + i);
    const dab = v128.shuffle<i32>(da, db, 0, 4, 1, 5), dcd = v128.shuffle<i32>(dc, dd, 0, 4, 1, 5);
    const eab = v128.shuffle<i32>(da, db, 2, 6, 3, 7), ecd = v128.shuffle<i32>(dc, dd, 2, 6, 3, 7);
    let a = column(v128.shuffle<i64>(sab, scd, 0, 2), v128.shuffle<i64>(dab, dcd, 0, 2), w1, w2, p1, p2, indexed);
    let b: v128, c: v128, d: v128;
    if (masked) {
      const n = i >> 2;
      const mask = i32x4(m0 ? load<i32>(m0 + n) : 0, m1 ? load<i32>(m1 + n) : 0, m2 ? load<i32>(m2 + n) : 0, m3 ? load<i32>(m3 + n) : 0);
      a = v128.bitselect(p1, a, v128.shuffle<i8>(mask, mask, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12));
      b = column(v128.shuffle<i64>(sab, scd, 1, 3), v128.shuffle<i64>(dab, dcd, 1, 3), w1, w2, a, p1, indexed);
      b = v128.bitselect(a, b, v128.shuffle<i8>(mask, mask, 1, 1, 1, 1, 5, 5, 5, 5, 9, 9, 9, 9, 13, 13, 13, 13));
      c = column(v128.shuffle<i64>(tab, tcd, 0, 2), v128.shuffle<i64>(eab, ecd, 0, 2), w1, w2, b, a, indexed);
      c = v128.bitselect(b, c, v128.shuffle<i8>(mask, mask, 2, 2, 2, 2, 6, 6, 6, 6, 10, 10, 10, 10, 14, 14, 14, 14));
      d = column(v128.shuffle<i64>(tab, tcd, 1, 3), v128.shuffle<i64>(eab, ecd, 1, 3), w1, w2, c, b, indexed);
      d = v128.bitselect(c, d, v128.shuffle<i8>(mask, mask, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15));
    } else {
      b = column(v128.shuffle<i64>(sab, scd, 1, 3), v128.shuffle<i64>(dab, dcd, 1, 3), w1, w2, a, p1, indexed);
      c = column(v128.shuffle<i64>(tab, tcd, 0, 2), v128.shuffle<i64>(eab, ecd, 0, 2), w1, w2, b, a, indexed);
      d = column(v128.shuffle<i64>(tab, tcd, 1, 3), v128.shuffle<i64>(eab, ecd, 1, 3), w1, w2, c, b, indexed);
    }
    p1 = d;
    p2 = c;
    // Columns to rows.
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const xy = v128.shuffle<i32>(a, b, 2, 6, 3, 7), zw = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(r0 + i, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(r1 + i, v128.shuffle<i64>(ab, cd, 1, 3));
    v128.store(r2 + i, v128.shuffle<i64>(xy, zw, 0, 2));
    v128.store(r3 + i, v128.shuffle<i64>(xy, zw, 1, 3));
  }
  if (even == bytes) return;
  restoreRest<f32, i32>(lanes, even, bytes, f32x4.extract_lane(p1, 0), f32x4.extract_lane(p2, 0));
  restoreRest<f32, i32>(lanes + PACKED_LANE, even, bytes, f32x4.extract_lane(p1, 1), f32x4.extract_lane(p2, 1));
  restoreRest<f32, i32>(lanes + 2 * PACKED_LANE, even, bytes, f32x4.extract_lane(p1, 2), f32x4.extract_lane(p2, 2));
  restoreRest<f32, i32>(lanes + 3 * PACKED_LANE, even, bytes, f32x4.extract_lane(p1, 3), f32x4.extract_lane(p2, 3));
}
