import { beforeEach, describe, expect, test } from "vitest";
import type { ArchiveSink, ArrayPlan } from "../src/archive.js";
import { countOf, extractBox } from "../src/array/box.js";
import type { FloatArray } from "../src/array/data-type.js";
import { Dataset, type VariableSource } from "../src/array/dataset.js";
import { checkOptions } from "../src/check-options.js";
import type { Checkpoints } from "../src/checkpoints.js";
import { compress } from "../src/compress.js";
import { compressChunk } from "../src/compress-chunk.js";
import { isFieldzipError } from "../src/errors.js";
import type { CompressOptions, Settings } from "../src/options.js";
import { registerPredictor } from "../src/predictors/registry.js";
import type { TrainedChunk, TrainingJob } from "../src/predictors/trained.js";

/** What a trained predictor is given, chunk after chunk, and what becomes of what it gives back. */

interface Call {
  readonly chunk: TrainedChunk;
  readonly job: TrainingJob;
}
const calls: Call[] = [];
/** By call, whether it has something to offer. */
let offers: (call: number) => boolean = () => true;

/** A stand-in: every value of a chunk is stored half a unit too large. Its streams are those of `raw`. */
beforeEach(() => {
  calls.length = 0;
  offers = () => true;
  registerPredictor({
    kind: "trained",
    name: "neural",
    number: 3,
    guarantees: ["exact", "bounded", "best-effort"],
    chunkValues: 2 ** 25,
    mostAxes: 4,
    completeSettings: (given) => ({ ghosts: 1, ...given }),
    ghostsOf: ({ ghosts }) => Number(ghosts),
    async encode(chunk, job) {
      calls.push({ chunk, job });
      job.onProgress(figures, 0.5);
      if (!offers(calls.length - 1)) return undefined;
      const start = [...chunk.low];
      const wide = chunk.shape.map((extent, axis) => extent + chunk.low[axis] + chunk.high[axis]);
      const box = { start, shape: chunk.shape };
      const own = extractBox("float32", chunk.values, wide, box) as FloatArray;
      const decoded = own.map((value) => value + 0.5) as FloatArray;
      const { bytes } = await compressChunk(decoded, chunk.shape, { predictor: "raw" });
      return bytes;
    },
    describe: () => ({ mode: "stand-in" }),
  });
});

const figures = {
  ...{ phase: "train", step: 1, steps: 2, loss: 1, psnr: 30 },
  ...{ samplesPerSecond: 1000, secondsLeft: 1, rollbacks: 0 },
};

/** Variables that count their places: [step, z, y, x]. */
function datasetOf(names: readonly string[], shape: readonly number[]): Dataset {
  const dimensions = ["a", "b", "step", "z", "y", "x"].slice(-shape.length);
  const source = (name: string, v: number): VariableSource => {
    const values = Float32Array.from({ length: countOf(shape) }, (_, i) => i + 1e5 * v);
    return {
      ...{ name, shape, dimensions, dataType: "float32", attributes: {} },
      readBox: async (box) => extractBox("float32", values, shape, box),
    };
  };
  return new Dataset({
    ...{ format: "raw", location: "memory", groups: [{ path: "", attributes: {} }] },
    dimensions: dimensions.map((name, axis) => ({ name, size: shape[axis] })),
    variables: names.map(source),
    async close() {},
  });
}

function sinkInMemory() {
  const plans: ArrayPlan[] = [];
  const streams: Uint8Array[] = [];
  const metadata = 100;
  const bytes = () => streams.reduce((sum, { length }) => sum + length, metadata);
  const sink: ArchiveSink = {
    async writeArray(plan) {
      plans.push(plan);
      return {
        async writeShard(_, chunks) {
          const kept = chunks.filter((chunk) => chunk instanceof Uint8Array);
          streams.push(...kept);
          return { bytes: kept.reduce((sum, { length }) => sum + length, 0) };
        },
      };
    },
    size: async () => bytes(),
    publish: async () => ({ bytes: bytes() }),
    async discard() {},
  };
  return { sink, plans, streams };
}

async function run(dataset: Dataset, options: CompressOptions) {
  const memory = sinkInMemory();
  const guarantee = { kind: "best-effort", goal: {} } as const;
  const asked = { predictor: "neural", guarantee, ...options } as const;
  const report = await compress(dataset, memory.sink, asked);
  return { ...memory, report };
}

describe("a trained predictor", () => {
  test("gets all variables of a grid in one chunk, and what differs is reported", async () => {
    const done: number[] = [];
    const { plans, report } = await run(datasetOf(["u", "v", "w"], [2, 6, 8, 30]), {
      onProgress: (progress) => done.push(progress.done / progress.total),
    });
    expect(plans).toHaveLength(1);
    expect(plans[0].codec).toEqual({
      ...{ name: "fieldzip", guarantee: { kind: "best-effort", goal: {} } },
      ...{ predictor: "neural", settings: { ghosts: 1 } },
    });
    expect(calls).toHaveLength(1);
    expect(calls[0].chunk).toMatchObject({
      ...{ shape: [2, 3, 6, 8, 30], variableAxis: 1 },
      ...{ low: [0, 0, 0, 0, 0], high: [0, 0, 0, 0, 0] },
      ranges: [2879, 2879, 2879],
    });
    for (const { difference } of report.variables) {
      expect(difference).toMatchObject({ count: 2880, lost: 0, rmse: 0.5, maxError: 0.5 });
      expect(difference?.psnr).toBeCloseTo(20 * Math.log10(2879 / 0.5), 9);
    }
    expect(done).toContain(0.5);
    expect(done.at(-1)).toBe(1);
  });

  test("gets ghost cells of neighbours, and the stream of the step before", async () => {
    // 2 steps x 2 blocks along z.
    const dataset = datasetOf(["u", "v"], [2, 64, 8, 10]);
    const { streams } = await run(dataset, { chunkValues: 2 * 32 * 80 });
    expect(calls.map(({ chunk }) => chunk.shape.join())).toEqual(
      new Array(4).fill([1, 2, 32, 8, 10].join()),
    );
    const [first, second, third] = calls.map(({ chunk }) => chunk);
    expect([first.low[2], first.high[2], second.low[2], second.high[2]]).toEqual([0, 1, 1, 0]);
    // The second block of v at step 0 begins with the cells before it.
    expect(second.values[33 * 80]).toBe(31 * 80 + 1e5);
    expect(first.previous).toBeUndefined();
    expect(second.previous).toBeUndefined();
    expect(third.previous).toBe(streams[0]);
    const none = await run(dataset, { chunkValues: 2 * 32 * 80, settings: { ghosts: 0 } });
    expect(none.report.variables[0].difference?.count).toBe(2 * 64 * 80);
    expect(calls.at(-1)?.chunk.low.join()).toBe("0,0,0,0,0");
  });

  test("gets what a ratio leaves, and the time, by its share of the values", async () => {
    const { streams } = await run(datasetOf(["u", "v"], [2, 64, 8, 10]), {
      chunkValues: 2 * 32 * 80,
      ...{ guarantee: { kind: "best-effort", goal: { ratio: 10 } }, seconds: 1000 },
    });
    const original = 4 * 2 * 2 * 64 * 80;
    // 100 bytes of metadata, and an index of 4 chunks.
    const all = original / 10 - 100 - (4 * 16 + 4);
    expect(calls[0].job.bytes).toBeCloseTo(all / 4, 6);
    // The first stream had as many bytes as it pleased; the others share what is left.
    const left = all - streams[0].length;
    expect(calls[1].job.bytes).toBeCloseTo(Math.max(1, left / 3), 6);
    expect(calls[0].job.seconds).toBeGreaterThan(200);
    expect(calls[0].job.seconds).toBeLessThanOrEqual(250);
  });

  test("a chunk that it has nothing to offer for is exact", async () => {
    offers = (call) => call === 1;
    const { report } = await run(datasetOf(["u"], [1, 64, 8, 10]), { chunkValues: 32 * 80 });
    expect(report.variables[0].difference).toMatchObject({ maxError: 0.5, mse: 0.125 });
  });

  test("a promise that does not hold is an error", async () => {
    const dataset = datasetOf(["u", "v"], [64, 8, 10]);
    const bounded = (bound: number) =>
      run(dataset, { guarantee: { kind: "bounded", bound, boundKind: "absolute" } });
    const breach = (error: unknown) => isFieldzipError(error, "guarantee");
    await expect(run(dataset, { guarantee: { kind: "exact" } })).rejects.toSatisfy(breach);
    await expect(bounded(0.4)).rejects.toSatisfy(breach);
    expect((await bounded(0.5)).report.variables[1].difference?.maxError).toBe(0.5);
  });

  test("fill values count neither in ranges nor in what differs", async () => {
    const dataset = datasetOf(["u"], [64, 8, 10]);
    const fill = { type: "float32", values: [5119], scalar: true };
    Object.assign(dataset.variables[0].source, { attributes: { _FillValue: fill } });
    const { report } = await run(dataset, {});
    expect(calls[0].chunk).toMatchObject({
      fillValues: expect.arrayContaining([5119]),
      ranges: [5118],
    });
    expect(report.variables[0].difference).toMatchObject({ count: 5119, min: 0, max: 5118 });
  });

  test("has at most four axes in a chunk", async () => {
    const { plans } = await run(datasetOf(["u", "v"], [3, 2, 2, 5, 8, 10]), {});
    expect(plans[0].chunk).toEqual([2, 1, 1, 2, 5, 8, 10]);
  });

  test("chunks that are done stay done when the job is begun again", async () => {
    const kept = new Map<string, Uint8Array>();
    const checkpoints: Checkpoints = {
      seconds: 60,
      read: async (name) => kept.get(name),
      write: async (name, bytes) => void kept.set(name, bytes),
      remove: async (name) => void kept.delete(name),
    };
    const dataset = datasetOf(["u"], [2, 64, 8, 10]);
    const options = { chunkValues: 32 * 80, checkpoints };
    const whole = await run(dataset, options);
    expect(calls).toHaveLength(4);
    for (const name of [...kept.keys()].filter((name) => name.startsWith("u-1."))) {
      kept.delete(name);
    }
    const resumed = await run(dataset, options);
    expect(calls).toHaveLength(6);
    expect(calls[4].chunk.previous).toEqual(whole.streams[0]);
    expect(resumed.streams).toEqual(whole.streams);
    expect(resumed.report.variables).toEqual(whole.report.variables);

    await expect(run(dataset, { ...options, settings: { seed: 2 } })).rejects.toSatisfy((error) =>
      isFieldzipError(error, "usage"),
    );
    const other = datasetOf(["u"], [2, 64, 8, 10]);
    const reading = other.variables[0].source.readBox;
    Object.assign(other.variables[0].source, {
      readBox: async (...args: Parameters<typeof reading>) =>
        ((await reading(...args)) as FloatArray).map((value) => value + 1),
    });
    await expect(run(other, options)).rejects.toThrow(/checkpoint, chunk u-0.0.0.0/);
  });
});

describe("options", () => {
  const wrong: [string, CompressOptions][] = [
    ["bound", { guarantee: { kind: "bounded", bound: 0, boundKind: "range" } }],
    ["bound", { guarantee: { kind: "bounded", bound: Number.NaN, boundKind: "absolute" } }],
    ["bound kind", { guarantee: { kind: "bounded", bound: 1, boundKind: "other" as "range" } }],
    ["psnr", { guarantee: { kind: "best-effort", goal: { psnr: -1 } } }],
    ["ratio", { guarantee: { kind: "best-effort", goal: { ratio: 1 } } }],
    ["goal", { guarantee: { kind: "best-effort", goal: { ratio: 9, psnr: 40 } } }],
    ["guarantee", { guarantee: { kind: "lossy" } as unknown as { kind: "exact" } }],
    ["predictor", { guarantee: { kind: "best-effort", goal: {} } }],
    ["predictor", { guarantee: { kind: "best-effort", goal: {} }, predictor: "mechanism" }],
    ["predictor", { predictor: "nonsense" as "raw" }],
    ["seconds", { seconds: 10 }],
    ["seconds", { seconds: -1, predictor: "neural" }],
    ["settings", { settings: {} as Settings }],
    ["joint", { joint: "never", predictor: "neural" }],
  ];
  test.each(wrong)("%s: %o", (where, options) => {
    expect(() => checkOptions(options)).toThrow(
      expect.objectContaining({ tag: "usage", details: expect.objectContaining({ where }) }),
    );
  });

  test("are completed", () => {
    expect(checkOptions({})).toEqual({
      ...{ guarantee: { kind: "exact" }, predictor: "auto", effort: "default" },
    });
    expect(checkOptions({ predictor: "neural", settings: { seed: 1 } }).trained).toMatchObject({
      ...{ settings: { ghosts: 1, seed: 1 }, ghosts: 1 },
    });
  });
});
