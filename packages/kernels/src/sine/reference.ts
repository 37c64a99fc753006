/** Sine and cosine of 2 pi k / n in plain arithmetic: the truth that `kernel.ts` is held to. k < 2^49, n < 2^49. */
export function sineCosineReference(k: number, n: number): { sine: number; cosine: number } {
  const eighths = 8 * (k % n);
  const octant = Math.floor(eighths / n);
  const rest = eighths - octant * n;
  const odd = octant % 2 === 1;
  // biome-ignore lint/correctness/noPrecisionLoss: as in the kernel and the specification
  const x = ((odd ? n - rest : rest) / n) * 0.78539816339744830962;
  const z = x * x;
  const sinePolynomial = [
    1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6,
    -1.98412698298579493134e-4, 8.33333333332248946124e-3, -1.66666666666666324348e-1,
  ];
  const cosinePolynomial = [
    -1.13596475577881948265e-11, 2.0875723212981748279e-9, -2.75573143513906633035e-7,
    2.48015872894767294178e-5, -1.38888888888741095749e-3, 4.16666666666666019037e-2,
  ];
  const horner = (coefficients: readonly number[]) =>
    coefficients.reduce((sum, coefficient) => coefficient + z * sum);
  const s = x + x * z * horner(sinePolynomial);
  const r = z * horner(cosinePolynomial);
  const c = 1 - (0.5 * z - z * r);
  const signed = odd ? -s : s;
  const quarter = Math.floor((octant + 1) / 2) % 4;
  if (quarter === 0) return { sine: signed, cosine: c };
  if (quarter === 1) return { sine: c, cosine: -signed };
  if (quarter === 2) return { sine: -signed, cosine: -c };
  return { sine: -c, cosine: signed };
}
