import type { FloatArray, FloatType } from "../../src/array/data-type.js";

/** A small, fast, seeded generator of uniform numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function makeArray(type: FloatType, count: number): FloatArray {
  return type === "float32" ? new Float32Array(count) : new Float64Array(count);
}

/** Fills of values, ordinary and awkward, by name. */
export const fills: Readonly<Record<string, (values: FloatArray, width: number) => void>> = {
  smooth: (values, width) => {
    for (let i = 0; i < values.length; i++)
      values[i] = Math.sin(i / 9) + Math.cos(Math.floor(i / width) / 5);
  },
  noise: (values) => {
    const random = seeded(1);
    for (let i = 0; i < values.length; i++) values[i] = random() * 2 - 1;
  },
  "random bits": (values) => randomBits(values),
  constant: (values) => values.fill(-0),
  zeros: (values) => values.fill(0),
  steps: (values, width) => {
    for (let i = 0; i < values.length; i++)
      values[i] = (i % width) + (i > values.length / 2 ? 1e20 : 0);
  },
  "fill values and NaN": (values) => {
    const random = seeded(2);
    for (let i = 0; i < values.length; i++) {
      const u = random();
      values[i] =
        u < 0.2
          ? 1e20
          : u < 0.3
            ? Number.NaN
            : u < 0.35
              ? Number.POSITIVE_INFINITY
              : 300 + random();
    }
  },
  "decimals with strays": (values, width) => {
    const random = seeded(6);
    for (let i = 0; i < values.length; i++) {
      // Rounds to -0 now and then, which is no lattice point.
      values[i] = Math.round(20 * Math.sin(i / width)) / 100;
      if (random() < 0.005) values[i] = random() < 0.5 ? Math.PI : Number.NaN;
    }
  },
  "scaled integers with land": (values, width) => {
    for (let i = 0; i < values.length; i++) {
      const land = (i % width) + Math.floor(i / width) / 2 > 0.6 * width;
      const index = Math.round(3000 + 2500 * Math.sin(i / 40));
      values[i] = land ? 9.969209968386869e36 : 271.15 + index * 0.00390625;
    }
  },
  "sparse, mostly zero": (values) => {
    const random = seeded(7);
    for (let i = 0; i < values.length; i++)
      values[i] = Math.sin(i / 50) > 0.7 ? random() * 1e-3 : 0;
  },
  "corners that cells share": (values) => {
    for (let i = 0; i < values.length; i++) {
      const corner = Math.floor(i / 4) + [0, 1, 1, 0][i % 4];
      values[i] = Math.sqrt(2 + ((corner * 7919) % 1009));
    }
  },
  "signed zeros and subnormals": (values) => {
    const random = seeded(3);
    const tiny = values instanceof Float32Array ? 1e-42 : 5e-322;
    for (let i = 0; i < values.length; i++)
      values[i] = [0, -0, tiny, -tiny, Number.NEGATIVE_INFINITY][Math.floor(random() * 5)];
  },
  "largest magnitudes": (values) => {
    const random = seeded(4);
    const most = values instanceof Float32Array ? 3.4028234663852886e38 : Number.MAX_VALUE;
    for (let i = 0; i < values.length; i++) values[i] = random() < 0.5 ? most : -most;
  },
};

/** Every bit pattern alike likely: NaN payloads, quiet and signalling, of both signs are among them. */
function randomBits(values: FloatArray): void {
  const random = seeded(5);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  for (let i = 0; i < words.length; i++) {
    words[i] = Math.floor(random() * 2 ** 32);
    if (random() < 0.1) words[i] = (words[i] | 0x7f800000) >>> 0;
  }
}

/** Shapes of every rank, with 0, 1, prime and ragged extents. */
export const shapes: readonly (readonly number[])[] = [
  [],
  [0],
  [1],
  [2],
  [7],
  [1009],
  [3, 0, 5],
  [1, 1, 1],
  [37, 1],
  [1, 37],
  [5, 3],
  [67, 31],
  [33, 8],
  [9, 13, 17],
  [4, 5, 1, 9],
  [3, 4, 5, 11],
  [2, 3, 4, 5, 9],
  [2, 1, 3, 1, 2, 1, 4, 9],
];
