/** Training of one network on one field: samples, steps, progress, snapshots. */
import { FieldzipError, psnrOf, throwIfAborted } from "@fieldzip/core";
import type { Backend, NetworkState, SampleSet, StepResult } from "./backends/backend.js";
import { selectBackend } from "./backends/select.js";
import type { TrainingField } from "./field.js";
import { initialParameters } from "./initialise.js";
import type { Model } from "./model.js";
import {
  completeNetwork,
  type Network,
  type NetworkRequest,
  shapeOfNetwork,
} from "./network/network.js";
import { learningRateAt, type OptimiserOptions, optimiserDefaults } from "./optimiser.js";
import { axisCoordinates, type Sample, type Sampling, sampleField } from "./sampling.js";
import { rangeWeights, type Scaling, scalingOf } from "./scaling.js";
import { createBatches } from "./schedule.js";

export interface TrainOptions {
  readonly network: NetworkRequest;
  /** Steps in all: the learning rate falls towards the last one. */
  readonly steps: number;
  /** Samples a step. Default 512 for `fourier`, 2048 for `grid`: in the same CPU time, many small steps went further than few large ones. */
  readonly batch?: number;
  /** Of parameters and batches. Default 0. */
  readonly seed?: number;
  /** Default: all values. */
  readonly sampling?: Sampling;
  readonly optimiser?: Partial<OptimiserOptions>;
  /**
   * Weights of the variables in the loss. `range` (default): errors count relative to the variable's range,
   * as published and as in PSNR. `deviation`: relative to its standard deviation. After 15 CPU seconds on
   * the Kelvin-Helmholtz volume of `bench/neural` `range` was ahead by 1.5 dB for `grid` and by 0.1 dB for
   * `fourier` (one seed); with too few steps, variables that rarely leave their mean are not learned
   * at all under it.
   */
  readonly loss?: "range" | "deviation";
  /** Default: the fastest that runs here, in this thread. */
  readonly backend?: Backend;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Steps between snapshots; one is taken after the last step, too. Default: none. */
  readonly snapshotEvery?: number;
  /** Training waits for it. */
  readonly onSnapshot?: (snapshot: TrainingSnapshot) => void | Promise<void>;
  /** Goes on from a snapshot of a run with the same field and options: the weights become the same. */
  readonly resume?: TrainingSnapshot;
}

export interface TrainingProgress {
  readonly stage: "train";
  /** Steps done, and all. */
  readonly done: number;
  readonly total: number;
  /** Since the last report: loss, and mean PSNR over variables of the samples seen, each before its step. */
  readonly loss: number;
  readonly psnr: number;
  /** dB, by variable; NaN for constant ones. */
  readonly psnrs: readonly number[];
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
}

/** The whole state of a run between two steps. */
export interface TrainingSnapshot {
  /** What has to be the same for the same weights. */
  readonly settings: TrainingSettings;
  readonly state: NetworkState;
}

export interface TrainingSettings {
  readonly network: Network;
  readonly lengths: readonly number[];
  readonly scalings: readonly Scaling[];
  readonly lossWeights: readonly number[];
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  readonly sampling: Sampling;
  readonly optimiser: OptimiserOptions;
  readonly backend: string;
  readonly shares: number;
}

/** Between two reports, and turns of the event loop. */
const REPORT_SECONDS = 0.2;

export async function train(field: TrainingField, options: TrainOptions): Promise<Model> {
  const network = completeNetwork(options.network);
  const { lengths, variables } = field;
  checkField(field);
  const optimiser = { ...optimiserDefaults(network.kind), ...options.optimiser };
  const scalings = variables.map(scalingOf);
  const sampling = options.sampling ?? { kind: "all" };
  const sample = sampleField(field.axes ?? lengths.map(axisCoordinates), sampling);
  const lossWeights =
    options.loss === "deviation"
      ? scalings.map(({ range }) => (range > 0 ? 1 : 0))
      : rangeWeights(scalings);
  const seed = options.seed ?? 0;
  const count = sample.places.length;
  const batch = Math.min(options.batch ?? (network.kind === "grid" ? 2048 : 512), count);
  const { steps, signal, resume } = options;
  throwIfAborted(signal);
  const shape = shapeOfNetwork(network, lengths, variables.length);
  const backend = options.backend ?? (await selectBackend());
  const { firstDecay, secondDecay, epsilon } = optimiser;
  const samples = sampleSet(field, scalings, sample);
  const session = await backend.open({
    ...{ shape, samples, batch, lossWeights, firstDecay, secondDecay, epsilon },
  });
  try {
    const settings: TrainingSettings = {
      ...{ network, lengths: [...lengths], scalings, lossWeights, steps, batch, seed, sampling },
      ...{ optimiser, backend: backend.name, shares: session.shares },
    };
    if (resume) checkSettings(resume.settings, settings);
    await session.write(resume?.state ?? initialState(settings, shape));
    const batches = createBatches(count, batch, seed);
    const meter = createMeter(settings, finiteShares(field, sample), resume?.state.step ?? 0);
    let done = resume?.state.step ?? 0;
    let group = 1;
    while (done < steps) {
      throwIfAborted(signal);
      const stop = Math.min(steps, done + group, nextSnapshot(done, options.snapshotEvery));
      const started = performance.now();
      const results = await session.train(
        Array.from({ length: stop - done }, (_, i) => {
          const rate = learningRateAt(done + i, steps, optimiser);
          const rates = {
            grids: rate * optimiser.gridRate,
            frequencies: shape.mapping === "learned" ? rate * optimiser.frequencyRate : 0,
            layers: rate,
          };
          // A copy: the order of the next epoch takes this one's place.
          return { indices: batches.at(done + i).slice(), rates };
        }),
      );
      const seconds = (performance.now() - started) / 1000;
      const progress = meter.add(results, stop - done, seconds);
      group = Math.max(1, Math.min(2 * group, Math.round((group * REPORT_SECONDS) / seconds)));
      done = stop;
      options.onProgress?.(progress);
      if (
        options.onSnapshot &&
        (done === steps || done === nextSnapshot(done - 1, options.snapshotEvery))
      ) {
        await options.onSnapshot({ settings, state: await session.read() });
      }
      // Timers and signals get their turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const { parameters } = await session.read();
    return { network, lengths: [...lengths], scalings, parameters };
  } finally {
    await session.close();
  }
}

function nextSnapshot(done: number, every: number | undefined): number {
  return every ? (Math.floor(done / every) + 1) * every : Number.POSITIVE_INFINITY;
}

function checkField({ lengths, variables }: TrainingField): void {
  const count = lengths.reduce((product, length) => product * length, 1);
  const wrong = variables.find(({ length }) => length !== count);
  if (lengths.length < 1 || lengths.length > 4 || count === 0 || variables.length === 0 || wrong) {
    throw new FieldzipError("shape", {
      where: "training",
      expected: `variables of ${count} values on 1 to 4 axes`,
      found: `${variables.length} variables on ${lengths.length} axes${wrong ? `, one of ${wrong.length} values` : ""}`,
      remedy: "train on variables of one grid",
    });
  }
}

function checkSettings(of: TrainingSettings, now: TrainingSettings): void {
  for (const key of Object.keys(now) as (keyof TrainingSettings)[]) {
    if (JSON.stringify(of[key]) === JSON.stringify(now[key])) continue;
    throw new FieldzipError("usage", {
      where: `snapshot, ${key}`,
      expected: JSON.stringify(of[key]),
      found: JSON.stringify(now[key]),
      remedy: "go on with the field and the options that the run began with, or start afresh",
    });
  }
}

function initialState(
  { network, lengths, seed }: TrainingSettings,
  shape: ReturnType<typeof shapeOfNetwork>,
): NetworkState {
  const { valuesPerWave } = network;
  const parameters = initialParameters(shape, { seed, lengths, valuesPerWave });
  const zeros = () => new Float32Array(parameters.length);
  return { step: 0, parameters, first: zeros(), second: zeros() };
}

function sampleSet(field: TrainingField, scalings: readonly Scaling[], sample: Sample): SampleSet {
  const { coordinates, places } = sample;
  return {
    coordinates,
    count: places.length,
    writeTargets(to, stride) {
      field.variables.forEach((values, v) => {
        const { offset, scale } = scalings[v];
        places.forEach((place, i) => {
          to[i * stride + v] = (values[place] - offset) / scale;
        });
      });
    },
  };
}

/** By variable, the share of samples that are finite. */
function finiteShares({ variables }: TrainingField, { places }: Sample): number[] {
  return variables.map((values) => {
    let finite = 0;
    for (const place of places) if (Number.isFinite(values[place])) finite++;
    return finite / places.length;
  });
}

function createMeter(settings: TrainingSettings, finite: readonly number[], first: number) {
  const { batch, steps, scalings, lossWeights } = settings;
  let done = first;
  let seconds = 0;
  return {
    add(results: readonly StepResult[], count: number, took: number): TrainingProgress {
      done += count;
      seconds += took;
      const squares = scalings.map((_, v) =>
        results.reduce((sum, { squaredErrors }) => sum + squaredErrors[v], 0),
      );
      const samples = count * batch;
      const weighted = squares.reduce((sum, square, v) => sum + square * lossWeights[v], 0);
      const loss = weighted / (samples * scalings.length);
      if (!Number.isFinite(loss)) {
        throw new FieldzipError("usage", {
          where: `training, step ${done}`,
          expected: "a finite loss",
          found: String(loss),
          remedy: "choose a smaller learning rate",
        });
      }
      const psnrs = scalings.map(({ scale, range }, v) =>
        range > 0 && finite[v] > 0
          ? psnrOf(range, scale * Math.sqrt(squares[v] / (samples * finite[v])))
          : Number.NaN,
      );
      const known = psnrs.filter((psnr) => !Number.isNaN(psnr));
      const secondsPerStep = seconds / (done - first);
      return {
        stage: "train",
        done,
        total: steps,
        loss,
        psnr: known.reduce((a, b) => a + b, 0) / known.length,
        psnrs,
        samplesPerSecond: batch / secondsPerStep,
        secondsLeft: (steps - done) * secondsPerStep,
      };
    },
  };
}
