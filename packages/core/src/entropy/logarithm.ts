/**
 * log2 of a positive number to about 1e-4, from + - * / alone: the encoder's choices, and so its
 * bytes, are the same on every engine (`Math.log2` may differ in the last bit).
 */
export function log2(x: number): number {
  // Infinity, NaN, 0 and below: no finite logarithm; the loops below would not end.
  if (!(x > 0) || x - x !== 0) return x > 0 ? 1024 : -1075;
  let exponent = 0;
  let m = x;
  while (m >= 2 ** 16) {
    m /= 2 ** 16;
    exponent += 16;
  }
  while (m >= 2) {
    m /= 2;
    exponent++;
  }
  while (m < 1) {
    m *= 2;
    exponent--;
  }
  // log2(m) = 2 / ln 2 * artanh((m - 1) / (m + 1)), the series cut after the fifth power: m < 2.
  const t = (m - 1) / (m + 1);
  const square = t * t;
  return exponent + 2.8853900817779268 * t * (1 + square * (1 / 3 + square * (1 / 5 + square / 7)));
}
