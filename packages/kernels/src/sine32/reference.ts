const f = Math.fround;

/** Nearest whole number, ties to the even one. */
function nearest(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest < 0.5 ? low : low + 1;
}

/** Sine and cosine of 2 pi t in single precision: the truth that `kernel.ts` is held to. |t| < 2^29. */
export function sineCosine32Reference(t: number): { sine: number; cosine: number } {
  const q = nearest(f(t * 4));
  const x = f(f(t - f(q * 0.25)) * f(6.283185307179586));
  const z = f(x * x);
  const horner = (coefficients: readonly number[]) =>
    coefficients.map(f).reduce((sum, coefficient) => f(coefficient + f(z * sum)));
  const s = f(x + f(f(x * z) * horner([-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])));
  const polynomial = horner([2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]);
  const c = f(f(1 - f(0.5 * z)) + f(f(z * z) * polynomial));
  const quarter = ((q % 4) + 4) % 4;
  if (quarter === 0) return { sine: s, cosine: c };
  if (quarter === 1) return { sine: c, cosine: -s };
  if (quarter === 2) return { sine: -s, cosine: -c };
  return { sine: -c, cosine: s };
}
