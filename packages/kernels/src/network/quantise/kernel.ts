/**
 * Parameters as they will be stored, from those that learn: `bytes` (a multiple of 16) of floats.
 */

/**
 * to = symbol * step, symbol the whole number nearest to from / step, at most `limit` in magnitude;
 * `steps` holds a step for every parameter.
 */
export function quantise(from: usize, steps: usize, to: usize, bytes: usize, limit: f32): void {
  const most = f32x4.splat(limit), least = f32x4.splat(-limit);
  for (let i: usize = 0; i < bytes; i += 16) {
    const step = v128.load(steps + i);
    const symbol = f32x4.nearest(f32x4.div(v128.load(from + i), step));
    v128.store(to + i, f32x4.mul(f32x4.min(f32x4.max(symbol, least), most), step));
  }
}

/** to = from with the precision and range of binary16, by splitting (Veltkamp): 11 bits are kept. */
export function halve(from: usize, to: usize, bytes: usize): void {
  const most = f32x4.splat(65504), least = f32x4.splat(-65504);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = f32x4.min(f32x4.max(v128.load(from + i), least), most);
    const wide = f32x4.mul(x, f32x4.splat(8193));
    const normal = f32x4.min(f32x4.max(f32x4.sub(wide, f32x4.sub(wide, x)), least), most);
    // Below the least normal number binary16 has a fixed step.
    const small = f32x4.mul(f32x4.nearest(f32x4.mul(x, f32x4.splat(16777216))), f32x4.splat(5.9604644775390625e-8));
    v128.store(to + i, v128.bitselect(small, normal, f32x4.lt(f32x4.abs(x), f32x4.splat(6.103515625e-5))));
  }
}
