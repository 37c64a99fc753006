/** Measures quality against work: trainings of other sizes, lengths and samples, in a given time. */
import { countOf, type TrainingFigures, type TrainingJob, throwIfAborted } from "@fieldzip/core";
import { isSizeOpen, networkOfSize, parametersOfRequest } from "../goal/network-size.js";
import { networkForBytes } from "../goal/ratio.js";
import type { NetworkRequest } from "../network/network.js";
import type { ChunkWork } from "../predictor/chunk-work.js";
import type { NeuralSettings } from "../predictor/settings.js";
import { formats } from "../predictor/trainings.js";

export interface ExploreOptions {
  /** By the clock, for all trainings together. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
  /** How the training at hand goes, and what share of all work is done, 0 to 1. */
  readonly onProgress?: (figures: TrainingFigures, share: number) => void;
}

/** One training, and what came of it. */
export interface ExploredRun {
  /** What it is there to tell: the size of the network, the length of the training, the samples. */
  readonly about: "size" | "length" | "sampling";
  readonly network: NetworkRequest;
  readonly parameters: number;
  readonly sampling: string;
  readonly samples: number;
  readonly steps: number;
  /** By the clock, of the training alone. */
  readonly seconds: number;
  /** Of the stream, and original bytes to it. */
  readonly bytes: number;
  readonly ratio: number;
  /** dB, the mean over variables, of all values: not of the samples alone. */
  readonly psnr: number;
}

export interface Exploration {
  readonly runs: readonly ExploredRun[];
  /** What one would do, as flags of `fieldzip compress`, and why. */
  readonly recommended: { readonly flags: readonly string[]; readonly reasons: readonly string[] };
}

/** Lengths of trainings as shares of the longest, and sizes as multiples of the network's own. */
const LENGTHS = [0.125, 0.25, 0.5, 1];
const SIZES = [0.5, 2];
const SAMPLINGS = ["stride:2", "random:0.3", "random:0.1"];
/** Length at which sizes and samplings are compared. */
const COMPARED = 0.5;
/** Share of the time that is trained, the rest being timing, coding and measuring. */
const TRAINED = 0.8;
const FEWEST_STEPS = 30;
/** dB that a smaller sample may cost to be recommended. */
const MOST_LOSS = 0.5;

interface Planned {
  readonly about: ExploredRun["about"];
  readonly length: number;
  readonly size: number;
  readonly sampling: string;
}

/** The chunk under other settings. Undefined where it holds nothing to learn. */
type Open = (
  settings: NeuralSettings,
  onProgress: TrainingJob["onProgress"],
) => Promise<ChunkWork | undefined>;

export async function explore(
  settings: NeuralSettings,
  open: Open,
  { seconds, signal, onProgress }: ExploreOptions,
): Promise<Exploration | undefined> {
  const work = await open(settings, () => {});
  if (!work) return undefined;
  const own = work.bytes === undefined ? settings.network : networkForBytes(work, work.bytes);
  const planned = plannedRuns(settings, isSizeOpen(settings.network) && work.bytes === undefined);
  const perStep = await work.trainings.secondsPerStep(own);
  // A step of another size takes about as much more or less, by half of it.
  const load = planned.reduce((sum, { length, size }) => sum + length * (0.5 + 0.5 * size), 0);
  const longest = (TRAINED * seconds) / (load * perStep);
  const runs: ExploredRun[] = [];
  for (const plan of planned) {
    throwIfAborted(signal);
    const steps = Math.max(FEWEST_STEPS, Math.round(plan.length * longest));
    const other = { ...settings, sampling: plan.sampling };
    const opened = await open(other, (figures, share) =>
      onProgress?.(figures, (runs.length + share) / planned.length),
    );
    runs.push(await measure(plan, steps, own, opened!));
  }
  return { runs, recommended: recommend(runs) };
}

function plannedRuns({ sampling }: NeuralSettings, sizes: boolean): Planned[] {
  const samplings = sampling === "all" ? SAMPLINGS : [];
  return [
    ...LENGTHS.map((length): Planned => ({ about: "length", length, size: 1, sampling })),
    ...(sizes ? SIZES : []).map(
      (size): Planned => ({ about: "size", length: COMPARED, size, sampling }),
    ),
    ...samplings.map(
      (other): Planned => ({ about: "sampling", length: COMPARED, size: 1, sampling: other }),
    ),
  ];
}

async function measure(
  { about, size, sampling }: Planned,
  steps: number,
  own: NetworkRequest,
  work: ChunkWork,
): Promise<ExploredRun> {
  const { settings, trainings, outputs, psnrOf, streamBytes } = work;
  const { lengths, variables } = trainings.field;
  const count = parametersOfRequest(own, lengths, outputs);
  const network = size === 1 ? own : networkOfSize(own, size * count, lengths, outputs);
  const started = performance.now();
  const { stored } = await trainings.run({
    ...{
      phase: about,
      network,
      steps,
      share: [0, 1],
      quantise: { format: formats[settings.weights] },
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const bytes = streamBytes(stored.arrays, stored.shape, 1);
  const original =
    variables.length * countOf(stored.axes.map(({ length }) => length)) * valueBytes(variables[0]);
  return {
    ...{ about, network, sampling, steps, seconds, bytes, ratio: original / bytes },
    parameters: parametersOfRequest(network, lengths, outputs),
    samples: trainings.samples,
    psnr: psnrOf(stored),
  };
}

function valueBytes(values: ArrayLike<number>): number {
  return values instanceof Float64Array ? 8 : 4;
}

function recommend(runs: readonly ExploredRun[]): Exploration["recommended"] {
  const flags: string[] = [];
  const reasons: string[] = [];
  const lengths = runs.filter(({ about }) => about === "length");
  const [shorter, compared, longest] = lengths.slice(-3);
  const gain = longest.psnr - compared.psnr;
  reasons.push(
    `twice the work brought ${decibels(gain)}, the doubling before it ${decibels(compared.psnr - shorter.psnr)}`,
  );
  for (const { parameters, psnr, ratio } of runs.filter(({ about }) => about === "size")) {
    const times = parameters > compared.parameters ? "larger" : "smaller";
    const factor =
      Math.max(parameters, compared.parameters) / Math.min(parameters, compared.parameters);
    reasons.push(
      `a network ${factor.toFixed(1)} times ${times}: ${decibels(psnr - compared.psnr)}, ratio ${ratio.toFixed(0)} instead of ${compared.ratio.toFixed(0)}`,
    );
  }
  const samplings = runs
    .filter(({ about }) => about === "sampling")
    .sort((a, b) => a.samples - b.samples);
  const enough = samplings.find(({ psnr }) => compared.psnr - psnr <= MOST_LOSS);
  if (enough) {
    const share = (100 * enough.samples) / compared.samples;
    flags.push("--sampling", enough.sampling);
    reasons.push(
      `${share.toFixed(0)} % of the values teach as much in as many steps, but for ${decibels(enough.psnr - compared.psnr)}: so an epoch takes ${share.toFixed(0)} % of the time`,
    );
  } else if (samplings.length > 0) {
    const [least] = samplings.sort((a, b) => b.psnr - a.psnr);
    reasons.push(
      `training on all values pays: ${least.sampling} cost ${decibels(least.psnr - compared.psnr)}`,
    );
  }
  return { flags, reasons };
}

function decibels(change: number): string {
  return `${change >= 0 ? "+" : "-"}${Math.abs(change).toFixed(2)} dB`;
}
