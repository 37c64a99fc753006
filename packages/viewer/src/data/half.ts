const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** The half float nearest to a number from 0 to 1. */
export function halfOf(value: number): number {
  // Below the least normal half float the steps are equal: 2^-24.
  if (value < 6.103515625e-5) return Math.round(value * 16777216);
  word[0] = value;
  // Exponent bias 127 to 15, and 13 bits fewer, rounded to nearest.
  return (bits[0] - 0x38000000 + 0x1000) >>> 13;
}

/** -64 as a half float: stands for values that are not there. Mixed with any other it stays below 0. */
export const absentHalf = 0xd400;
