/**
 * One step of Adam (Kingma and Ba, arXiv:1412.6980) over `bytes` (a multiple of 16) of parameters. The
 * gradient is the sum of `shares` ones, `stride` bytes apart, added in order; of none it is 0. To it comes
 * that of the penalty weight ln(1 + w^2 / width) / 2.
 *
 *   m = a m + (1 - a) g,  v = b v + (1 - b) g^2,  w = w - rate m / (sqrt(correction v) + epsilon)
 *
 * `rate` holds the correction of m.
 */
export function adam(
  parameters: usize, first: usize, second: usize, gradients: usize, stride: usize, shares: i32, bytes: usize,
  rate: f32, a: f32, b: f32, correction: f32, epsilon: f32, weight: f32, width: f32,
): void {
  const rates = f32x4.splat(rate), corrections = f32x4.splat(correction), epsilons = f32x4.splat(epsilon);
  const as = f32x4.splat(a), bs = f32x4.splat(b), restA = f32x4.splat(1 - a), restB = f32x4.splat(1 - b);
  const weights = f32x4.splat(weight), widths = f32x4.splat(width);
  for (let i: usize = 0; i < bytes; i += 16) {
    let g = shares > 0 ? v128.load(gradients + i) : f32x4.splat(0), from = gradients + i;
    for (let share = 1; share < shares; share++) {
      from += stride;
      g = f32x4.add(g, v128.load(from));
    }
    const w = v128.load(parameters + i);
    g = f32x4.add(g, f32x4.div(f32x4.mul(weights, w), f32x4.add(f32x4.mul(w, w), widths)));
    const m = f32x4.add(f32x4.mul(as, v128.load(first + i)), f32x4.mul(restA, g));
    const v = f32x4.add(f32x4.mul(bs, v128.load(second + i)), f32x4.mul(restB, f32x4.mul(g, g)));
    v128.store(first + i, m);
    v128.store(second + i, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(corrections, v)), epsilons);
    v128.store(parameters + i, f32x4.sub(w, f32x4.div(f32x4.mul(rates, m), root)));
  }
}
