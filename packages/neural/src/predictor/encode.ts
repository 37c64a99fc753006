/** A chunk -> its stream: a network is trained towards what was asked for and written down. */
import type { TrainedChunk, TrainingJob } from "@fieldzip/core";
import { trainToGoal } from "../goal/goal.js";
import { openChunkWork } from "./chunk-work.js";
import { openJournal } from "./journal.js";
import type { NeuralSettings } from "./settings.js";

/** Undefined where there is nothing to learn. */
export async function encodeChunk(
  chunk: TrainedChunk,
  job: TrainingJob,
  settings: NeuralSettings,
): Promise<Uint8Array | undefined> {
  const journal = await openJournal(job.checkpoint);
  const work = openChunkWork(chunk, job, settings, journal);
  return work?.encode(await trainToGoal(work));
}
