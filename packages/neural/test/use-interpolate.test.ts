import { type Box, countOf } from "@fieldzip/core";
import { describe, expect, test } from "vitest";
import { interpolate, type StoredValues } from "../src/use/interpolate.js";
import { cellPositions } from "../src/use/places.js";

/** Values that are a function of their index. */
function values(
  shape: readonly number[],
  of: (...index: number[]) => number,
): StoredValues & { readonly boxes: Box[] } {
  const boxes: Box[] = [];
  return {
    ...{ shape, boxes },
    async read(box) {
      boxes.push(box);
      const result = new Float64Array(countOf(box.shape));
      for (let i = 0; i < result.length; i++) {
        let rest = i;
        const index = box.shape
          .map((_, k) => {
            const axis = box.shape.length - 1 - k;
            const at = rest % box.shape[axis];
            rest = (rest - at) / box.shape[axis];
            return at + box.start[axis];
          })
          .reverse();
        result[i] = of(...index);
      }
      return result;
    },
  };
}

describe("interpolation", () => {
  test("what is linear comes out as it is, with its derivatives", async () => {
    const plane = values([5, 6, 7], (z, y, x) => 3 * z - 2 * y + 0.5 * x + 1);
    const axes = [Float64Array.of(0, 1.25, 4), Float64Array.of(2.5), Float64Array.of(0.1, 6)];
    const grid = await interpolate(plane, { axes }, [0, 2]);
    const points = Float64Array.from(
      axes[0].length > 0
        ? [...axes[0]].flatMap((z) => [...axes[2]].flatMap((x) => [z, 2.5, x]))
        : [],
    );
    const listed = await interpolate(plane, { points }, [0, 2]);
    expect(listed.values.length).toBe(6);
    for (let p = 0; p < 6; p++) {
      const [z, y, x] = points.subarray(3 * p, 3 * p + 3);
      expect(grid.values[p]).toBeCloseTo(3 * z - 2 * y + 0.5 * x + 1, 12);
      expect(listed.values[p]).toBeCloseTo(grid.values[p], 12);
      for (const { derivatives } of [grid, listed]) {
        expect(derivatives[0][p]).toBeCloseTo(3, 12);
        expect(derivatives[1][p]).toBeCloseTo(0.5, 12);
      }
    }
  });

  test("central differences, one-sided at the ends, none along a single value", async () => {
    const parabola = values([6, 1], (i) => i * i);
    const axes = [Float64Array.of(0, 1, 2, 5), Float64Array.of(0)];
    const { derivatives } = await interpolate(parabola, { axes }, [0, 1]);
    expect([...derivatives[0]]).toEqual([1, 2, 4, 9]);
    expect([...derivatives[1]]).toEqual([0, 0, 0, 0]);
  });

  test("a value that is none does not reach stored neighbours", async () => {
    const holed = values([5], (i) => (i === 2 ? Number.NaN : i));
    const axes = [Float64Array.of(1, 1.5, 2, 3)];
    expect((await interpolate(holed, { axes }, [])).values).toEqual(
      Float64Array.of(1, Number.NaN, Number.NaN, 3),
    );
  });

  test("few places of a large field are read in small boxes", async () => {
    const large = values([200, 200, 200], (z, y, x) => 1e4 * z + 100 * y + x);
    const axes = Array.from({ length: 3 }, () => cellPositions(200, 5));
    const { values: found } = await interpolate(large, { axes }, []);
    expect(large.boxes.length).toBeGreaterThan(1);
    for (const { shape } of large.boxes) expect(countOf(shape)).toBeLessThanOrEqual(2 ** 22);
    const at = (j: number) => (j + 0.5) * 40 - 0.5;
    const expected = Float64Array.from({ length: 125 }, (_, i) => {
      const [z, y, x] = [Math.floor(i / 25), Math.floor(i / 5) % 5, i % 5];
      return 1e4 * at(z) + 100 * at(y) + at(x);
    });
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 6);
    });
  });

  test("cells of another resolution fill the same space", () => {
    expect([...cellPositions(4, 8)]).toEqual([-0.25, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25]);
    expect([...cellPositions(4, 2, 10)]).toEqual([10.5, 12.5]);
    expect([...cellPositions(5, 5)]).toEqual([0, 1, 2, 3, 4]);
  });
});
