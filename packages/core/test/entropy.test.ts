import { ACTIVITIES, CLASSES } from "@fieldzip/kernels";
import fc from "fast-check";
import { expect, test } from "vitest";
import { activityMap, learnClassModel, normalise } from "../src/entropy/class-model.js";
import { log2 } from "../src/entropy/logarithm.js";
import { solvePositive } from "../src/predictors/mechanism/solve.js";

test("log2 is close to Math.log2 and ends for every number", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      expect(Math.abs(log2(x) - Math.log2(x))).toBeLessThan(2e-4);
    }),
  );
  for (const x of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(Number.isFinite(log2(x))).toBe(true);
  }
});

test("frequencies sum to 2048 and leave no class out that occurs", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(2 ** 27)), {
        minLength: CLASSES,
        maxLength: CLASSES,
      }),
      (counts) => {
        const frequencies = normalise(Uint32Array.from(counts));
        expect(frequencies.reduce((sum, frequency) => sum + frequency, 0)).toBe(2048);
        counts.forEach((count, symbol) => {
          if (count > 0) expect(frequencies[symbol]).toBeGreaterThan(0);
        });
      },
    ),
  );
});

test("a model gives every class that occurs a code in the context where it occurs", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.nat(ACTIVITIES - 1), fc.nat(CLASSES - 1), fc.integer({ min: 1, max: 1e6 })),
        { minLength: 1 },
      ),
      (entries) => {
        const counts = new Uint32Array(ACTIVITIES * CLASSES);
        for (const [activity, symbol, count] of entries)
          counts[activity * CLASSES + symbol] += count;
        const model = learnClassModel(counts);
        const map = activityMap(model);
        expect(model.contexts.length).toBe(model.thresholds.length + 1);
        expect(model.contexts.length).toBeLessThanOrEqual(16);
        for (const [activity, symbol] of entries) {
          expect(model.contexts[map[activity]].frequencies[symbol]).toBeGreaterThan(0);
        }
      },
    ),
  );
});

test("normal equations are solved", () => {
  // Lower triangle of [[4, 2], [2, 3]] against [10, 9]: x = (1.5, 2).
  const sums = Float64Array.of(4, 0, 0, 2, 3, 0, 10, 9, 0);
  const solution = solvePositive(sums, 3, 2)!;
  expect(solution[0]).toBeCloseTo(1.5, 6);
  expect(solution[1]).toBeCloseTo(2, 6);
  expect(solvePositive(new Float64Array(9), 3, 2)).toBeUndefined();
});
