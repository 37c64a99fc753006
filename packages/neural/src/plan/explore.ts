/** Measures quality against work: trainings of other sizes, lengths and samples, in a given time. */
import {
  type Guarantee,
  type TrainingFigures,
  type TrainingJob,
  throwIfAborted,
} from "@fieldzip/core";
import { STEERED_LIMIT } from "../goal/control.js";
import { isSizeOpen, networkOfSize, parametersOfRequest } from "../goal/network-size.js";
import { networkForBytes } from "../goal/ratio.js";
import type { NetworkRequest } from "../network/network.js";
import type { ChunkWork } from "../predictor/chunk-work.js";
import type { NeuralSettings } from "../predictor/settings.js";
import { formats } from "../predictor/trainings.js";
import { quantiseDefaults } from "../quantise/options.js";
import { sizeTarget } from "../quantise/size-target.js";
import { type Recommendation, recommend } from "./recommend.js";

export interface ExploreOptions {
  /** By the clock, for all trainings together, about. */
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
  /** How often every sample was seen. */
  readonly epochs: number;
  /** By the clock, of the training alone. */
  readonly seconds: number;
  /** Of the chunk's stream under the guarantee that is asked for. */
  readonly bytes: number;
  /** Original bytes to those of an archive all of whose chunks are like that, about. */
  readonly ratio: number;
  /** dB, the mean over variables, of what the network says of all values: not of the samples alone. */
  readonly psnr: number;
}

export interface Exploration {
  readonly runs: readonly ExploredRun[];
  /** Trainings that the time was too short for. */
  readonly leftOut: number;
  readonly recommended: Recommendation;
}

/** A chunk to be trained on, under other settings. */
export interface Explored {
  readonly settings: NeuralSettings;
  /** Of the chunk. */
  readonly originalBytes: number;
  /** How much more values all that is to be compressed has than the chunk. */
  readonly times: number;
  /** Of the archive besides networks. */
  readonly besideBytes: number;
  readonly guarantee: Guarantee;
  /** Undefined where the chunk holds nothing to learn. */
  open(
    settings: NeuralSettings,
    onProgress: TrainingJob["onProgress"],
  ): Promise<ChunkWork | undefined>;
}

/** Lengths of trainings as shares of the longest, and sizes as multiples of the network's own. */
const LENGTHS = [0.125, 0.25, 0.5, 1];
const SIZES = [0.5, 2];
const SAMPLINGS = ["random:0.5", "random:0.1", "stride:2", "active:gradient:0.05:1"];
/** Length at which sizes and samplings are compared. */
const COMPARED = 0.5;
/** Fewer steps teach nothing. */
export const FEWEST_STEPS = 30;

interface Planned {
  readonly about: ExploredRun["about"];
  readonly length: number;
  readonly size: number;
  readonly sampling: string;
}

export async function explore(
  explored: Explored,
  { seconds, signal, onProgress }: ExploreOptions,
): Promise<Exploration | undefined> {
  const { settings, open } = explored;
  const now = () => performance.now() / 1000;
  const started = now();
  const work = await open(settings, () => {});
  if (!work) return undefined;
  const own = work.bytes === undefined ? settings.network : networkForBytes(work, work.bytes);
  const planned = plannedRuns(settings, isSizeOpen(settings.network) && work.bytes === undefined);
  const perStep = await work.trainings.secondsPerStep(own);
  const plain: Planned = { about: "length", length: 0, size: 1, sampling: settings.sampling };
  // What every training takes besides its steps: opening, coding, measuring.
  const opened = now();
  const first = await measure(
    plain,
    FEWEST_STEPS,
    own,
    (await open(settings, () => {}))!,
    explored,
  );
  const beside = now() - opened - first.seconds;
  // A step of another size takes about as much more or less, by half of it.
  const load = planned.reduce((sum, { length, size }) => sum + length * (0.5 + 0.5 * size), 0);
  const left = seconds - (now() - started) - planned.length * beside;
  const longest = left / (load * perStep);
  const runs: ExploredRun[] = [];
  for (const plan of planned) {
    throwIfAborted(signal);
    const steps = Math.max(FEWEST_STEPS, Math.round(plan.length * longest));
    // Where others took the machine meanwhile; lengths are needed in any case.
    if (plan.about !== "length" && now() - started > seconds) break;
    const other = { ...settings, sampling: plan.sampling };
    const chunk = await open(other, (figures, share) =>
      onProgress?.(
        { ...figures, phase: `${runs.length + 1} of ${planned.length}` },
        (runs.length + share) / planned.length,
      ),
    );
    runs.push(await measure(plan, steps, own, chunk!, explored));
  }
  return { runs, leftOut: planned.length - runs.length, recommended: recommend(runs, explored) };
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
  { originalBytes, times, besideBytes }: Explored,
): Promise<ExploredRun> {
  const { settings, trainings, outputs, psnrOf, encode, bytes: wanted, streamBytes } = work;
  const { lengths } = trainings.field;
  const count = parametersOfRequest(own, lengths, outputs);
  const network = size === 1 ? own : networkOfSize(own, size * count, lengths, outputs);
  const started = performance.now();
  const quantise = { ...quantiseDefaults, format: formats[settings.weights] };
  const { stored } = await trainings.run({
    ...{ phase: about, network, steps, share: [0, 1] },
    ...(wanted === undefined
      ? { quantise }
      : {
          quantise: { ...quantise, limit: STEERED_LIMIT },
          sizeControl: sizeTarget(wanted, { steps, from: quantise.from, estimate: streamBytes }),
        }),
  });
  const seconds = (performance.now() - started) / 1000;
  const bytes = encode(stored).length;
  return {
    ...{ about, network, sampling, steps, seconds, bytes },
    ratio: (times * originalBytes) / (times * bytes + besideBytes),
    parameters: parametersOfRequest(network, lengths, outputs),
    samples: trainings.samples,
    epochs: (steps * trainings.batchOf(network)) / trainings.samples,
    psnr: psnrOf(stored),
  };
}
