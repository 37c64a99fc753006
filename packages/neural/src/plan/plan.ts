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
  /** Original bytes to those of all chunks' models, in the format that is asked for, about. */
  readonly ratio: number;
  /** By the clock, for all chunks. */
  readonly seconds: number;
}

/** What `compress` would do with the predictor `neural`. Reads the first chunk of each array. */
export async function planNetworks(
  dataset: Dataset,
  options: CompressOptions,
): Promise<ArrayPlanReport[]> {
  const reports: ArrayPlanReport[] = [];
  for (const array of await planTrained(dataset, { ...options, predictor: "neural" })) {
    const work = await openWork(array, options);
    if (!work) continue;
    const { plan, members } = array;
    const network = await planNetwork(work);
    const chunks = countOf(gridOf(plan.shape, plan.chunk));
    const originalBytes = countOf(plan.shape) * bytesPerValue(plan.dataType);
    const { weights } = work.settings;
    const modelBytes = network.bytes[weights === "8bit" ? "coded" : weights];
    reports.push({
      ...network,
      ...{ variables: members.map(({ name }) => name), chunk: plan.chunk, chunks, originalBytes },
      ratio: originalBytes / (chunks * modelBytes),
      seconds: chunks * network.steps * network.secondsPerStep,
    });
  }
  if (reports.length === 0) throw nothingToTrain(dataset.location);
  return reports;
}

/** Short trainings on the first chunk of the largest array: what quality costs what work. */
export async function exploreNetworks(
  dataset: Dataset,
  options: CompressOptions,
  explored: ExploreOptions,
): Promise<Exploration> {
  const arrays = await planTrained(dataset, { ...options, predictor: "neural" });
  const sizes = arrays.map(({ plan }) => countOf(plan.shape));
  const largest = arrays[sizes.indexOf(Math.max(...sizes))];
  if (!largest) throw nothingToTrain(dataset.location);
  const chunk = await firstChunk(largest, options.signal);
  // What a network says, without what it misses.
  const guarantee = { kind: "best-effort", goal: {} } as const;
  const asked = { ...jobOf(largest, options), guarantee };
  const open = async (settings: NeuralSettings, onProgress: TrainingJob["onProgress"]) =>
    openChunkWork(chunk, { ...asked, onProgress }, settings, await openJournal(undefined));
  const exploration = await explore(settingsOf(largest), open, explored);
  if (!exploration) throw nothingToTrain(dataset.location);
  return exploration;
}

async function openWork(
  array: TrainedArray,
  options: CompressOptions,
): Promise<ChunkWork | undefined> {
  const chunk = await firstChunk(array, options.signal);
  const journal = await openJournal(undefined);
  return openChunkWork(chunk, jobOf(array, options), settingsOf(array), journal);
}

/** As if the chunk's share was all that there is of a ratio's bytes and of the time. */
function jobOf(array: TrainedArray, { guarantee, seconds, pool, signal }: CompressOptions) {
  const { plan, trained } = array;
  const ratio = guarantee?.kind === "best-effort" ? guarantee.goal.ratio : undefined;
  const values = countOf(plan.chunk);
  return {
    ...{ guarantee: guarantee ?? { kind: "exact" as const }, settings: trained.settings },
    ...{ pool, signal, onProgress: () => {} },
    seconds: seconds && (seconds * values) / Math.max(values, countOf(plan.shape)),
    bytes: ratio && (values * bytesPerValue(plan.dataType)) / ratio,
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
