/** What compressing a dataset with networks would come to. */
import {
  bytesPerValue,
  type CompressOptions,
  countOf,
  type Dataset,
  FieldzipError,
  firstChunk,
  gridOf,
  planTrained,
  type TrainedArray,
  type TrainingJob,
} from "@fieldzip/core";
import { type ChunkWork, openChunkWork } from "../predictor/chunk-work.js";
import { openJournal } from "../predictor/journal.js";
import { registerNeuralPredictor } from "../predictor/neural.js";
import type { NeuralSettings } from "../predictor/settings.js";
import { type Exploration, type ExploreOptions, explore } from "./explore.js";
import { type NetworkPlan, planNetwork } from "./network-plan.js";

/** Of one array, which holds one variable or several that share their grid. */
export interface ArrayPlanReport extends NetworkPlan {
  readonly variables: readonly string[];
  /** Of the first chunk: every chunk has a network of its own. */
  readonly chunk: readonly number[];
  readonly chunks: number;
  readonly originalBytes: number;
  /**
   * Original bytes to those of all chunks' models, in the format that is asked for, about. Under `exact` and `bounded`
   * what the networks miss comes on top, which no plan can know.
   */
  readonly ratio: number;
  /** By the clock, for all chunks: training, and coding and checking. */
  readonly seconds: { readonly training: number; readonly beside: number };
}

export interface DatasetPlan {
  readonly arrays: readonly ArrayPlanReport[];
  /** Variables that no network is trained on: coordinates, integers, text, constant and small ones. They stay exact. */
  readonly exact: readonly string[];
}

/** Values that are read, coded and compared in a second, about, and what a chunk takes in any case. */
const VALUES_PER_SECOND = 4e6;
const SECONDS_BESIDE = 0.2;

/** What `compress` would do with the predictor `neural`. Reads the first chunk of each array. */
export async function planNetworks(
  dataset: Dataset,
  options: CompressOptions,
): Promise<DatasetPlan> {
  registerNeuralPredictor();
  const arrays: ArrayPlanReport[] = [];
  const planned = await planTrained(dataset, { ...options, predictor: "neural" });
  const budget = budgetOf(dataset, planned, options);
  for (const array of planned) {
    const work = await openWork(array, options, budget);
    if (work) arrays.push(reportOf(array, options, work.settings, await planNetwork(work)));
  }
  if (arrays.length === 0) throw nothingToTrain(dataset.location);
  const trained = new Set(arrays.flatMap(({ variables }) => variables));
  const names = dataset.variables.map(({ name }) => name);
  return { arrays, exact: names.filter((name) => !trained.has(name)) };
}

function reportOf(
  { plan, members }: TrainedArray,
  { guarantee, pool }: CompressOptions,
  { weights }: NeuralSettings,
  network: NetworkPlan,
): ArrayPlanReport {
  const chunks = countOf(gridOf(plan.shape, plan.chunk));
  const originalBytes = countOf(plan.shape) * bytesPerValue(plan.dataType);
  const modelBytes = network.bytes[weights === "8bit" ? "coded" : weights];
  const { steps, secondsPerStep, secondsPerEvaluation } = network;
  // What is written is decoded and compared on all threads; corrections and a PSNR want a prediction before.
  const asked = guarantee ?? { kind: "exact" as const };
  const isPredicted = asked.kind !== "best-effort" || asked.goal.psnr !== undefined;
  const evaluations = 1 / Math.max(1, pool?.size ?? 1) + (isPredicted ? 1 : 0);
  const coding = SECONDS_BESIDE + countOf(plan.chunk) / VALUES_PER_SECOND;
  return {
    ...network,
    ...{ variables: members.map(({ name }) => name), chunk: plan.chunk, chunks, originalBytes },
    ratio: originalBytes / (chunks * modelBytes),
    seconds: {
      training: chunks * steps * secondsPerStep,
      beside: chunks * (coding + evaluations * secondsPerEvaluation),
    },
  };
}

/** Short trainings on the first chunk of the largest array: what quality costs what work. */
export async function exploreNetworks(
  dataset: Dataset,
  options: CompressOptions,
  explored: ExploreOptions,
): Promise<Exploration> {
  registerNeuralPredictor();
  const arrays = await planTrained(dataset, { ...options, predictor: "neural" });
  const sizes = arrays.map(({ plan }) => countOf(plan.shape));
  const largest = arrays[sizes.indexOf(Math.max(...sizes))];
  if (!largest) throw nothingToTrain(dataset.location);
  const chunk = await firstChunk(largest, options.signal);
  const budget = budgetOf(dataset, arrays, options);
  const job = jobOf(largest, options, budget);
  const { plan } = largest;
  const exploration = await explore(
    {
      settings: settingsOf(largest),
      originalBytes: countOf(chunk.shape) * bytesPerValue(plan.dataType),
      times: budget.values / countOf(chunk.shape),
      besideBytes: budget.besideBytes,
      guarantee: job.guarantee,
      open: async (settings: NeuralSettings, onProgress: TrainingJob["onProgress"]) =>
        openChunkWork(chunk, { ...job, onProgress }, settings, await openJournal(undefined)),
    },
    explored,
  );
  if (!exploration) throw nothingToTrain(dataset.location);
  return exploration;
}

async function openWork(
  array: TrainedArray,
  options: CompressOptions,
  budget: Budget,
): Promise<ChunkWork | undefined> {
  const chunk = await firstChunk(array, options.signal);
  const journal = await openJournal(undefined);
  return openChunkWork(chunk, jobOf(array, options, budget), settingsOf(array), journal);
}

/** What all chunks share. */
interface Budget {
  /** Values that are trained on. */
  readonly values: number;
  /** What an archive holds besides networks, about: metadata, and variables that stay exact. */
  readonly besideBytes: number;
  /** Of all networks, where a ratio is asked for. */
  readonly bytes?: number;
}

/** Metadata of a variable but for its attributes, and the share of their bytes that exact variables keep: both about. */
const METADATA_BYTES = 700;
const EXACT_SHARE = 0.5;

function budgetOf(
  dataset: Dataset,
  arrays: readonly TrainedArray[],
  { guarantee }: CompressOptions,
): Budget {
  const trained = new Set(arrays.flatMap(({ members }) => members));
  let [all, besideBytes] = [0, 0];
  for (const variable of dataset.variables) {
    const bytes = countOf(variable.shape) * bytesPerValue(variable.dataType);
    const texts = Object.entries(variable.attributes).flatMap(([name, { values }]) => [
      name,
      ...values.map(String),
    ]);
    all += bytes;
    besideBytes += METADATA_BYTES + texts.join().length;
    if (!trained.has(variable)) besideBytes += EXACT_SHARE * bytes;
  }
  const ratio = guarantee?.kind === "best-effort" ? guarantee.goal.ratio : undefined;
  return {
    values: arrays.reduce((sum, { plan }) => sum + countOf(plan.shape), 0),
    besideBytes,
    bytes: ratio && Math.max(1, all / ratio - besideBytes),
  };
}

/** A chunk's share of the bytes, and of the time as if all chunks were alike. */
function jobOf(
  { plan, trained }: TrainedArray,
  { guarantee, seconds, pool, signal }: CompressOptions,
  { values, bytes }: Budget,
) {
  const share = countOf(plan.chunk) / values;
  return {
    ...{ guarantee: guarantee ?? { kind: "exact" as const }, settings: trained.settings },
    ...{ pool, signal, onProgress: () => {} },
    seconds: seconds && seconds * Math.min(1, share),
    bytes: bytes && Math.max(1, share * bytes),
  };
}

function settingsOf({ trained }: TrainedArray): NeuralSettings {
  return trained.settings as unknown as NeuralSettings;
}

function nothingToTrain(where: string): FieldzipError {
  return new FieldzipError("usage", {
    where,
    expected: "a field of floating-point numbers that varies",
    found: "none",
    remedy: "choose another dataset",
  });
}
