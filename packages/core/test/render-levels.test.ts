import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countOf } from "../src/array/box.js";
import {
  type FieldLayout,
  type Level,
  levelsOf,
  loadField,
  type NetworkSampler,
} from "../src/render/index.js";

const limits = { fieldValues: 2 ** 26, networkValues: 2 ** 24 };
const valuesOf = (sizes: readonly number[], { every }: Level) =>
  countOf(sizes.map((size, axis) => Math.ceil(size / every[axis])));

describe("looks at a field", () => {
  it("of 512^3 by networks, in a pane of 400 pixels: not all of it", () => {
    const sizes = [512, 512, 512];
    const levels = levelsOf(sizes, "alone", true, 256, limits);
    expect(levels).toEqual([
      { every: [16, 16, 16], by: "networks" },
      { every: [2, 2, 2], by: "networks" },
    ]);
    expect(valuesOf(sizes, levels[1])).toBe(512 ** 3 / 8);
    // What it is compared with has the same places.
    expect(levelsOf(sizes, undefined, true, 256, limits)).toEqual([
      { every: [2, 2, 2], by: "chunks" },
    ]);
  });

  it("are whole chunks where these alone hold the values, after what the network says", () => {
    expect(levelsOf([128, 128, 128], "corrected", false, 256, limits)).toEqual([
      { every: [4, 4, 4], by: "networks" },
      { every: [1, 1, 1], by: "chunks" },
    ]);
    expect(levelsOf([128, 128, 128], undefined, false, 16, limits)).toEqual([
      { every: [1, 1, 1], by: "chunks" },
    ]);
  });

  it("stay within their bounds, and show what can be seen where bounds allow it", () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(fc.tuple(size, size, size), fc.integer({ min: 16, max: 4096 }), (sizes, seen) => {
        const [first, last = first] = levelsOf(sizes, "alone", true, seen, limits);
        expect(valuesOf(sizes, last)).toBeLessThanOrEqual(limits.networkValues);
        const longest = Math.max(...sizes);
        const places = longest / Math.max(...last.every);
        const isBound = valuesOf(sizes, last) > limits.networkValues / 8.1;
        if (!isBound) expect(places).toBeGreaterThanOrEqual(Math.min(seen, longest));
        expect(valuesOf(sizes, first)).toBeLessThanOrEqual(valuesOf(sizes, last));
      }),
    );
  });
});

describe("a field that networks compute", () => {
  /** Values that tell their place; z runs downwards in the file. */
  const valueAt = (z: number, y: number, x: number) => 10000 * z + 100 * y + x;
  const [nz, ny, nx] = [60, 70, 99];
  const axis = (place: number, name: string, size: number, flipped = false) => ({
    ...{ place, name, size, units: "", flipped },
  });
  const layout = {
    variable: { name: "rho", shape: [2, nz, ny, nx], attributes: {}, dataType: "float32" },
    ...{ title: "", units: "", others: [], time: axis(0, "time", 2) },
    space: [axis(1, "z", nz, true), axis(2, "y", ny), axis(3, "x", nx)],
  } as unknown as FieldLayout;

  it("is asked for the places that it shows, and for no others", async () => {
    let asked = 0;
    const networks: NetworkSampler = {
      kind: () => "alone",
      async sample(_, [time, zs, ys, xs]) {
        expect(Array.from(time)).toEqual([1]);
        asked += zs.length * ys.length * xs.length;
        const values: number[] = [];
        for (const z of zs) for (const y of ys) for (const x of xs) values.push(valueAt(z, y, x));
        return Float32Array.from(values);
      },
    };
    const seen: number[] = [];
    const field = await loadField(layout, {
      ...{ step: 1, others: [], near: [30, 35, 50], networks, lanes: 2 },
      levels: [
        { every: [4, 4, 4], by: "networks" },
        { every: [2, 2, 2], by: "networks" },
      ],
      signal: new AbortController().signal,
      onProgress({ values, standsIn, done }) {
        // From the first part on there is something everywhere.
        if (seen.push(done) > 1 && standsIn) expect(values.some(Number.isNaN)).toBe(false);
      },
    });
    expect(asked).toBe(15 * 18 * 25 + 30 * 35 * 50);
    expect(field).toMatchObject({ shape: [30, 35, 50], every: [2, 2, 2], done: 1 });
    expect(field.standsIn).toBe(false);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    for (const [z, y, x] of [
      [0, 0, 0],
      [29, 34, 49],
      [7, 20, 33],
    ]) {
      const place = (z * 35 + y) * 50 + x;
      expect(field.values[place]).toBe(valueAt(nz - 1 - 2 * z, 2 * y, 2 * x));
    }
    expect(field.range).toEqual([valueAt(1, 0, 0), valueAt(59, 68, 98)]);
  });
});
