/** Random numbers from a seed, the same on every engine: xoshiro128** (Blackman and Vigna, 2018). */
export interface Random {
  /** 32 random bits. */
  bits(): number;
  /** Uniform in [0, 1), 24 bits. */
  uniform(): number;
  /** Whole number in [0, below), below at most 2^32. */
  below(count: number): number;
  /** Close to standard normal: a sum of 12 uniform numbers, from additions alone. Never beyond 6. */
  normal(): number;
}

/** `stream` tells apart sequences of one seed. */
export function createRandom(seed: number, stream = 0): Random {
  let mixed = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((stream | 0) + 1, 0x85ebca6b)) >>> 0;
  // splitmix32 spreads seeds that differ in one bit.
  const next = () => {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next(), next(), next(), next() | 1];
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));
  const random: Random = {
    bits() {
      const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotate(d, 11);
      return result;
    },
    uniform: () => (random.bits() >>> 8) / 2 ** 24,
    below: (count) => Math.floor((random.bits() / 2 ** 32) * count),
    normal() {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += random.uniform();
      return sum;
    },
  };
  return random;
}

/** 0 to count - 1 in random order (Fisher and Yates). */
export function permutation(count: number, random: Random): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const j = random.below(i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return order;
}
