import { describe, expect, test } from "vitest";
import {
  addSimilarity,
  bitAgreement,
  compareSpectra,
  conservedSum,
  difference,
  differenceSums,
  mergeDifferences,
  noSimilarity,
  powerSpectra,
  powerSpectrum,
  similarityReport,
  similaritySums,
  structuralSimilarity,
} from "../src/metrics/index.js";

function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe("differences", () => {
  test("MSE, RMSE, largest error and PSNR of a known case", () => {
    const report = difference([0, 1, 2, 4], [0, 1.5, 2, 3]);
    expect(report).toMatchObject({ count: 4, lost: 0, min: 0, max: 4, mse: 1.25 / 4, maxError: 1 });
    expect(report.rmse).toBeCloseTo(0.5590169943749475, 15);
    expect(report.psnr).toBeCloseTo(20 * Math.log10(4 / 0.5590169943749475), 12);
  });

  test("values that are not finite do not count; lost ones are told", () => {
    const report = difference([Number.NaN, 1, Number.POSITIVE_INFINITY, 3], [7, 1, 2, Number.NaN]);
    expect(report).toMatchObject({ count: 2, lost: 1, min: 1, max: 3, mse: 0, maxError: 0 });
    expect(report.psnr).toBe(Number.POSITIVE_INFINITY);
    expect(difference([Number.NaN], [1])).toMatchObject({ count: 0, min: Number.NaN });
  });

  test("a constant: infinite where kept, minus infinite where not", () => {
    expect(difference([5, 5], [5, 5]).psnr).toBe(Number.POSITIVE_INFINITY);
    expect(difference([5, 5], [5, 6]).psnr).toBe(Number.NEGATIVE_INFINITY);
  });

  test("pieces add up", () => {
    const [a, b] = [numbers(1000), numbers(1000, 2)];
    const sums = differenceSums();
    for (let from = 0; from < 1000; from += 77) {
      sums.add(a.subarray(from, from + 77), b.subarray(from, from + 77));
    }
    expect(sums.report().psnr).toBeCloseTo(difference(a, b).psnr, 10);
    const merged = mergeDifferences([
      difference(a.subarray(0, 300), b.subarray(0, 300)),
      difference([Number.NaN], [1]),
      difference(a.subarray(300), b.subarray(300)),
    ]);
    expect(merged.psnr).toBeCloseTo(difference(a, b).psnr, 10);
    expect(merged).toMatchObject({ count: 1000, maxError: difference(a, b).maxError });
    expect(() => sums.add([1], [1, 2])).toThrow("1 values expected, 2 found");
  });
});

/** SSIM at every place by the definition, with no separable passes. */
function plainSimilarity(a: Float64Array, b: Float64Array, height: number, width: number): number {
  const weights = Array.from({ length: 11 }, (_, i) => Math.exp(-(((i - 5) / 1.5) ** 2) / 2));
  const total = weights.reduce((x, y) => x + y, 0) ** 2;
  const range = Math.max(...a) - Math.min(...a);
  let sum = 0;
  for (let y = 0; y + 11 <= height; y++) {
    for (let x = 0; x + 11 <= width; x++) {
      const moment = (f: (i: number) => number) => {
        let result = 0;
        for (let v = 0; v < 11; v++) {
          for (let u = 0; u < 11; u++) {
            result += ((weights[v] * weights[u]) / total) * f((y + v) * width + x + u);
          }
        }
        return result;
      };
      const ma = moment((i) => a[i]);
      const mb = moment((i) => b[i]);
      const va = moment((i) => (a[i] - ma) ** 2);
      const vb = moment((i) => (b[i] - mb) ** 2);
      const ab = moment((i) => (a[i] - ma) * (b[i] - mb));
      const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
      sum += ((2 * ma * mb + c1) * (2 * ab + c2)) / ((ma ** 2 + mb ** 2 + c1) * (va + vb + c2));
    }
  }
  return sum / ((height - 10) * (width - 10));
}

describe("structural similarity", () => {
  const [height, width] = [17, 23];
  const a = numbers(height * width).map((value, i) => 1e3 + Math.sin(i / 9) + value / 4);
  const b = a.map((value, i) => value + numbers(a.length, 3)[i] / 3);
  const range = Math.max(...a) - Math.min(...a);

  test("equal fields have 1; two axes agree with the definition", () => {
    expect(structuralSimilarity(a, a, [height, width], range)).toBeCloseTo(1, 12);
    const found = structuralSimilarity(a, b, [height, width], range);
    expect(found).toBeCloseTo(plainSimilarity(a, b, height, width), 9);
    expect(found).toBeLessThan(1);
  });

  test("a volume that is constant along the third axis is worth its slice", () => {
    const stack = (values: Float64Array) =>
      Float64Array.from({ length: 12 * values.length }, (_, i) => values[i % values.length]);
    const shape = [12, height, width];
    const slice = structuralSimilarity(a, b, [height, width], range);
    expect(structuralSimilarity(stack(a), stack(b), shape, range)).toBeCloseTo(slice, 9);
  });

  test("slices across every axis, each by the definition", () => {
    const shape = [13, 15, 17] as const;
    const [planes, rows, columns] = shape;
    const x = numbers(planes * rows * columns);
    const noise = numbers(x.length, 4);
    const y = x.map((value, i) => value + noise[i] / 5);
    const scale = { range: Math.max(...x) - Math.min(...x), near: x[0] };
    const mean = (count: number, pick: (slice: number) => readonly number[], size: number[]) => {
      let sum = 0;
      for (let slice = 0; slice < count; slice++) {
        const [p, q] = [x, y].map((values) => pick(slice).map((i) => values[i]));
        sum += structuralSimilarity(p, q, size, scale.range);
      }
      return sum / count;
    };
    const place = (z: number, v: number, u: number) => (z * rows + v) * columns + u;
    const grid = (height: number, width: number, at: (v: number, u: number) => number) =>
      Array.from({ length: height * width }, (_, i) => at(Math.floor(i / width), i % width));
    const found = similarityReport(similaritySums(x, y, shape, scale));
    const expected = [
      mean(planes, (s) => grid(rows, columns, (v, u) => place(s, v, u)), [rows, columns]),
      mean(rows, (s) => grid(planes, columns, (v, u) => place(v, s, u)), [planes, columns]),
      mean(columns, (s) => grid(planes, rows, (v, u) => place(v, u, s)), [planes, rows]),
    ];
    expected.forEach((value, axis) => {
      expect(found.slices[axis]).toBeCloseTo(value, 10);
    });
    expect(found.volume).toBeLessThan(1);
  });

  test("parts of a volume that overlap by a window add up to the whole", () => {
    const shape = [25, 12, 14] as const;
    const area = 12 * 14;
    const x = numbers(25 * area);
    const noise = numbers(x.length, 8);
    const y = x.map((value, i) => value + noise[i] / 9);
    x[7 * area + 3] = Number.NaN;
    const scale = { range: 2, near: 0 };
    const whole = similaritySums(x, y, shape, scale);
    const sums = noSimilarity(shape);
    for (const [from, ownPlanes] of [
      [0, 9],
      [9, 3],
      [12, 13],
    ]) {
      const count = Math.min(25 - from, ownPlanes + 10);
      const part = [x, y].map((values) => values.subarray(from * area, (from + count) * area));
      addSimilarity(
        sums,
        similaritySums(part[0], part[1], shape, scale, { from, count, ownPlanes }),
      );
    }
    const [expected, found] = [similarityReport(whole), similarityReport(sums)];
    expect(found.volume).toBeCloseTo(expected.volume, 12);
    expected.slices.forEach((value, axis) => {
      expect(found.slices[axis]).toBeCloseTo(value, 12);
    });
  });

  test("windows with a gap do not count; short axes get short windows", () => {
    const gap = Float64Array.from(a);
    gap[0] = Number.NaN;
    expect(structuralSimilarity(gap, gap, [height, width], range)).toBeCloseTo(1, 12);
    const nothing = a.map(() => Number.NaN);
    expect(structuralSimilarity(nothing, a, [height, width], range)).toBeNaN();
    expect(structuralSimilarity([1, 2], [1, 2], [1, 2], 1)).toBeCloseTo(1, 12);
    expect(structuralSimilarity([4, 4], [4, 4], [2], 0)).toBeCloseTo(1, 12);
  });
});

describe("power spectra", () => {
  test("a wave has its power in its shell, whatever the length", () => {
    for (const length of [8, 12, 31, 64, 100]) {
      const wave = Float64Array.from(
        { length },
        (_, i) => 3 + Math.cos((6 * Math.PI * i) / length),
      );
      const shells = powerSpectrum(wave, [length])!;
      expect(shells[0]).toBeCloseTo(9, 10);
      expect(shells[3]).toBeCloseTo(0.5, 10);
      expect(shells.reduce((sum, power) => sum + power, 0)).toBeCloseTo(9.5, 10);
    }
  });

  test("shells count in cycles along the longest axis", () => {
    const shape = [6, 10, 20];
    const values = Float64Array.from({ length: 1200 }, (_, i) =>
      Math.cos((2 * Math.PI * 2 * (Math.floor(i / 20) % 10)) / 10),
    );
    const shells = powerSpectrum(values, shape)!;
    expect(shells[4]).toBeCloseTo(0.5, 10);
  });

  test("energy is kept up to the corners that shells leave out", () => {
    const values = numbers(15 * 9, 5);
    const energy = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const sum = powerSpectrum(values, [15, 9])!.reduce((total, power) => total + power, 0);
    expect(sum).toBeLessThanOrEqual(energy);
    expect(powerSpectrum(values, [135])!.reduce((a, b) => a + b, 0)).toBeCloseTo(energy, 10);
  });

  test("what is smoothed away shows at high wave numbers first", () => {
    const values = numbers(64, 9);
    const smooth = values.map((value, i) => (value + values[(i + 1) % 64]) / 2);
    const report = compareSpectra(values, smooth, [64])!;
    expect(report.error).toBeGreaterThan(0.3);
    expect(report.faithfulTo).toBeGreaterThanOrEqual(4);
    expect(report.faithfulTo).toBeLessThan(8);
    expect(compareSpectra(values, values, [64])).toMatchObject({ error: 0, faithfulTo: 32 });
    expect(compareSpectra([1, Number.NaN], [1, 2], [2])).toBeUndefined();
  });
});

describe("two spectra by one transform", () => {
  test("are the spectra of each, and of the difference", () => {
    const shape = [6, 9, 10];
    const a = numbers(540, 11).map((value) => 300 + value);
    const noise = numbers(540, 12);
    const b = a.map((value, i) => value + noise[i] / 50 + 0.25);
    const found = powerSpectra(a, b, shape)!;
    const change = a.map((value, i) => b[i] - value);
    const pairs = [
      [found.original, powerSpectrum(a, shape)!],
      [found.decoded, powerSpectrum(b, shape)!],
      [found.difference, powerSpectrum(change, shape)!],
    ];
    for (const [got, expected] of pairs) {
      expected.forEach((power, k) => {
        expect(got[k]).toBeCloseTo(power, 10);
      });
    }
    const mean = change.reduce((sum, value) => sum + value, 0) / 540;
    expect(found.difference[0]).toBeCloseTo(mean ** 2, 12);
  });
});

describe("bits", () => {
  test("-0, NaN payloads and every type", () => {
    expect(bitAgreement(Float32Array.of(0, 1, 2), Float32Array.of(-0, 1, 2))).toEqual({
      values: 3,
      differingValues: 1,
      differingBits: 1,
    });
    const quiet = new Float64Array(new BigUint64Array([0x7ff8000000000000n, 5n]).buffer);
    const other = new Float64Array(new BigUint64Array([0x7ff8000000000003n, 5n]).buffer);
    expect(bitAgreement(quiet, other)).toMatchObject({ differingValues: 1, differingBits: 2 });
    expect(bitAgreement(quiet, quiet.slice())).toMatchObject({ differingValues: 0 });
    expect(bitAgreement(Int16Array.of(1, -1), Int16Array.of(1, 0))).toMatchObject({
      values: 2,
      differingBits: 16,
    });
    expect(() => bitAgreement(new Int16Array(2), new Int32Array(2))).toThrow("one type");
  });
});

describe("conserved sums", () => {
  test("digits that a plain sum would lose", () => {
    const found = conservedSum([1e16, 1, -1e16, Number.NaN], [1e16, 2, -1e16, 1]);
    expect(found.original).toBe(1);
    expect(found.decoded).toBe(2);
    expect(found.relativeError).toBeCloseTo(1 / (2e16 + 1), 20);
  });

  test("nothing changed", () => {
    expect(conservedSum([0, 0], [0, 0])).toEqual({ original: 0, decoded: 0, relativeError: 0 });
  });
});
