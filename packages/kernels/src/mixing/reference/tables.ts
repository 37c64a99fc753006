/** The logistic tables of the mixed model in plain loops: `spec/stream.md`, section 3.7. */

const { LN2 } = Math;
const f = Math.fround;

function logarithm(y: number): number {
  let m = y;
  let k = 0;
  while (m >= 2) {
    m *= 0.5;
    k++;
  }
  while (m < 1) {
    m *= 2;
    k--;
  }
  const z = (m - 1) / (m + 1);
  let sum = 0;
  for (let n = 41; n >= 1; n -= 2) sum = sum * (z * z) + 1 / n;
  return k * LN2 + 2 * (z * sum);
}

/** Logarithm of the odds at the middles of 4096 steps. */
export const stretch = Float32Array.from({ length: 4096 }, (_, i) =>
  logarithm((i + 0.5) / (4095.5 - i)),
);

const squashed = new Float32Array(4097);
let step = 1;
for (let n = 12; n >= 1; n--) step = 1 + (3 / 512 / n) * step;
for (let k = 0, power = 1; k <= 2048; k++, power *= step) {
  squashed[2048 + k] = power / (1 + power);
  squashed[2048 - k] = 1 / (1 + power);
}

const MOST = f(11.99);
const STEPS = f(4096 / 24);

/** Its inverse, from a table of 4096 steps from -12 to 12. */
export function squash(x: number): number {
  const place = f(f(Math.max(Math.min(x, MOST), -MOST) + 12) * STEPS);
  return squashed[Math.trunc(place)];
}

export const reciprocals = Uint32Array.from({ length: 256 }, (_, n) => 65536 / (n + 1.6));
