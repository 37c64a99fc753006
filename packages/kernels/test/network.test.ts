import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accessArena,
  type Coordinates,
  countOfCoordinates,
  createArena,
  createEvaluator,
  hasRelaxedSimd,
  type NetworkShape,
  openTrainingKernel,
  parametersOf,
} from "../src/network/index.js";
import {
  adamReference,
  halveReference,
  networkReference,
  quantiseReference,
  sineCosine32Reference,
} from "../src/reference.js";

/**
 * The network's kernels against the plain reference: to the bit in the strict build, closely in the
 * relaxed one; and the reference's gradients against finite differences.
 */

// Node 20 has relaxed SIMD behind a flag; later ones have it, and know no such flag.
if (process.versions.node.startsWith("20.")) {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}

const activations = ["relu", "sine", "smooth"] as const;

const shapes: fc.Arbitrary<NetworkShape> = fc.integer({ min: 1, max: 4 }).chain((dimensions) =>
  fc
    .record({
      dimensions: fc.constant(dimensions),
      outputs: fc.integer({ min: 1, max: 13 }),
      levels: fc.array(
        fc.record({
          features: fc.integer({ min: 1, max: 9 }),
          nodes: fc.array(fc.integer({ min: 1, max: 4 }), {
            minLength: dimensions,
            maxLength: dimensions,
          }),
        }),
        { maxLength: 2 },
      ),
      mapping: fc.constantFrom("off" as const, "fixed" as const, "learned" as const),
      frequencies: fc.integer({ min: 0, max: 7 }),
      widths: fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 3 }),
      firstBias: fc.boolean(),
      activation: fc.constantFrom(...activations),
    })
    .filter(
      ({ mapping, frequencies, levels }) =>
        mapping === "off" || frequencies > 0 || levels.length > 0,
    ),
);

/** Numbers from a seed: uniform in -1 to 1. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  };
}

function parametersFor(shape: NetworkShape, seed: number): Float32Array {
  const next = numbers(seed);
  return Float32Array.from(
    parametersOf(shape).flatMap(({ role, shape: lengths }) =>
      Array.from({ length: lengths.reduce((a, b) => a * b, 1) }, () =>
        role === "frequencies" ? 3 * next() : next(),
      ),
    ),
  );
}

function coordinatesFor(shape: NetworkShape, structured: boolean, seed: number): Coordinates {
  const next = numbers(seed);
  if (!structured) {
    // Some lie outside: grids clamp them.
    return { points: Float32Array.from({ length: 100 * shape.dimensions }, () => 1.1 * next()) };
  }
  const axes = Array.from({ length: shape.dimensions }, (_, axis) =>
    Float32Array.from({ length: 2 + ((axis + seed) % 3) * 2 }, next),
  );
  // Ordered ones let shares keep to a part of the grids.
  return { axes: seed % 3 === 0 ? axes : axes.map((axis) => axis.sort()) };
}

function pointsOf(coordinates: Coordinates, dimensions: number): number[][] {
  const count = countOfCoordinates(coordinates, dimensions);
  return Array.from({ length: count }, (_, index) => {
    if ("points" in coordinates) {
      return Array.from(coordinates.points.subarray(index * dimensions, (index + 1) * dimensions));
    }
    let rest = index;
    return coordinates.axes
      .toReversed()
      .map((axis) => {
        const value = axis[rest % axis.length];
        rest = Math.floor(rest / axis.length);
        return value;
      })
      .toReversed();
  });
}

interface Case {
  readonly shape: NetworkShape;
  readonly structured: boolean;
  readonly seed: number;
  readonly shares: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  shape: shapes,
  structured: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
  shares: fc.integer({ min: 1, max: 3 }),
});

function setUp({ shape, structured, seed, shares }: Case, relaxed: boolean) {
  const coordinates = coordinatesFor(shape, structured, seed);
  const count = countOfCoordinates(coordinates, shape.dimensions);
  const next = numbers(seed + 1);
  // In ascending order, as the arena takes them.
  const indices = Uint32Array.from({ length: 1 + (seed % 150) }, () =>
    Math.min(count - 1, Math.floor(((next() + 1) / 2) * count)),
  ).sort();
  const arena = createArena(shape, { coordinates, batch: indices.length, shares, relaxed });
  const access = accessArena(arena);
  const parameters = parametersFor(shape, seed);
  access.write("parameters", parameters);
  const targets = Array.from({ length: count }, () =>
    Array.from({ length: shape.outputs }, () => {
      const value = next();
      return value > 0.9 ? Number.NaN : value < -0.95 ? Number.NEGATIVE_INFINITY : value;
    }),
  );
  for (const [i, row] of targets.entries()) access.targets.set(row, i * access.targetStride);
  const weights = targets[0].map((_, v) => 1 + v);
  access.setLossWeights(weights, indices.length);
  access.setIndices(indices);
  openTrainingKernel(arena).order(indices.length);
  const factors = weights.map((weight) =>
    Math.fround((2 * weight) / (shape.outputs * indices.length)),
  );
  const points = pointsOf(coordinates, shape.dimensions);
  return { arena, access, parameters, coordinates, points, targets, factors, indices };
}

/** Whether a number is one of binary16: 11 significant bits, none below 2^-24. */
function isHalf(value: number): boolean {
  const unit = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(value) || 1)) - 10);
  return Number.isInteger(value / unit) && Math.abs(value) <= 65504;
}

function sameBits(found: Float32Array, expected: Float32Array): boolean {
  // A minus zero counts as zero: padding may turn one into the other.
  return found.length === expected.length && found.every((value, i) => value === expected[i]);
}

describe("sine and cosine of turns", () => {
  test("close to the platform's, and exact at quarters", () => {
    for (let i = 0; i < 20000; i++) {
      const t = Math.fround((i - 10000) * 0.00137);
      const { sine, cosine } = sineCosine32Reference(t);
      expect(Math.abs(sine - Math.sin(2 * Math.PI * t))).toBeLessThan(1.5e-7);
      expect(Math.abs(cosine - Math.cos(2 * Math.PI * t))).toBeLessThan(1.5e-7);
    }
    for (const quarter of [0, 1, 2, 3, 4, 2 ** 24, -1, -6]) {
      const { sine, cosine } = sineCosine32Reference(quarter / 4);
      expect(Math.abs(sine) + Math.abs(cosine)).toBe(1);
    }
  });
});

describe("kernels against the reference", () => {
  test("evaluation, to the bit", () => {
    fc.assert(
      fc.property(cases, ({ shape, structured, seed }) => {
        const coordinates = coordinatesFor(shape, structured, seed);
        const parameters = parametersFor(shape, seed);
        const evaluator = createEvaluator(shape);
        evaluator.setParameters(parameters);
        const reference = networkReference(shape, parameters);
        const expected = pointsOf(coordinates, shape.dimensions).flatMap((point) =>
          reference.evaluate(point),
        );
        expect(sameBits(evaluator.evaluate(coordinates), Float32Array.from(expected))).toBe(true);
        const some = evaluator.evaluate(coordinates, 1, 1);
        expect(
          sameBits(some, Float32Array.from(expected.slice(shape.outputs, 2 * shape.outputs))),
        ).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("derivatives along coordinates, to the bit", () => {
    fc.assert(
      fc.property(cases, ({ shape, structured, seed }) => {
        const coordinates = coordinatesFor(shape, structured, seed);
        const parameters = parametersFor(shape, seed);
        const evaluator = createEvaluator(shape);
        evaluator.setParameters(parameters);
        const reference = networkReference(shape, parameters);
        const expected = pointsOf(coordinates, shape.dimensions).map((point) =>
          reference.derivatives(point),
        );
        // Some of the axes, in an order of their own.
        const axes = Array.from({ length: shape.dimensions }, (_, axis) => axis)
          .filter((axis) => (seed >> axis) % 2 === 0)
          .reverse();
        const found = evaluator.evaluateDerivatives(coordinates, axes);
        expect(sameBits(found.values, evaluator.evaluate(coordinates))).toBe(true);
        expect(found.derivatives.length).toBe(axes.length);
        axes.forEach((axis, k) => {
          const list = Float32Array.from(expected.flatMap((point) => point[axis]));
          expect(sameBits(found.derivatives[k], list)).toBe(true);
          const [some] = evaluator.evaluateDerivatives(coordinates, [axis], 1, 1).derivatives;
          expect(sameBits(some, list.slice(shape.outputs, 2 * shape.outputs))).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });

  test("more points than a call of the kernel takes, values and derivatives", () => {
    const shape: NetworkShape = {
      ...{ dimensions: 2, outputs: 3, levels: [{ features: 2, nodes: [3, 4] }] },
      ...{ mapping: "learned", frequencies: 2, widths: [8], firstBias: true, activation: "sine" },
    };
    const evaluator = createEvaluator(shape);
    evaluator.setParameters(parametersFor(shape, 5));
    const axis = Float32Array.from({ length: 150 }, (_, i) => i / 75 - 1);
    const whole = evaluator.evaluateDerivatives({ axes: [axis, axis] }, [0, 1]);
    const end = evaluator.evaluateDerivatives({ axes: [axis, axis] }, [1], 22000, 500);
    expect(sameBits(whole.values.slice(66000), end.values)).toBe(true);
    expect(sameBits(whole.derivatives[1].slice(66000), end.derivatives[0])).toBe(true);
    expect(() => evaluator.evaluateDerivatives({ axes: [axis, axis] }, [2])).toThrow(RangeError);
    expect(() => evaluator.evaluateDerivatives({ axes: [axis, axis] }, [1, 1])).toThrow(RangeError);
  });

  test("gradients and errors, to the bit with one share", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const one = { ...drawn, shares: 1 };
        const { arena, access, parameters, points, targets, factors, indices } = setUp(one, false);
        const kernel = openTrainingKernel(arena);
        kernel.gradients(0, indices.length);
        const expected = networkReference(drawn.shape, parameters).gradients(
          Array.from(indices, (index) => points[index]),
          Array.from(indices, (index) => targets[index]),
          factors,
        );
        const found = kernel.gradientList();
        const learned = expected.gradients as Float32Array;
        expect(sameBits(found, learned)).toBe(true);
        expect(Array.from(access.errors())).toEqual(expected.errors);
      }),
      { numRuns: 60 },
    );
  });

  test("a step of Adam, to the bit; a rate of 0 leaves an array as it is", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { arena, access, parameters, indices } = setUp(drawn, false);
        const kernel = openTrainingKernel(arena);
        const [first, second] = [parameters.map(() => 0), parameters.map(() => 0)];
        const settings = { first: 0.9, second: 0.99, epsilon: 1e-8 };
        for (let step = 1; step <= 3; step++) {
          const penalty = step > 1 ? { weight: 0.03, width: 0.07 } : undefined;
          const penalties = penalty && parametersOf(drawn.shape).map(() => penalty);
          for (let share = 0; share < arena.shares; share++)
            kernel.gradients(share, indices.length);
          for (let share = 0; share < arena.shares; share++) {
            kernel.update(share, { ...settings, penalties, step, rate: () => 0.01 });
          }
          const gradients = kernel.gradientList();
          adamReference(parameters, first, second, gradients, {
            ...{ ...settings, penalty, step, rate: 0.01 },
          });
          expect(sameBits(access.read("parameters"), parameters)).toBe(true);
          expect(sameBits(access.read("first"), first)).toBe(true);
          expect(sameBits(access.read("second"), second)).toBe(true);
        }
        for (let share = 0; share < arena.shares; share++) {
          kernel.update(share, { ...settings, step: 4, rate: () => 0 });
        }
        expect(sameBits(access.read("parameters"), parameters)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("quantised parameters, to the bit", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 200 }), (drawn, limit) => {
        const { arena, access, parameters } = setUp(drawn, false);
        const next = numbers(drawn.seed + 2);
        // Some tiny, some beyond the limit, some halfway between two multiples.
        const values = parameters.map(
          (value, i) => value * [1, 2 ** -16, 1e5, 0.5][(i + drawn.seed) % 4],
        );
        const steps = values.map((_, i) => (i % 3 ? 2 ** -7 : 0.01 + Math.abs(next())));
        access.write("parameters", values);
        access.write("quantiserSteps", steps);
        const formats = (["integer", "float16", "float32"] as const).map((format) =>
          access.layout.arrays.map(() => ({ format, limit })),
        );
        const expected = [
          values.map((value, i) => quantiseReference(value, steps[i], limit)),
          values.map(halveReference),
          values,
        ];
        formats.forEach((format, i) => {
          for (let share = 0; share < arena.shares; share++) {
            openTrainingKernel(arena).quantise(share, format);
          }
          expect(sameBits(access.read("effective"), expected[i])).toBe(true);
        });
        for (const half of expected[1]) expect(isHalf(half)).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(halveReference(1 + 2 ** -11 + 2 ** -20)).toBe(1 + 2 ** -10);
    expect(halveReference(1e6)).toBe(65504);
    expect(halveReference(2 ** -25 * 1.5)).toBe(2 ** -24);
  });

  test("the network is evaluated with quantised parameters when it is asked to", () => {
    const drawn = { structured: true, seed: 3, shares: 1 };
    const shape: NetworkShape = {
      ...{
        dimensions: 2,
        outputs: 3,
        levels: [{ features: 5, nodes: [3, 4] }],
        mapping: "learned",
      },
      ...{ frequencies: 3, widths: [9], firstBias: true, activation: "smooth" },
    };
    const { arena, access, parameters, points, targets, factors, indices } = setUp(
      { ...drawn, shape },
      false,
    );
    const kernel = openTrainingKernel(arena);
    access.write("quantiserSteps", new Float32Array(parameters.length).fill(0.25));
    kernel.quantise(
      0,
      access.layout.arrays.map(() => ({ format: "integer", limit: 127 })),
    );
    access.evaluateQuantised(true);
    kernel.gradients(0, indices.length);
    const quantised = parameters.map((value) => quantiseReference(value, 0.25, 127));
    const expected = networkReference(shape, quantised).gradients(
      Array.from(indices, (index) => points[index]),
      Array.from(indices, (index) => targets[index]),
      factors,
    );
    expect(sameBits(kernel.gradientList(), expected.gradients as Float32Array)).toBe(true);
    access.evaluateQuantised(false);
    kernel.gradients(0, indices.length);
    expect(sameBits(kernel.gradientList(), expected.gradients as Float32Array)).toBe(false);
  });

  test("several shares: the same gradients but for rounding, whatever thread computes them", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const one = setUp({ ...drawn, shares: 1 }, false);
        const many = setUp(drawn, false);
        const single = openTrainingKernel(one.arena);
        single.gradients(0, one.indices.length);
        // What an earlier batch has left does not count.
        const { access, indices } = many;
        const pass = () => {
          for (let share = drawn.shares - 1; share >= 0; share--) {
            openTrainingKernel(many.arena).gradients(share, indices.length);
          }
        };
        const reversed = Uint32Array.from(indices, (index) => many.points.length - 1 - index);
        for (const some of [reversed, indices]) {
          access.setIndices(some);
          openTrainingKernel(many.arena).order(some.length);
          pass();
        }
        expectClose(openTrainingKernel(many.arena).gradientList(), single.gradientList());
      }),
      { numRuns: 20 },
    );
  });

  test.skipIf(!hasRelaxedSimd())("the relaxed build: close to the strict one", () => {
    let alive = 0;
    fc.assert(
      fc.property(cases, (drawn) => {
        const lists = [false, true].map((relaxed) => {
          const { arena, indices } = setUp({ ...drawn, shares: 1 }, relaxed);
          const kernel = openTrainingKernel(arena);
          kernel.gradients(0, indices.length);
          return kernel.gradientList();
        });
        expectClose(lists[1], lists[0]);
        // A narrow network may be dead (relu), but not most of them.
        if (lists[0].some((value) => value !== 0)) alive++;
      }),
      { numRuns: 20 },
    );
    expect(alive).toBeGreaterThan(10);
  });
});

function expectClose(found: Float32Array, expected: Float32Array): void {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThan(1e-4 * scale);
  });
}

describe("gradients against finite differences", () => {
  test.each(activations)("%s", (activation) => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const shape = { ...drawn.shape, activation };
        const parameters = Float64Array.from(parametersFor(shape, drawn.seed));
        const coordinates = coordinatesFor(shape, false, drawn.seed);
        const points = pointsOf(coordinates, shape.dimensions).slice(0, 3);
        const next = numbers(drawn.seed);
        const targets = points.map(() => Array.from({ length: shape.outputs }, next));
        const factors = targets[0].map((_, v) => 1 + v);
        const loss = () => {
          const { errors } = networkReference(shape, parameters, "double").gradients(
            points,
            targets,
            factors,
          );
          return errors.reduce((sum, error, v) => sum + (error * factors[v]) / 2, 0);
        };
        const { gradients } = networkReference(shape, parameters, "double").gradients(
          points,
          targets,
          factors,
        );
        const scale = gradients.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        let at = 0;
        for (const { role, shape: lengths } of parametersOf(shape)) {
          const count = lengths.reduce((a, b) => a * b, 1);
          const learns =
            shape.mapping === "learned" || (role !== "frequencies" && role !== "phases");
          for (const i of new Set([0, Math.floor(count / 2), count - 1])) {
            const value = parameters[at + i];
            const step = 1e-6;
            parameters[at + i] = value + step;
            const above = loss();
            parameters[at + i] = value - step;
            const below = loss();
            parameters[at + i] = value;
            const difference = learns ? (above - below) / (2 * step) : 0;
            // A kink of relu may lie in between: rare, and not worth more than a loose bound.
            const bound = activation === "relu" ? 1e-3 : 1e-6;
            expect(Math.abs(difference - gradients[at + i])).toBeLessThan(bound * scale);
          }
          at += count;
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe("derivatives along coordinates against finite differences", () => {
  test.each(activations)("%s", (activation) => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const shape = { ...drawn.shape, activation };
        const parameters = Float64Array.from(parametersFor(shape, drawn.seed));
        const reference = networkReference(shape, parameters, "double");
        const next = numbers(drawn.seed);
        for (let i = 0; i < 3; i++) {
          const point = Float64Array.from({ length: shape.dimensions }, () => 0.99 * next());
          const expected = reference.derivatives(point);
          const scale = expected.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 1);
          for (let axis = 0; axis < shape.dimensions; axis++) {
            const at = (step: number) => reference.evaluate(point.with(axis, point[axis] + step));
            const [above, below] = [at(1e-6), at(-1e-6)];
            // A kink of relu may lie in between, or a node: rare, and not worth more than a loose bound.
            const bound = activation === "relu" ? 1e-3 : 1e-6;
            above.forEach((value, v) => {
              const difference = (value - below[v]) / 2e-6;
              expect(Math.abs(difference - expected[axis][v])).toBeLessThan(bound * scale);
            });
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
