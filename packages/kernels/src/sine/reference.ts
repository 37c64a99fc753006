/** Sine and cosine of 2 pi k / n in plain arithmetic: the truth that `kernel.ts` is held to. k < 2^49, n < 2^49. */
export function sineCosineReference(k: number, n: number): { sine: number; cosine: number } {
  const eighths = 8 * (k % n);
  const octant = Math.floor(eighths / n);
  const rest = eighths - octant * n;
  const odd = octant % 2 === 1;
  const x = ((odd ? n - rest : rest) / n) * 0.7853981633974483;
  const z = x * x;
  const sinePolynomial = [
    1.58969099521155e-10, -2.5050760253406863e-8, 2.7557313707070068e-6, -0.0001984126982985795,
    0.00833333333332249, -0.16666666666666632,
  ];
  const cosinePolynomial = [
    -1.1359647557788195e-11, 2.087572321298175e-9, -2.7557314351390663e-7, 2.480158728947673e-5,
    -0.001388888888887411, 0.0416666666666666,
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
