import { describe, expect, test } from "vitest";
import { type ActiveCells, activeCells } from "../src/active-cells.js";
import { axisCoordinates, parseSampling, type Sampling, sampleField } from "../src/index.js";
import { createRandom, permutation } from "../src/random.js";
import { createBatches } from "../src/schedule.js";

const lengths = [3, 5, 7];
const axes = lengths.map(axisCoordinates);

/** At rest but for one cell. */
const spot = Float32Array.from({ length: 105 }, (_, i) => (i === 52 ? 1 : 0));
const variables = [spot];

/** Coordinates of a place in the field. */
function coordinatesOf(place: number): number[] {
  const index = [Math.floor(place / 35), Math.floor(place / 7) % 5, place % 7];
  return index.map((i, axis) => axes[axis][i]);
}

const samplings: Sampling[] = [
  { kind: "all" },
  { kind: "stride", stride: 2 },
  { kind: "random", share: 0.3, seed: 4 },
  { kind: "active", by: "value", threshold: 0.5, dilate: 1, rest: 0, seed: 0 },
  { kind: "slice", axis: 1, index: 4 },
  { kind: "block", start: [1, 0, 3], shape: [2, 5, 2] },
];

describe("sampling", () => {
  test.each(samplings)("$kind: places and coordinates belong together", (sampling) => {
    const { coordinates, places } = sampleField(axes, sampling, variables);
    const points: number[][] = [];
    if ("points" in coordinates) {
      for (let i = 0; i < coordinates.points.length; i += 3) {
        points.push(Array.from(coordinates.points.subarray(i, i + 3)));
      }
    } else {
      const [z, y, x] = coordinates.axes.map((axis) => Array.from(axis));
      for (const a of z) for (const b of y) for (const c of x) points.push([a, b, c]);
    }
    expect(points).toEqual(Array.from(places, coordinatesOf));
    expect(new Set(places).size).toBe(places.length);
  });

  test("takes as many as was asked for", () => {
    const counts = samplings.map(
      (sampling) => sampleField(axes, sampling, variables).places.length,
    );
    expect(counts).toEqual([105, 2 * 3 * 4, 32, 27, 21, 20]);
  });

  test.each<Sampling>([
    { kind: "stride", stride: 0 },
    { kind: "random", share: 0, seed: 0 },
    { kind: "active", by: "gradient", threshold: 2, dilate: 1, rest: 0, seed: 0 },
    { kind: "active", by: "value", threshold: 0.1, dilate: 0.5, rest: 0, seed: 0 },
    { kind: "slice", axis: 3, index: 0 },
    { kind: "slice", axis: 0, index: 3 },
    { kind: "block", start: [0, 0, 0], shape: [3, 5, 8] },
  ])("refuses %j", (sampling) => {
    expect(() => sampleField(axes, sampling, variables)).toThrow("sampling");
  });
});

describe("active cells", () => {
  const cells = (asked: Partial<ActiveCells>, values: Float32Array = spot) =>
    Array.from(
      activeCells(lengths, [values], {
        ...{ by: "gradient", threshold: 0.5, dilate: 0, rest: 0, seed: 1, ...asked },
      } as ActiveCells),
    );

  test("by gradient: both sides of a step, along every axis", () => {
    expect(cells({})).toEqual([17, 45, 51, 52, 53, 59, 87]);
    expect(cells({ by: "value" })).toEqual([52]);
    expect(cells({ by: "value", dilate: 9 })).toHaveLength(105);
  });

  test("what is not finite is neither active nor a neighbour's step", () => {
    const holes = spot.map((value, i) => (i === 51 ? Number.NaN : i === 3 ? 1e-9 : value));
    expect(cells({}, holes)).toEqual([17, 45, 52, 53, 59, 87]);
    expect(cells({}, holes.fill(Number.NaN))).toEqual([]);
    expect(cells({ by: "value" }, new Float32Array(105).fill(7))).toEqual([]);
  });

  test("a share of the rest comes with them, the same for a seed", () => {
    const some = cells({ rest: 0.3 });
    expect(some).toEqual(cells({ rest: 0.3 }));
    expect(some.length).toBeGreaterThan(20);
    expect(some.length).toBeLessThan(60);
    expect(cells({}).every((place) => some.includes(place))).toBe(true);
    expect(parseSampling("active:gradient:0.5:0", lengths, 1)).toEqual({
      ...{ kind: "active", by: "gradient", threshold: 0.5, dilate: 0, rest: 0.05, seed: 1 },
    });
    expect(() => parseSampling("active:value:x:1", lengths, 1)).toThrow("sampling");
  });
});

describe("batches", () => {
  test("an epoch goes through every sample once, in an order of its own", () => {
    const batches = createBatches(64, 16, 3);
    const epoch = (first: number) =>
      [0, 1, 2, 3].flatMap((step) => Array.from(batches.at(first + step)));
    const [one, two] = [epoch(0), epoch(4)];
    expect(one.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i));
    expect(new Set(two).size).toBe(64);
    expect(two).not.toEqual(one);
    // Any step can be asked for: that is what resuming needs.
    expect(Array.from(createBatches(64, 16, 3).at(6))).toEqual(two.slice(32, 48));
    expect(createBatches(10, 16, 0).at(5).length).toBe(10);
  });

  test("a permutation is one, and uniform enough", () => {
    const first = new Array<number>(8).fill(0);
    for (let seed = 0; seed < 4000; seed++) first[permutation(8, createRandom(seed))[0]]++;
    for (const count of first) expect(Math.abs(count - 500)).toBeLessThan(110);
  });

  test("normal numbers have mean 0 and deviation 1", () => {
    const random = createRandom(1);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < 20000; i++) {
      const x = random.normal();
      sum += x;
      squares += x * x;
    }
    expect(sum / 20000).toBeCloseTo(0, 1);
    expect(squares / 20000).toBeCloseTo(1, 1);
  });
});
