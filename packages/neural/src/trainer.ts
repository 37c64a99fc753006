/** Training of one network on one field: steps, progress, snapshots, and the network as it is stored. */
import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import type { NetworkShape } from "@fieldzip/kernels/network";
import type { Backend, NetworkState } from "./backends/backend.js";
import { selectBackend } from "./backends/select.js";
import type { TrainingField } from "./field.js";
import { beginGuard, type Rollback } from "./guard.js";
import { initialParameters } from "./initialise.js";
import type { Quality } from "./meter.js";
import { type Model, outputsOf, shapeOfModel } from "./model.js";
import { completeNetwork, type NetworkRequest } from "./network/network.js";
import { type OptimiserOptions, optimiserDefaults } from "./optimiser.js";
import { type QuantiseOptions, quantiseDefaults, type SizeControl } from "./quantise/options.js";
import { parametersOfStored, type StoredModel } from "./quantise/quantised-model.js";
import { storedArrays } from "./quantise/quantiser.js";
import { type RunState, runSteps } from "./run.js";
import { finiteShares, sampleSet } from "./samples.js";
import { axisCoordinates, type Sampling, sampleField } from "./sampling.js";
import { lossWeightsOf, scalingOf } from "./scaling.js";
import { createBatches } from "./schedule.js";
import { checkField, checkSettings, type TrainingSettings } from "./settings.js";

export interface TrainOptions {
  readonly network: NetworkRequest;
  /** Steps in all: the learning rate falls towards the last one. */
  readonly steps: number;
  /** Samples a step. Default `defaultBatch`. */
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
  /** How the network is stored. Default: integers of 8 bits, float16 for what is few. */
  readonly quantise?: Partial<QuantiseOptions>;
  readonly sizeControl?: SizeControl;
  /** Parameters to begin with, of a model of the same shape: a step before this one, say. Default: random. */
  readonly initial?: Float32Array;
  /** Default: the fastest that runs here, in this thread. */
  readonly backend?: Backend;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /**
   * The loss was not finite, or far above the best one for long: the run goes on from where it was well, at
   * half the learning rate. After five times it fails.
   */
  readonly onRollback?: (rollback: Rollback) => void;
  /** Steps between snapshots; one is taken after the last step, too. Default: none. */
  readonly snapshotEvery?: number;
  /** Training waits for it. */
  readonly onSnapshot?: (snapshot: TrainingSnapshot) => void | Promise<void>;
  /** Goes on from a snapshot of a run with the same field and options: the weights become the same. */
  readonly resume?: TrainingSnapshot;
}

/** `quality`: since the last report, of the samples seen, each before its step. */
export interface TrainingProgress extends Quality {
  readonly stage: "train";
  /** Steps done, and all. */
  readonly done: number;
  readonly total: number;
  /** Whether the network is evaluated with quantised parameters. */
  readonly quantised: boolean;
  /** How often the run has gone back so far, see `onRollback`. */
  readonly rollbacks: number;
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
}

export interface TrainingSnapshot extends RunState {
  /** What has to be the same for the same weights. */
  readonly settings: TrainingSettings;
}

export interface TrainingResult {
  /** The network as it is stored. Its outputs are the variables that vary, in order. */
  readonly stored: StoredModel;
  /** The same network, to be evaluated for all variables. */
  readonly model: Model;
}

/** Samples a step: in the same CPU time, many small steps went further than few large ones. */
export const defaultBatch = { fourier: 256, grid: 2048 } as const;

export async function train(field: TrainingField, options: TrainOptions): Promise<TrainingResult> {
  checkField(field);
  const { lengths, variables } = field;
  const { steps, signal, resume } = options;
  throwIfAborted(signal);
  const network = completeNetwork(options.network);
  const optimiser = { ...optimiserDefaults(network.kind), ...options.optimiser };
  const scalings = variables.map(scalingOf);
  const outputs = outputsOf(scalings);
  if (outputs.length === 0) throw nothingToLearn(variables.length);
  const varying = { ...field, variables: outputs.map((v) => variables[v]) };
  const sampling = options.sampling ?? { kind: "all" };
  const sample = sampleField(lengths.map(axisCoordinates), sampling, varying.variables);
  const count = sample.places.length;
  const batch = Math.min(options.batch ?? defaultBatch[network.kind], count);
  const outputScalings = outputs.map((v) => scalings[v]);
  const lossWeights = lossWeightsOf(outputScalings, options.loss ?? "range");
  const shape = shapeOfModel({ network, lengths, scalings });
  const backend = options.backend ?? (await selectBackend());
  const { firstDecay, secondDecay, epsilon } = optimiser;
  const session = await backend.open({
    ...{ shape, batch, lossWeights, firstDecay, secondDecay, epsilon },
    samples: sampleSet(varying, outputScalings, sample),
  });
  try {
    const seed = options.seed ?? 0;
    const quantise = { ...quantiseDefaults, ...options.quantise };
    const controlEvery = options.sizeControl?.every ?? 0;
    const settings: TrainingSettings = {
      ...{ network, lengths: [...lengths], scalings, lossWeights, steps, batch, seed, sampling },
      ...{ optimiser, quantise, controlEvery },
      ...{ backend: backend.name, arithmetic: session.arithmetic, shares: session.shares },
    };
    if (resume) checkSettings(resume.settings, settings);
    const fresh = { state: initialState(settings, shape, options.initial) };
    const from: RunState = resume ?? { ...fresh, guard: beginGuard(fresh) };
    const clock = createClock(settings);
    const { onSnapshot, onRollback, onProgress } = options;
    const quantiser = await runSteps(from, {
      ...{ session, settings, shape, signal, onRollback },
      batches: createBatches(count, batch, seed),
      finite: finiteShares(varying, sample),
      sizeControl: options.sizeControl,
      snapshotEvery: options.snapshotEvery,
      onReport({ steps: taken, seconds, ...report }) {
        onProgress?.({ ...clock(report.done, taken, seconds), ...report });
      },
      onSnapshot: onSnapshot && ((state) => onSnapshot({ settings, ...state })),
    });
    const arrays = storedArrays(shape, await session.effective(), quantiser);
    const stored = { shape, axes: axesOf(field), scalings: outputScalings, arrays };
    const parameters = parametersOfStored(stored);
    return { stored, model: { network, lengths: [...lengths], scalings, parameters } };
  } finally {
    await session.close();
  }
}

function axesOf({ lengths, ghosts }: TrainingField): StoredModel["axes"] {
  return lengths.map((total, axis) => {
    const { low, high } = ghosts?.[axis] ?? { low: 0, high: 0 };
    return { length: total - low - high, low, total };
  });
}

function initialState(
  { network, lengths, seed }: TrainingSettings,
  shape: NetworkShape,
  initial: Float32Array | undefined,
): NetworkState {
  const { valuesPerWave } = network;
  const fresh = initialParameters(shape, { seed, lengths, valuesPerWave });
  if (initial && initial.length !== fresh.length) {
    throw new FieldzipError("usage", {
      where: "training, initial parameters",
      expected: `${fresh.length} numbers`,
      found: String(initial.length),
      remedy: "begin with a model of the same network, grid and variables",
    });
  }
  const zeros = () => new Float32Array(fresh.length);
  return { step: 0, parameters: initial ?? fresh, first: zeros(), second: zeros() };
}

/** Time of a run, from its reports. */
function createClock({ batch, steps }: TrainingSettings) {
  let [counted, seconds] = [0, 0];
  return (done: number, taken: number, took: number) => {
    counted += taken;
    seconds += took;
    const secondsPerStep = seconds / counted;
    return {
      ...{ stage: "train" as const, total: steps },
      samplesPerSecond: batch / secondsPerStep,
      secondsLeft: (steps - done) * secondsPerStep,
    };
  };
}

function nothingToLearn(variables: number): FieldzipError {
  return new FieldzipError("usage", {
    where: "training",
    expected: "a variable that varies",
    found: `${variables} constant variables`,
    remedy: "store constants as such: they need no network",
  });
}
