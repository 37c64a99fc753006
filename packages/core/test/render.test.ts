import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  colourAt,
  colourMapNames,
  opacityAt,
  type ScaleName,
  TABLE_SIZE,
  transferTable,
  usableRange,
  valueScale,
} from "../src/render/index.js";

describe("colour maps", () => {
  it("begin and end with the published colours", () => {
    expect(colourAt("viridis", 0)).toEqual([68, 1, 84]);
    expect(colourAt("viridis", 1)).toEqual([253, 231, 37]);
    expect(colourAt("cividis", 0)).toEqual([0, 34, 78]);
    expect(colourAt("balance", -3)).toEqual(colourAt("balance", 0));
  });
  it.each(colourMapNames)("%s has no jump", (name) => {
    for (let k = 0; k < 1000; k++) {
      const [before, after] = [colourAt(name, k / 1000), colourAt(name, (k + 1) / 1000)];
      for (const part of [0, 1, 2] as const) {
        expect(Math.abs(after[part] - before[part])).toBeLessThan(4);
      }
    }
  });
});

describe("scales", () => {
  const names: ScaleName[] = ["linear", "logarithmic", "symmetric"];
  it.each(names)("%s: places and values are each other's inverse", (name) => {
    const finite = fc.integer({ min: -1e9, max: 1e9 }).map((count) => count / 1000);
    fc.assert(
      fc.property(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, place) => {
        const scale = valueScale(name, [Math.min(a, b), Math.max(a, b)]);
        const [low, high] = scale.range;
        expect(low).toBeLessThan(high);
        expect(scale.place(low)).toBeCloseTo(0, 6);
        expect(scale.place(high)).toBeCloseTo(1, 6);
        expect(scale.place(scale.value(place))).toBeCloseTo(place, 5);
      }),
    );
  });
  it("a logarithmic scale stays positive and has no place for the rest", () => {
    expect(usableRange("logarithmic", [-1, 100])).toEqual([1e-4, 100]);
    expect(usableRange("logarithmic", [-2, -1])[0]).toBeGreaterThan(0);
    expect(valueScale("logarithmic", [1, 100]).place(-5)).toBeNaN();
    expect(valueScale("logarithmic", [1, 100]).place(10)).toBeCloseTo(0.5);
  });
  it("constant and absent ranges are widened", () => {
    expect(usableRange("linear", [5, 5])).toEqual([4.995, 5.005]);
    expect(usableRange("linear", [Number.NaN, Number.NaN])).toEqual([0, 1]);
  });
});

describe("the transfer function", () => {
  const opacity = [
    { place: 0.2, opacity: 0 },
    { place: 0.6, opacity: 1 },
    { place: 0.6, opacity: 0.5 },
  ];
  it("is linear between points and constant beyond", () => {
    expect([0, 0.2, 0.9].map((place) => opacityAt(opacity, place))).toEqual([0, 0, 0.5]);
    expect(opacityAt(opacity, 0.4)).toBeCloseTo(0.5);
    expect(opacityAt([], 0.5)).toBe(0);
  });
  it("is a table of colours and opacities", () => {
    const table = transferTable({ map: "viridis", reversed: true, opacity });
    expect(table).toHaveLength(4 * TABLE_SIZE);
    expect([...table.subarray(0, 4)]).toEqual([253, 231, 37, 0]);
    expect([...table.subarray(-4)]).toEqual([68, 1, 84, 128]);
  });
});
