import { createDecoder } from "@fieldzip/kernels";
import { describe, expect, test } from "vitest";
import { countOf } from "../src/array/box.js";
import { bytesOf, type FloatArray, type FloatType } from "../src/array/data-type.js";
import { compressChunk, decompressChunk, describeStream } from "../src/index.js";
import { readJoint } from "../src/predictors/mechanism/joint/side-information.js";
import { MODE_MIXED, readMixed } from "../src/predictors/mechanism/mixed/parameters.js";
import { readHeader } from "../src/stream/header.js";
import { makeArray, seeded } from "./support/fields.js";
import { decodeReference } from "./support/reference-decoder.js";
import { reseal } from "./support/reseal.js";

/** What effort `max` finds out about a chunk, and chunks of several variables under it. */

const bitsEqual = (a: FloatArray, b: FloatArray) => Buffer.compare(bytesOf(a), bytesOf(b)) === 0;

function field(
  type: FloatType,
  shape: readonly number[],
  value: (place: number, random: () => number) => number,
): FloatArray {
  const values = makeArray(type, countOf(shape));
  const random = seeded(countOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = value(i, random);
  return values;
}

async function coded(values: FloatArray, shape: readonly number[], variableAxis?: number) {
  const { bytes } = await compressChunk(values, shape, {
    predictor: "mechanism",
    effort: "max",
    variableAxis,
  });
  const dataType = values instanceof Float32Array ? "float32" : "float64";
  const decoded = await decompressChunk(bytes, { dataType, shape, where: "test" });
  expect(bitsEqual(decoded, values)).toBe(true);
  const header = readHeader(bytes, "test");
  const [side] = header.sections;
  return { bytes, side: bytes.slice(side.offset, side.offset + side.length) };
}

const wave = (i: number, random: () => number) => Math.sin(i / 31) * 50 + random() * 0.01;

describe("effort max", () => {
  test("binary32 numbers stored as binary64", async () => {
    const values = field("float64", [40, 50], (i, random) => Math.fround(wave(i, random)));
    const { bytes, side } = await coded(values, [40, 50]);
    expect(readMixed(side, 8).shift).toBe(29);
    expect(bytes.length).toBeLessThan(countOf([40, 50]) * 4);
  });

  test("means of decimals: a lattice of no round step", async () => {
    const values = field("float32", [60, 70], (i) => Math.round(Math.sin(i / 9) * 20000) / 24400);
    const { side } = await coded(values, [60, 70]);
    expect(readMixed(side, 4).lattices).toEqual([{ divisor: 24400 }]);
  });

  test("far neighbours in a row, and places in turn", async () => {
    const face = field("float32", [1024], (i, random) => (i % 4) * 3 + random() * 5);
    const values = field("float32", [4096], (i, random) => face[i % 1024] + random() * 1e-3);
    const { side } = await coded(values, [4096]);
    expect(readMixed(side, 4).lags).toContain(1024);
  });

  test("what inspect says", async () => {
    const values = field("float32", [30, 40], (i, random) => (i % 40 < 9 ? 1e20 : wave(i, random)));
    const { bytes } = await coded(values, [30, 40]);
    const { mode, details } = describeStream(bytes);
    expect(mode).toBe("mixed");
    expect(details).toMatchObject({ neighbours: 18, masked: String(Math.fround(1e20)) });
    expect(readHeader(bytes, "test").sections.map(({ kind }) => kind)).toEqual([1, 10]);
  });

  const shape = [6, 9, 20];
  const size = countOf(shape);
  const random = seeded(5);
  const first = field("float32", shape, wave);
  const noise = field("float32", shape, () => random() * 4);
  const second = field("float32", shape, (i) => first[i] * 0.5 + noise[i]);
  const third = field("float32", shape, (i) =>
    i % 20 < 4 ? 1e20 : noise[i] * 3 + random() * 0.01,
  );
  const joint = makeArray("float32", 3 * size);
  [first, second, third].forEach((values, k) => {
    joint.set(values as Float32Array & Float64Array, k * size);
  });

  test("variables of a joint chunk under the mixed model, beside others", async () => {
    const { bytes, side } = await coded(joint, [3, ...shape], 0);
    expect(bitsEqual(decodeReference(bytes), joint)).toBe(true);
    const sides = readJoint(side).entries.map((entry) => entry.side);
    const mixed = sides.filter(([mode]) => mode === MODE_MIXED).map((entry) => readMixed(entry, 4));
    expect(mixed.length).toBeGreaterThan(0);
    expect(mixed.some(({ fields }) => fields.length > 0)).toBe(true);
  });

  test("hostile joint streams", async () => {
    const { bytes } = await coded(joint, [3, ...shape], 0);
    const decoder = createDecoder();
    const [side] = readHeader(bytes, "test").sections;
    const next = seeded(9);
    for (let round = 0; round < 600; round++) {
      const mutated = bytes.slice();
      const within = next() < 0.7 ? side.length : bytes.length - side.offset;
      mutated[side.offset + Math.floor(next() * within)] = Math.floor(next() * 256);
      const { status } = decoder.decode(reseal(mutated), "float32", joint.length);
      expect(status).toBeLessThanOrEqual(20);
    }
  });
});
