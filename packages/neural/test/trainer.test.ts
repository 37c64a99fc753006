import { difference, isFieldzipError, type WorkerPool } from "@fieldzip/core";
import { describe, expect, test } from "vitest";
import {
  axisCoordinates,
  type Backend,
  checkStoredModel,
  evaluateModel,
  learningRateAt,
  type Model,
  optimiserDefaults,
  parametersOfStored,
  type Rollback,
  type SizeControl,
  storedAxisCoordinates,
  type TrainingField,
  type TrainingSnapshot,
  type TrainOptions,
  train,
  wasmBackend,
} from "../src/index.js";
import { waves } from "./helpers.js";

const small: TrainOptions["network"] = {
  ...{ kind: "fourier", frequencies: 12, width: 24, hidden: 1, activation: "smooth" },
};
const options: TrainOptions = { network: small, steps: 60, batch: 128, seed: 7 };
const float32 = { format: "float32" } as const;
const strict = (shares: number, pool?: WorkerPool) => wasmBackend({ relaxed: false, shares, pool });

function psnrs(model: Model, { lengths, variables }: TrainingField): number[] {
  const found = evaluateModel(model, { axes: lengths.map(axisCoordinates) });
  return found.map((values, v) => difference(variables[v], values).psnr);
}

describe("training", () => {
  test.each([
    ["fourier", { network: small, steps: 400, batch: 256 }],
    ["grid", { network: { kind: "grid", width: 16, frequencies: 4 }, steps: 300, batch: 256 }],
  ] satisfies [string, TrainOptions][])("%s learns smooth waves", async (_, asked) => {
    const field = waves([16, 24]);
    const progress: number[] = [];
    const { model } = await train(field, {
      ...asked,
      onProgress: ({ done, psnr }) => {
        progress.push(done);
        expect(psnr).not.toBeNaN();
      },
    });
    for (const psnr of psnrs(model, field)) expect(psnr).toBeGreaterThan(32);
    expect(progress.at(-1)).toBe(asked.steps);
  });

  test("values that are not there are left out, constant variables cost nothing", async () => {
    const field = waves([16, 24], 3);
    const holes = Float32Array.from(field.variables[0], (value, i) => (i % 5 ? value : Number.NaN));
    const constant = new Float32Array(holes.length).fill(1e30);
    const { model, stored } = await train(
      { ...field, variables: [holes, field.variables[1], constant] },
      { ...options, steps: 300 },
    );
    const [first, second, third] = psnrs(model, {
      ...field,
      variables: [field.variables[0], field.variables[1], constant],
    });
    expect(Math.min(first, second)).toBeGreaterThan(28);
    expect(third).toBe(Number.POSITIVE_INFINITY);
    expect(stored.shape.outputs).toBe(2);
    expect(stored.scalings).toHaveLength(2);
    await expect(train({ ...field, variables: [constant] }, options)).rejects.toThrow("varies");
  });

  test("the same seed and shares give the same weights; another seed others", async () => {
    const field = waves([16, 24]);
    const run = (seed: number, shares = 1) =>
      train(field, { ...options, seed, backend: strict(shares) }).then(({ model }) => model);
    const one = await run(1);
    expect((await run(1)).parameters).toEqual(one.parameters);
    expect((await run(2)).parameters).not.toEqual(one.parameters);
    const three = await run(1, 3);
    expect((await run(1, 3)).parameters).toEqual(three.parameters);
  });

  test("resumed, a run ends with the weights of the one that was not interrupted", async () => {
    const field = waves([16, 24]);
    const snapshots: TrainingSnapshot[] = [];
    // Factors that follow from what is reported, as the size's owner may choose them.
    const sizeControl: SizeControl = {
      every: 5,
      adjust: ({ bytes, psnr }) => {
        sizes.push(bytes);
        return psnr > 0 ? 1.1 : 1.2;
      },
    };
    const sizes: number[] = [];
    const asked = { ...options, sizeControl };
    const whole = await train(field, {
      ...asked,
      snapshotEvery: 17,
      onSnapshot: (snapshot) => {
        snapshots.push(snapshot);
      },
    });
    expect(snapshots.map(({ state }) => state.step)).toEqual([17, 34, 51, 60]);
    expect(sizes).toHaveLength(8);
    expect(sizes.at(-1)).toBeLessThan(sizes[0]);
    for (const resume of snapshots) {
      const resumed = await train(field, { ...asked, resume: structuredClone(resume) });
      expect(resumed).toEqual(whole);
    }
    await expect(train(field, { ...asked, seed: 8, resume: snapshots[0] })).rejects.toThrow(
      "snapshot, seed",
    );
  });

  test("stops on request", async () => {
    const field = waves([16, 24]);
    const controller = new AbortController();
    const stopped = train(field, {
      ...options,
      steps: 1e6,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(stopped).rejects.toSatisfy((error) => isFieldzipError(error, "aborted"));
  });

  test("goes back, with lower rates, where the loss diverges; resumes to the same weights", async () => {
    const field = waves([16, 24]);
    // Rates above a quarter of the usual ones, late in the run, are too much for this one.
    const backend = strict(1);
    const touchy: Backend = {
      name: "touchy",
      async open(asked) {
        const session = await backend.open(asked);
        let done = 0;
        return {
          ...session,
          async write(state) {
            done = state.step;
            await session.write(state);
          },
          async train(steps) {
            const results = await session.train(steps);
            return results.map((result, i) => {
              done++;
              const diverges = done > 130 && steps[i].rates.layers > 7e-4;
              return diverges
                ? { squaredErrors: result.squaredErrors.map(() => Number.NaN) }
                : result;
            });
          },
        };
      },
    };
    const asked = { ...options, steps: 200, backend: touchy };
    const rollbacks: Rollback[] = [];
    const snapshots: TrainingSnapshot[] = [];
    const told: number[] = [];
    const whole = await train(field, {
      ...asked,
      onRollback: (rollback) => rollbacks.push(rollback),
      onProgress: (progress) => told.push(progress.rollbacks),
      snapshotEvery: 45,
      onSnapshot: (snapshot) => void snapshots.push(snapshot),
    });
    expect(rollbacks.length).toBeGreaterThan(0);
    expect(rollbacks.map(({ to }) => to)).toEqual([130, 130]);
    expect(rollbacks.map(({ rateFactor }) => rateFactor)).toEqual(
      rollbacks.map((_, i) => 0.5 ** (i + 1)),
    );
    expect(told.at(-1)).toBe(rollbacks.length);
    for (const psnr of psnrs(whole.model, field)) expect(psnr).toBeGreaterThan(10);
    for (const resume of snapshots) expect(await train(field, { ...asked, resume })).toEqual(whole);
  });

  test("gives up where lower rates do not help", async () => {
    const field = waves([16, 24]);
    const wild = train(field, { ...options, optimiser: { learningRate: 1e30 } });
    await expect(wild).rejects.toThrow("a finite loss that falls expected");
  });

  test("refuses variables that do not fit the grid", async () => {
    const field = { lengths: [2, 3], variables: [[1, 2, 3]] };
    await expect(train(field, options)).rejects.toThrow("variables of 6 values");
  });

  test.each(["all", "stride", "random", "active", "slice", "block"] as const)(
    "on samples: %s",
    async (kind) => {
      const field = waves([16, 24]);
      const samplings = {
        all: { kind: "all" },
        stride: { kind: "stride", stride: 2 },
        random: { kind: "random", share: 0.4, seed: 1 },
        active: { kind: "active", by: "gradient", threshold: 0.1, dilate: 1, rest: 0.1, seed: 1 },
        slice: { kind: "slice", axis: 0, index: 3 },
        block: { kind: "block", start: [4, 4], shape: [8, 12] },
      } as const;
      const seen: number[] = [];
      await train(field, {
        ...{ ...options, sampling: samplings[kind], steps: 100 },
        onProgress: ({ psnr }) => seen.push(psnr),
      });
      expect(seen.at(-1)).toBeGreaterThan(15);
    },
  );
});

describe("the stored network", () => {
  test.each([
    ["float32", float32, 0],
    ["float16", { format: "float16" }, 0],
    ["integer", { limit: 20 }, 20],
  ] as const)("%s: what is stored is what was trained", async (format, quantise, limit) => {
    const field = { ...waves([16, 24]), ghosts: [1, 2].map((low) => ({ low, high: 1 })) };
    const { stored, model } = await train(field, {
      ...{ network: { kind: "grid", width: 16, frequencies: 4 }, steps: 300, batch: 256 },
      ...{ quantise, backend: strict(1) },
    });
    checkStoredModel(stored);
    expect(parametersOfStored(stored)).toEqual(model.parameters);
    const formats = new Set(stored.arrays.map((array) => array.format));
    expect(formats).toEqual(new Set(format === "integer" ? ["integer", "float16"] : [format]));
    for (const array of stored.arrays.slice(0, stored.shape.levels.length)) {
      if (array.format !== "integer") continue;
      expect(Math.max(...array.symbols.map(Math.abs))).toBeLessThanOrEqual(limit);
    }
    // Of the whole field; the axes say which part of it is the chunk's own.
    for (const psnr of psnrs(model, field)) expect(psnr).toBeGreaterThan(30);
    expect(stored.axes).toEqual([
      { length: 14, low: 1, total: 16 },
      { length: 21, low: 2, total: 24 },
    ]);
    expect(storedAxisCoordinates(stored.axes[0])).toEqual(axisCoordinates(16).slice(1, 15));
  });

  test("begins with a model of the same shape", async () => {
    const field = waves([16, 24]);
    const first = await train(field, { ...options, steps: 200 });
    const seen: number[] = [];
    const onProgress = ({ psnr }: { psnr: number }) => seen.push(psnr);
    await train(field, { ...options, initial: first.model.parameters, onProgress });
    const warm = seen.length;
    await train(field, { ...options, onProgress });
    expect(seen[0]).toBeGreaterThan(seen[warm] + 10);
    const initial = first.model.parameters.slice(1);
    await expect(train(field, { ...options, initial })).rejects.toThrow("initial parameters");
  });
});

describe("the learning rate", () => {
  test("rises, then falls to its last share", () => {
    const settings = { ...optimiserDefaults("fourier"), warmUp: 10 };
    const rates = Array.from({ length: 1000 }, (_, step) => learningRateAt(step, 1000, settings));
    expect(rates[0]).toBeLessThan(rates[9]);
    expect(Math.max(...rates)).toBeLessThanOrEqual(settings.learningRate);
    expect(rates[999]).toBeCloseTo(settings.learningRate * settings.finalShare, 6);
    expect(learningRateAt(0, 5, settings)).toBe(settings.learningRate);
  });
});
