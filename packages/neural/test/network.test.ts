import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  completeNetwork,
  countParameters,
  fourierParameters,
  initialParameters,
  type Network,
  shapeOfNetwork,
} from "../src/index.js";

describe("the number of parameters", () => {
  test("is the published formula's", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 20 }),
        (k, n, m, dimensions, outputs) => {
          const network = completeNetwork({ kind: "fourier", frequencies: k, width: n, hidden: m });
          if (network.kind !== "fourier") throw new Error("a network of another kind");
          const lengths = new Array<number>(dimensions).fill(8);
          const real = countParameters(shapeOfNetwork(network, lengths, outputs));
          const published = outputs + k * (dimensions + 1) + n * (2 * k + m * (n + 1) + outputs);
          expect(real).toBe(published);
          expect(fourierParameters(network, dimensions, outputs)).toBe(published);
          const off = { ...network, mapping: "off" as const };
          expect(countParameters(shapeOfNetwork(off, lengths, outputs))).toBe(
            fourierParameters(off, dimensions, outputs),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test("of the published network on 12 variables of a volume", () => {
    const shape = shapeOfNetwork(completeNetwork({ kind: "fourier" }), [72, 96, 128], 12);
    expect(countParameters(shape)).toBe(163148);
  });
});

describe("the grid network", () => {
  test("has a node every so many values, and what an axis of few values allows", () => {
    const shape = shapeOfNetwork(completeNetwork({ kind: "grid" }), [1, 5, 96, 128], 3);
    expect(shape.levels.map(({ nodes }) => nodes)).toEqual([
      [1, 2, 12, 16],
      [1, 2, 24, 32],
      [1, 3, 48, 64],
    ]);
    expect(shape.widths).toEqual([64, 64]);
  });
});

describe("initial parameters", () => {
  const networks: Network[] = [
    completeNetwork({ kind: "fourier" }),
    completeNetwork({ kind: "grid" }),
  ];

  test.each(networks)("of $kind follow from the seed", (network) => {
    const shape = shapeOfNetwork(network, [32, 64], 2);
    const draw = (seed: number) =>
      initialParameters(shape, { seed, lengths: [32, 64], valuesPerWave: 16 });
    const same = (a: Float32Array, b: Float32Array) => a.every((value, i) => value === b[i]);
    expect(same(draw(1), draw(1))).toBe(true);
    expect(same(draw(1), draw(2))).toBe(false);
    expect(draw(1).every(Number.isFinite)).toBe(true);
  });

  test("frequencies have the deviation that is asked for, axis by axis", () => {
    const network = completeNetwork({ kind: "fourier", frequencies: 4000 });
    const shape = shapeOfNetwork(network, [32, 64], 1);
    const list = initialParameters(shape, { seed: 5, lengths: [32, 64], valuesPerWave: 16 });
    for (const axis of [0, 1]) {
      let squares = 0;
      for (let i = 0; i < 4000; i++) squares += list[2 * i + axis] ** 2;
      expect(Math.sqrt(squares / 4000) / (axis + 1)).toBeCloseTo(1, 1);
    }
  });
});
