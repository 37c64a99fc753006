import { describe, expect, test } from "vitest";
import { createEncoder } from "../src/index.js";
import { sineCosineReference, transform2Reference } from "../src/reference.js";

/** The transform against its plain reference (to the bit) and against the definition (closely). */

const encoder = createEncoder();

function field(height: number, width: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: 2 * height * width }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** re, im in turn, apart. */
function split(data: Float64Array) {
  return { re: data.filter((_, k) => k % 2 === 0), im: data.filter((_, k) => k % 2 === 1) };
}

function join({ re, im }: { re: Float64Array; im: Float64Array }): Float64Array {
  return Float64Array.from({ length: 2 * re.length }, (_, k) => (k % 2 ? im[k >> 1] : re[k >> 1]));
}

/** One line, by the definition. */
function naive(data: Float64Array): Float64Array {
  const n = data.length / 2;
  const result = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * ((j * k) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      result[2 * k] += data[2 * j] * c - data[2 * j + 1] * s;
      result[2 * k + 1] += data[2 * j] * s + data[2 * j + 1] * c;
    }
  }
  return result;
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);
}

/** Forward between two swaps of parts, over the count: the inverse. */
function inverse(data: Float64Array, height: number, width: number): Float64Array {
  const swapped = (from: Float64Array) => from.map((_, k) => from[k ^ 1]);
  const back = swapped(encoder.openSolver(height, width).transform(swapped(data)));
  return back.map((value) => value / (height * width));
}

const sizes: [number, number][] = [
  ...Array.from({ length: 64 }, (_, k): [number, number] => [1 + (k % 5), k + 1]),
  [96, 3],
  [3, 67],
  [61, 61],
  [2, 127],
  [134, 5],
  [71, 73],
  [1, 1009],
];

describe("the transform", () => {
  test.each(sizes)("%i x %i", (height, width) => {
    const data = field(height, width, 7 * height + width);
    const transformed = encoder.openSolver(height, width).transform(data);
    const expected = join(transform2Reference(split(data), height, width));
    expect(Buffer.compare(Buffer.from(transformed.buffer), Buffer.from(expected.buffer))).toBe(0);
    if (height === 1) expect(largestDifference(transformed, naive(data))).toBeLessThan(1e-10);
    expect(largestDifference(inverse(transformed, height, width), data)).toBeLessThan(1e-13);
  });

  test.each([3, 4, 6, 7, 8, 9, 10, 61, 67, 77, 96, 128, 131, 320])(
    "length %i, by the definition",
    (n) => {
      const data = field(1, n);
      const transformed = encoder.openSolver(1, n).transform(data);
      expect(largestDifference(transformed, naive(data))).toBeLessThan(1e-11);
    },
  );

  test("384 x 320: the inverse restores, energy is kept", () => {
    const data = field(384, 320);
    const transformed = encoder.openSolver(384, 320).transform(data);
    expect(largestDifference(inverse(transformed, 384, 320), data)).toBeLessThan(1e-13);
    const energy = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
    expect(energy(transformed) / (384 * 320) / energy(data)).toBeCloseTo(1, 12);
  });
});

test("sine and cosine: within 2 units in the last place of the platform's", () => {
  const ulp = (x: number) => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -1022))) - 52);
  let most = 0;
  for (const n of [1, 2, 3, 5, 7, 8, 12, 96, 999, 1009, 4096, 65537, 131072]) {
    for (let step = 0; step < 400; step++) {
      const k = n <= 400 ? step % n : Math.floor((step * n) / 400);
      const { sine, cosine } = sineCosineReference(k, n);
      // The platform gets the angle less the nearest quarter turn, so that its own argument is good.
      const quarter = Math.round((4 * k) / n);
      const angle = ((4 * k - quarter * n) / n) * (Math.PI / 2);
      const [s, c] = [Math.sin(angle), Math.cos(angle)];
      const expected = [
        [s, c],
        [c, -s],
        [-s, -c],
        [-c, s],
      ][quarter % 4];
      for (const [found, wanted] of [
        [sine, expected[0]],
        [cosine, expected[1]],
      ]) {
        if (wanted === 0) expect(Math.abs(found)).toBe(0);
        else most = Math.max(most, Math.abs(found - wanted) / ulp(wanted));
      }
      expect(Math.abs(sine * sine + cosine * cosine - 1)).toBeLessThan(4e-16);
    }
  }
  expect(most).toBeLessThan(2);
});
