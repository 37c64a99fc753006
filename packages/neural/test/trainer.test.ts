import { difference, isFieldzipError, type WorkerPool } from "@fieldzip/core";
import { describe, expect, test } from "vitest";
import {
  axisCoordinates,
  evaluateModel,
  learningRateAt,
  type Model,
  optimiserDefaults,
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
    const model = await train(field, {
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
    const model = await train(
      { ...field, variables: [holes, field.variables[1], constant] },
      { ...options, steps: 300 },
    );
    const [first, second, third] = psnrs(model, {
      ...field,
      variables: [field.variables[0], field.variables[1], constant],
    });
    expect(Math.min(first, second)).toBeGreaterThan(28);
    expect(third).toBe(Number.POSITIVE_INFINITY);
  });

  test("the same seed and shares give the same weights; another seed others", async () => {
    const field = waves([16, 24]);
    const run = (seed: number, shares = 1) =>
      train(field, { ...options, seed, backend: strict(shares) });
    const one = await run(1);
    expect((await run(1)).parameters).toEqual(one.parameters);
    expect((await run(2)).parameters).not.toEqual(one.parameters);
    const three = await run(1, 3);
    expect((await run(1, 3)).parameters).toEqual(three.parameters);
  });

  test("resumed, a run ends with the weights of the one that was not interrupted", async () => {
    const field = waves([16, 24]);
    const snapshots: TrainingSnapshot[] = [];
    const whole = await train(field, {
      ...options,
      snapshotEvery: 17,
      onSnapshot: (snapshot) => {
        snapshots.push(snapshot);
      },
    });
    expect(snapshots.map(({ state }) => state.step)).toEqual([17, 34, 51, 60]);
    for (const resume of snapshots) {
      const resumed = await train(field, { ...options, resume: structuredClone(resume) });
      expect(resumed.parameters).toEqual(whole.parameters);
    }
    await expect(train(field, { ...options, seed: 8, resume: snapshots[0] })).rejects.toThrow(
      "snapshot, seed",
    );
  });

  test("stops on request, and when the loss is not finite", async () => {
    const field = waves([16, 24]);
    const controller = new AbortController();
    const stopped = train(field, {
      ...options,
      steps: 1e6,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(stopped).rejects.toSatisfy((error) => isFieldzipError(error, "aborted"));
    const wild = train(field, { ...options, optimiser: { learningRate: 1e30 } });
    await expect(wild).rejects.toThrow("a finite loss expected");
  });

  test("refuses variables that do not fit the grid", async () => {
    const field = { lengths: [2, 3], variables: [[1, 2, 3]] };
    await expect(train(field, options)).rejects.toThrow("variables of 6 values");
  });

  test.each(["all", "stride", "random", "slice", "block"] as const)(
    "on samples: %s",
    async (kind) => {
      const field = waves([16, 24]);
      const samplings = {
        all: { kind: "all" },
        stride: { kind: "stride", stride: 2 },
        random: { kind: "random", share: 0.4, seed: 1 },
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
