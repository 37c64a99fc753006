import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Box,
  chunkBox,
  chunksOf,
  countOf,
  Dataset,
  extractBox,
  forEachRun,
  gridOf,
  indicesOf,
  insertBox,
  intersect,
  isFieldzipError,
  slabsOf,
  subset,
  swapBytes,
  type VariableSource,
} from "../src/index.js";
import { chunkShape } from "../src/plan.js";

const shapes = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 0, maxLength: 4 });

function boxIn(shape: readonly number[]): fc.Arbitrary<Box> {
  return fc
    .tuple(
      ...shape.map((extent) =>
        fc.tuple(fc.integer({ min: 0, max: extent }), fc.integer({ min: 0, max: extent })),
      ),
    )
    .map((pairs) => ({
      start: pairs.map(([a, b]) => Math.min(a, b)),
      shape: pairs.map(([a, b]) => Math.abs(a - b)),
    }));
}

const arraysWithBox = shapes.chain((shape) =>
  fc.record({ shape: fc.constant(shape), box: boxIn(shape) }),
);

describe("boxes", () => {
  test("extract takes the values that indices name, insert puts them back", () => {
    fc.assert(
      fc.property(arraysWithBox, ({ shape, box }) => {
        const data = Float64Array.from({ length: countOf(shape) }, (_, i) => i);
        const part = extractBox("float64", data, shape, box) as Float64Array;
        const expected = [...indicesOf(box.shape)].map((index) =>
          index.reduce((offset, value, axis) => offset * shape[axis] + box.start[axis] + value, 0),
        );
        expect([...part]).toEqual(expected);
        const target = new Float64Array(countOf(shape)).fill(-1);
        insertBox(target, shape, box, part);
        expect([...target].filter((value) => value >= 0)).toEqual(
          [...expected].sort((a, b) => a - b),
        );
      }),
    );
  });

  test("runs are as long as they can be", () => {
    const runs: number[][] = [];
    forEachRun([4, 3, 5], { start: [1, 0, 0], shape: [2, 3, 5] }, (...run) => runs.push(run));
    expect(runs).toEqual([[15, 0, 30]]);
  });

  test("NaN payloads survive extraction", () => {
    const bits = Uint32Array.of(0x7fa00001, 0xffc12345, 0x7f800001, 0x80000000);
    const part = extractBox("float32", new Float32Array(bits.buffer), [4], {
      start: [0],
      shape: [4],
    });
    expect(new Uint32Array((part as Float32Array).buffer)).toEqual(bits);
  });

  test("intersections", () => {
    const a = { start: [0, 2], shape: [4, 4] };
    expect(intersect(a, { start: [3, 0], shape: [5, 3] })).toEqual({
      start: [3, 2],
      shape: [1, 1],
    });
    expect(intersect(a, { start: [4, 2], shape: [1, 1] })).toBeUndefined();
  });

  test("byte order", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    swapBytes(bytes, 4);
    expect([...bytes]).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
  });
});

describe("chunk grids", () => {
  const grids = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 4 })), {
    maxLength: 3,
  });

  test("chunks cover every value once", () => {
    fc.assert(
      fc.property(grids, (axes) => {
        const shape = axes.map(([extent]) => extent);
        const chunk = axes.map(([, extent]) => extent);
        const seen = new Float64Array(countOf(shape));
        for (const index of indicesOf(gridOf(shape, chunk))) {
          const box = chunkBox(shape, chunk, index);
          insertBox(seen, shape, box, new Float64Array(countOf(box.shape)).fill(1));
          expect([...chunksOf(box, chunk)]).toEqual(countOf(box.shape) === 0 ? [] : [index]);
        }
        expect([...seen].every((value) => value === 1)).toBe(true);
      }),
    );
  });

  test("slabs are whole chunks, within the limit, in C order and complete", () => {
    fc.assert(
      fc.property(grids, fc.integer({ min: 1, max: 60 }), (axes, limit) => {
        const shape = axes.map(([extent]) => extent);
        const chunk = axes.map(([, extent]) => extent);
        let covered = 0;
        for (const box of slabsOf(shape, chunk, limit)) {
          covered += countOf(box.shape);
          expect(countOf(box.shape)).toBeLessThanOrEqual(Math.max(limit, countOf(chunk)));
          box.start.forEach((start, axis) => {
            expect(start % chunk[axis]).toBe(0);
          });
        }
        expect(covered).toBe(countOf(shape));
      }),
    );
  });

  test("planned chunks hold at most the limit and keep rows whole while they can", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 2 ** 20 }),
        (shape, limit) => {
          const chunk = chunkShape(shape, limit);
          expect(countOf(chunk)).toBeLessThanOrEqual(limit);
          chunk.forEach((extent, axis) => {
            expect(extent).toBeGreaterThanOrEqual(1);
            expect(extent).toBeLessThanOrEqual(Math.max(1, shape[axis]));
          });
        },
      ),
    );
    expect(chunkShape([5, 96, 96, 96], 2 ** 20)).toEqual([1, 96, 96, 96]);
    expect(chunkShape([750, 1000, 1000], 2 ** 20)[2]).toBe(1000);
  });
});

function countingDataset() {
  const source: VariableSource = {
    name: "rho",
    dataType: "float32",
    shape: [3, 4, 5],
    dimensions: ["step", "y", "x"],
    attributes: {},
    readBox: async (box) =>
      extractBox(
        "float32",
        Float32Array.from({ length: 60 }, (_, i) => i),
        [3, 4, 5],
        box,
      ),
  };
  const y: VariableSource = {
    ...source,
    name: "y",
    shape: [4],
    dimensions: ["y"],
    readBox: async (box) => extractBox("float32", Float32Array.of(10, 11, 12, 13), [4], box),
  };
  return new Dataset({
    format: "raw",
    location: "test",
    dimensions: [
      { name: "step", size: 3 },
      { name: "y", size: 4 },
      { name: "x", size: 5 },
    ],
    groups: [],
    variables: [source, y],
    close: async () => {},
  });
}

describe("selections", () => {
  test("an index drops its axis, a range keeps it", async () => {
    const { data, shape } = await countingDataset()
      .variable("rho")
      .read({ step: 1, y: [1, 3], x: [0, 2] });
    expect(shape).toEqual([2, 2]);
    expect([...(data as Float32Array)]).toEqual([25, 26, 30, 31]);
  });

  test.each([
    { z: 1 },
    { step: 3 },
    { step: -1 },
    { y: [2, 1] as const },
    { x: [0, 6] as const },
    { x: 0.5 },
  ])("%j is refused", async (selection) => {
    const failure = await countingDataset()
      .variable("rho")
      .read(selection as never)
      .catch((error) => error);
    expect(isFieldzipError(failure, "usage")).toBe(true);
  });

  test("a subset shows boxes of the chosen variables and their coordinates", async () => {
    const part = subset(countingDataset(), ["rho"], { y: [1, 3], step: 2 });
    expect(part.variables.map(({ name, shape }) => [name, shape])).toEqual([
      ["rho", [1, 2, 5]],
      ["y", [2]],
    ]);
    expect(part.dimensions).toEqual([
      { name: "step", size: 1 },
      { name: "y", size: 2 },
      { name: "x", size: 5 },
    ]);
    expect([...((await part.variable("y").readBox()) as Float32Array)]).toEqual([11, 12]);
    const values = await part.variable("rho").readBox({ start: [0, 1, 3], shape: [1, 1, 2] });
    expect([...(values as Float32Array)]).toEqual([53, 54]);
  });

  test("a subset of what is not there is refused", () => {
    const refused = (act: () => unknown, tag: "missing" | "usage") => {
      try {
        act();
      } catch (error) {
        return isFieldzipError(error, tag);
      }
      return false;
    };
    expect(refused(() => subset(countingDataset(), ["prs"], {}), "missing")).toBe(true);
    expect(refused(() => subset(countingDataset(), [], { z: 1 }), "usage")).toBe(true);
    expect(refused(() => subset(countingDataset(), [], { y: [0, 9] }), "usage")).toBe(true);
  });
});
