/**
 * Logistic tables of the mixed model, built with + - * / alone. stretch(p) = ln(p / (1 - p)) at the middles
 * of 4096 steps of p; squash, its inverse, at 4097 points from -12 to 12; reciprocals of counts.
 */

export const STRETCH: usize = memory.data(4096 * 4, 16);
export const SQUASH: usize = memory.data(4097 * 4, 16);
/** 65536 / (n + 1.6), rounded down, for n to 255. */
export const RECIPROCALS: usize = memory.data(256 * 4, 16);

export const SQUASH_STEPS: f32 = 4096.0 / 24.0;
const LN2: f64 = 0.6931471805599453;

/** ln(y), y > 0: powers of two taken out, then 2 artanh((m - 1) / (m + 1)). */
function logarithm(y: f64): f64 {
  let m = y;
  let k: f64 = 0;
  while (m >= 2) {
    m = m * 0.5;
    k = k + 1;
  }
  while (m < 1) {
    m = m * 2;
    k = k - 1;
  }
  const z = (m - 1) / (m + 1);
  const zz = z * z;
  let sum: f64 = 0;
  for (let n: f64 = 41; n >= 1; n -= 2) sum = sum * zz + 1 / n;
  return k * LN2 + 2 * (z * sum);
}

/** e^(3 / 512), one step of the squash table. */
function exponentialOfStep(): f64 {
  const h: f64 = 3.0 / 512.0;
  let sum: f64 = 1;
  for (let n: f64 = 12; n >= 1; n -= 1) sum = 1 + (h / n) * sum;
  return sum;
}

let built: bool = false;

export function buildTables(): void {
  if (built) return;
  built = true;
  for (let i: usize = 0; i < 4096; i++) {
    store<f32>(STRETCH + (i << 2), <f32>logarithm((<f64>i + 0.5) / (4095.5 - <f64>i)));
  }
  const step = exponentialOfStep();
  let power: f64 = 1;
  for (let k: usize = 0; k <= 2048; k++) {
    store<f32>(SQUASH + ((2048 + k) << 2), <f32>(power / (1 + power)));
    store<f32>(SQUASH + ((2048 - k) << 2), <f32>(1 / (1 + power)));
    power = power * step;
  }
  for (let n: usize = 0; n < 256; n++) store<u32>(RECIPROCALS + (n << 2), <u32>(65536 / (<f64>n + 1.6)));
}
