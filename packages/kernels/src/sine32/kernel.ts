/**
 * Sines and cosines of turns, four f32 at a time, from + - * alone, so that every engine gives the
 * same bits. The nearest quarter turn is taken off without rounding; what is left, at most an eighth
 * of a turn, goes through the polynomials of Cephes (Moshier, 1992). Error: below 1.5e-7.
 */

// @ts-ignore: decorator
@inline
function quarters(t: v128): v128 {
  return f32x4.nearest(f32x4.mul(t, f32x4.splat(4)));
}

/** Stores sin(2 pi t) at `sines` and cos(2 pi t) at `cosines`. |t| < 2^29. */
// @ts-ignore: decorator
@inline
export function storeSineCosine(t: v128, sines: usize, cosines: usize): void {
  const q = quarters(t);
  const n = i32x4.trunc_sat_f32x4_s(q);
  const x = f32x4.mul(f32x4.sub(t, f32x4.mul(q, f32x4.splat(0.25))), f32x4.splat(6.283185307179586));
  const z = f32x4.mul(x, x);
  let s = f32x4.add(f32x4.splat(8.3321608736e-3), f32x4.mul(z, f32x4.splat(-1.9515295891e-4)));
  s = f32x4.add(f32x4.splat(-1.6666654611e-1), f32x4.mul(z, s));
  s = f32x4.add(x, f32x4.mul(f32x4.mul(x, z), s));
  let c = f32x4.add(f32x4.splat(-1.388731625493765e-3), f32x4.mul(z, f32x4.splat(2.443315711809948e-5)));
  c = f32x4.add(f32x4.splat(4.166664568298827e-2), f32x4.mul(z, c));
  c = f32x4.add(f32x4.sub(f32x4.splat(1), f32x4.mul(f32x4.splat(0.5), z)), f32x4.mul(f32x4.mul(z, z), c));
  // In odd quarters sine and cosine change places; the sign follows from the quarter.
  const odd = i32x4.eq(v128.and(n, i32x4.splat(1)), i32x4.splat(1));
  const two = i32x4.splat(2);
  v128.store(sines, v128.xor(v128.bitselect(c, s, odd), i32x4.shl(v128.and(n, two), 30)));
  v128.store(cosines, v128.xor(v128.bitselect(s, c, odd), i32x4.shl(v128.and(i32x4.add(n, i32x4.splat(1)), two), 30)));
}
