import { createDecoder, createEncoder } from "@fieldzip/kernels";
import { describe, expect, test } from "vitest";
import { countOf } from "../src/array/box.js";
import { bytesOf, type FloatArray } from "../src/array/data-type.js";
import { compressChunk, decompressChunk, describeStream } from "../src/index.js";
import { encodeSections, type SolvePlan } from "../src/predictors/mechanism-solve/encode.js";
import { basisOf, equationOf, physicalOf } from "../src/predictors/mechanism-solve/equation.js";
import { mechanismSolve } from "../src/predictors/mechanism-solve/mechanism-solve.js";
import {
  applyOperator,
  fitOperator,
  momentsOf,
  type Operator,
  roundOperator,
} from "../src/predictors/mechanism-solve/operator.js";
import {
  BITS,
  chooseDropped,
  choosePrecision,
  costOf,
  PLAIN,
  type Sample,
} from "../src/predictors/mechanism-solve/precision.js";
import { readHeader, type Section, writeStream } from "../src/stream/header.js";
import { seeded } from "./support/fields.js";
import { decodeReference } from "./support/reference-decoder.js";
import { reseal } from "./support/reseal.js";

const kernels = createEncoder();

/** Rows are steps of a leapfrog scheme: u_tt = speed^2 u_xx, from two random rows. */
function wave(height: number, width: number, speed2: number): Float64Array {
  const random = seeded(11);
  const u = Float64Array.from({ length: height * width }, () => random() - 0.5);
  for (let y = 2; y < height; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = (y - 1) * width + x;
      u[at + width] = 2 * u[at] - u[at - width] + speed2 * (u[at - 1] - 2 * u[at] + u[at + 1]);
    }
  return u;
}

/** Rows are steps of a scheme of three levels for u_t = diffusion u_xx. */
function heat(height: number, width: number, diffusion: number): Float64Array {
  const random = seeded(12);
  const u = Float64Array.from({ length: height * width }, () => random() - 0.5);
  for (let y = 2; y < height; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = (y - 1) * width + x;
      const second = u[at - 1] - 2 * u[at] + u[at + 1];
      u[at + width] = (2 * u[at] - 0.5 * u[at - width] + diffusion * second) / 1.5;
    }
  return u;
}

/** Relaxed until the operator makes nothing of the inside; random values around it. */
function elliptic(height: number, width: number, operator: Operator): Float64Array {
  const random = seeded(13);
  const u = Float64Array.from({ length: height * width }, () => random() - 0.5);
  for (let sweep = 0; sweep < 3000; sweep++)
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++) {
        let sum = 0;
        for (let k = 0; k < 9; k++)
          if (k !== 4)
            sum += operator[k] * u[(y + Math.floor(k / 3) - 1) * width + x + (k % 3) - 1];
        u[y * width + x] = -sum / operator[4];
      }
  return u;
}

function fitted(u: Float64Array, height: number, width: number): Operator {
  const mean = u.reduce((sum, value) => sum + value, 0) / u.length;
  return fitOperator(momentsOf(u, height, width, mean));
}

/** Relative to one of the terms. */
function shares(operator: Operator, to: "u_yy" | "u_y"): Record<string, number> {
  const physical = physicalOf(operator);
  return Object.fromEntries(
    Object.entries(physical).map(([name, weight]) => [name, weight / physical[to]]),
  );
}

describe("the learned operator", () => {
  test("hyperbolic: the wave equation", () => {
    const found = shares(fitted(wave(40, 50, 0.37), 40, 50), "u_yy");
    expect(found.u_xx).toBeCloseTo(-0.37, 6);
    for (const name of ["u_x", "u_y", "u_xy", "u", "u_xxy", "u_xyy", "u_xxyy"])
      expect(Math.abs(found[name]), name).toBeLessThan(1e-6);
  });

  test("parabolic: the heat equation", () => {
    const found = shares(fitted(heat(40, 50, 0.21), 40, 50), "u_y");
    expect(found.u_xx).toBeCloseTo(-0.21, 6);
    expect(found.u_yy).toBeCloseTo(1, 6);
    for (const name of ["u_x", "u_xy", "u", "u_xxy", "u_xyy", "u_xxyy"])
      expect(Math.abs(found[name]), name).toBeLessThan(1e-6);
  });

  test("elliptic: anisotropic diffusion with a drift, a mixed derivative and decay", () => {
    const known = [0.1, 1.3, -0.1, 0.9, -4.8, 1.1, -0.1, 1.3, 0.1];
    const found = shares(fitted(elliptic(24, 26, known), 24, 26), "u_yy");
    const expected = shares(known, "u_yy");
    for (const [name, weight] of Object.entries(expected))
      expect(Math.abs(found[name] - weight), name).toBeLessThan(1e-6);
  });

  test("the nine matrices rebuild the operator", () => {
    const random = seeded(3);
    const operator = Array.from({ length: 9 }, () => random() - 0.5);
    const [c1, c2, c3, c4, c5, c6, c7, c8, c9] = basisOf(operator);
    // Row by row, y = -1 first.
    const rebuilt = [
      c7 - c5,
      c4 - c2,
      c8 - c6,
      c3 - c1,
      c9 - 2 * (c3 + c4 + c7 + c8),
      c3 + c1,
      c8 + c6,
      c4 + c2,
      c7 + c5,
    ];
    rebuilt.forEach((weight, k) => {
      expect(weight).toBeCloseTo(operator[k], 14);
    });
  });

  test("as an equation", () => {
    expect(equationOf([0, 1, 0, 1, -4, 1, 0, 1, 0])).toBe("u_xx + u_yy = f");
    expect(equationOf([1, -2, 1, -2, 4, -2, 1, -2, 1])).toBe("u_xxyy = f");
    expect(equationOf([0, 0, 0, -1, 0, 1, 0, 0, 0])).toBe("u_x = f");
    expect(equationOf([0, 2, 0, -1, -2, -1, 0, 2, 0])).toBe("-0.5 u_xx + u_yy = f");
    expect(equationOf([0, 0, 0, 0, 0, 0, 0, 0, 0])).toBe("0 = f");
  });

  test("rounded: the sum of its weights is kept, common divisors go", () => {
    expect(roundOperator([0.25, -0.5, 0.25, -0.5, 1, -0.5, 0.25, -0.5, 0.25], 6)).toEqual([
      1, -2, 1, -2, 4, -2, 1, -2, 1,
    ]);
    const third = 1 / 3;
    const rounded = roundOperator([0, -third, 0, -third, 1, 0, 0, -third, 0], 3);
    expect(rounded.reduce((sum, weight) => sum + weight, 0)).toBe(0);
    expect(rounded[4]).toBe(8);
  });
});

/** A field on a grid of steps, as the search sees it. */
function sampleOf(field: Float64Array, height: number, width: number, step: number): Sample {
  const onGrid = field.map((value) => Math.round(value / step) * step);
  const mean = onGrid.reduce((sum, value) => sum + value, 0) / onGrid.length;
  const spread = onGrid.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  const moments = momentsOf(onGrid, height, width, mean);
  const sections = [{ field: onGrid, operator: fitOperator(moments), mean, moments, grid: PLAIN }];
  return { height, width, dataType: "float64", spread, sections };
}

function planOf({ height, width, sections, spread }: Sample): SolvePlan {
  const [{ field, mean, operator, moments }] = sections;
  const one = {
    sections: 1,
    means: [mean],
    moments: [moments],
    grids: [PLAIN],
    mask: undefined,
    shared: operator,
    operators: [operator],
  };
  return { values: field, field, height, width, spread, ...one };
}

function bytesIn(sections: readonly Section[]): number {
  return sections.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

async function roundTrip(values: FloatArray, shape: number[]) {
  const { bytes, predictor } = await compressChunk(values, shape, { predictor: "mechanism-solve" });
  const dataType = values instanceof Float32Array ? "float32" : "float64";
  const decoded = await decompressChunk(bytes, { dataType, shape, where: "test" });
  expect(Buffer.compare(bytesOf(decoded), bytesOf(values))).toBe(0);
  return { bytes, predictor };
}

describe("precision control", () => {
  const step = 2 ** -10;
  const sample = sampleOf(wave(96, 96, 0.37), 96, 96, step);
  const costs = costOf(sample, step, BITS);
  const best = costs.indexOf(Math.min(...costs));

  test("cases I to III: many digits, large values, and the best between them", () => {
    expect(best).toBeGreaterThan(0);
    expect(best).toBeLessThan(BITS.length - 1);
    // Case I: every further digit of the operator costs f a digit.
    expect(costs[BITS.length - 1] - costs[best]).toBeGreaterThan(5);
    // Case II: a coarse operator leaves f as large as the field.
    expect(costs[0] - costs[best]).toBeGreaterThan(0.3);
    const chosen = choosePrecision(sample)!;
    expect(chosen.step).toBe(step);
    expect(chosen.bits).toBe(BITS[best]);
  });

  test("the estimate orders what is really coded", () => {
    const plan = planOf(sample);
    const sizeAt = (bits: number) =>
      bytesIn(encodeSections(plan, { step, bits, dropped: 0 }, kernels));
    const least = sizeAt(BITS[best]);
    expect(sizeAt(0)).toBeGreaterThan(least);
    expect(sizeAt(BITS[BITS.length - 1])).toBeGreaterThan(least);
  });

  test("a field on a grid comes back from f alone, up to the last bit", () => {
    const sections = encodeSections(planOf(sample), { step, bits: 2, dropped: 0 }, kernels);
    // Nothing but classes 0 in the residual: eight states, no bits.
    expect(sections[1].bytes.length).toBe(32);
    expect(sections[2].bytes.length).toBe(0);
  });

  test("f rounded: the solver turns it into errors that the residual takes up", async () => {
    const shape = [96, 96];
    for (const dropped of [1, 4, 9]) {
      const sections = encodeSections(planOf(sample), { step, bits: 6, dropped }, kernels);
      const stream = writeStream("float64", 2, shape, sections);
      const decoded = await decompressChunk(stream, { dataType: "float64", shape, where: "test" });
      expect(decoded).toEqual(sample.sections[0].field);
      expect(sections[2].bytes.length).toBeGreaterThan(0);
      expect(decodeReference(stream)).toEqual(decoded);
    }
    const first = choosePrecision(sample)!;
    expect(chooseDropped(sample, first, kernels).cost).toBeLessThanOrEqual(first.cost);
  });
});

describe("streams", () => {
  const random = seeded(21);
  const smooth = (count: number, width: number) => (i: number) =>
    Math.sin((i % width) / 7) * Math.cos(Math.floor(i / width) / 5) + (1e-3 * i) / count;

  test.each([
    ["a prime width", [31, 67]],
    ["a prime height above 61, several sections", [3, 71, 24]],
    ["prime factors of a butterfly", [37, 3 * 43]],
  ] as const)("by the plain decoder: %s", async (_, shape) => {
    const count = countOf(shape);
    const width = shape[shape.length - 1];
    const values = Float32Array.from({ length: count }, (_, i) => smooth(count, width)(i));
    const { bytes, predictor } = await roundTrip(values, [...shape]);
    expect(predictor).toBe("mechanism-solve");
    expect(Buffer.compare(bytesOf(decodeReference(bytes)), bytesOf(values))).toBe(0);
  });

  test("frequencies that the operator is blind to are given apart", async () => {
    // A function of x plus one of y: the mixed difference sees neither, and f is 0 inside.
    const [height, width] = [40, 48];
    const [rows, columns] = [height, width].map((n) =>
      Array.from({ length: n }, () => Math.round(random() * 4096) / 64),
    );
    const values = Float32Array.from(
      { length: height * width },
      (_, i) => rows[Math.floor(i / width)] + columns[i % width],
    );
    const { bytes } = await roundTrip(values, [height, width]);
    const { equation, sections } = describeStream(bytes);
    expect(equation).toMatch(/= f$/);
    expect(sections.find(({ name }) => name === "source term")!.bytes).toBeLessThan(100);
    expect(decodeReference(bytes)).toEqual(values);
  });

  test("what inspect says", async () => {
    const u = wave(64, 64, 0.25).map((value) => Math.round(value * 2 ** 16) / 2 ** 16);
    const { bytes } = await roundTrip(Float32Array.from(u), [64, 64]);
    const { mode, predictor, equation } = describeStream(bytes);
    expect([mode, predictor, equation]).toEqual([
      "solve",
      "mechanism-solve",
      "-0.25 u_xx + u_yy = f",
    ]);
  });

  test("auto leaves it out, even where it would be smallest", async () => {
    expect(mechanismSolve.automatic).toBe(false);
    const values = Float32Array.from(wave(64, 64, 0.25), (value) => Math.round(value * 64) / 64);
    const { predictor } = await compressChunk(values, [64, 64]);
    expect(predictor).not.toBe("mechanism-solve");
  });

  test.each([[[]], [[0]], [[100]], [[1, 9]], [[2, 50]], [[50, 2]], [[70000, 3]]])(
    "nothing to offer for shape %j",
    (shape) => {
      const values = new Float32Array(countOf(shape)).fill(1);
      expect(mechanismSolve.encode(values, shape, kernels)).toBeUndefined();
    },
  );

  test("f is exact in whole numbers, around the edges too", () => {
    const field = Float64Array.from({ length: 12 }, (_, i) => i * i);
    const f = applyOperator([1, 0, 0, 0, -2, 0, 0, 0, 3], field, 3, 4);
    expect(f[0]).toBe(field[11] - 2 * field[0] + 3 * field[5]);
    expect(f[11]).toBe(field[6] - 2 * field[11] + 3 * field[0]);
  });
});

describe("hostile streams with valid checksums", () => {
  const decoder = createDecoder();

  test.each([
    [[24, 24], "float32", false],
    [[4, 9, 20], "float32", true],
    [[3, 40, 24], "float64", false],
    [[12, 67], "float64", true],
  ] as const)("mutated %s %s", async (shape, type, masked) => {
    const count = countOf(shape);
    const numbers = Array.from({ length: count }, (_, i) =>
      masked && i % 50 < 9 ? 1e20 : Math.sin(i / 9) + Math.cos(Math.floor(i / shape[1]) / 5),
    );
    const values = type === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
    const { bytes: stream } = await roundTrip(values, [...shape]);
    expect(stream[7], "it is a stream of mechanism-solve").toBe(2);
    const { sections } = readHeader(stream, "test");
    const random = seeded(count);
    const started = performance.now();
    let accepted = 0;
    for (let round = 0; round < 2500; round++) {
      const mutated = stream.slice();
      const { offset, length } = sections[round % 2 ? 0 : Math.floor(random() * sections.length)];
      // The first numbers of a section are sizes: half of the edits go there.
      const within = Math.min(length, random() < 0.5 ? 72 : length);
      for (let k = 0; k <= random() * 4; k++)
        mutated[offset + Math.floor(random() * within)] =
          random() < 0.5 ? Math.floor(random() * 256) : [0, 1, 255, 128][Math.floor(random() * 4)];
      const { status } = decoder.decode(reseal(mutated), type, count);
      expect(status).toBeGreaterThanOrEqual(0);
      expect(status).toBeLessThanOrEqual(18);
      if (status === 0) accepted++;
    }
    expect(performance.now() - started, "no mutation makes decoding slow").toBeLessThan(30_000);
    expect(accepted).toBeLessThan(2500);
  });

  test("sections that do not belong", async () => {
    const values = Float32Array.from({ length: 900 }, (_, i) => Math.sin(i / 9));
    const { bytes: stream } = await roundTrip(values, [30, 30]);
    for (let k = 0; k < 5; k++) {
      for (const kind of [0, 4, 5, 8, 9, 16]) {
        const mutated = stream.slice();
        mutated[12 + 8 + 12 * k] = kind;
        expect(decoder.decode(reseal(mutated), "float32", 900).status).toBeGreaterThan(0);
      }
    }
    const other = stream.slice();
    other[7] = 1;
    expect(decoder.decode(reseal(other), "float32", 900).status).toBeGreaterThan(0);
  });
});
