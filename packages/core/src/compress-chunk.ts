import type { FloatArray } from "./array/data-type.js";
import type { PredictorName } from "./options.js";
import type { EncodeChunkTask, EncodedChunk } from "./threads/chunk-tasks.js";
import { inlinePool, type WorkerPool } from "./threads/pool.js";

/** Encodes one chunk: values of `shape`, C order -> a stream (`spec/stream.md`). */
export async function compressChunk(
  values: FloatArray,
  shape: readonly number[],
  options: { predictor?: PredictorName | "auto"; pool?: WorkerPool; signal?: AbortSignal } = {},
): Promise<EncodedChunk> {
  const task: EncodeChunkTask = { values, shape, predictor: options.predictor ?? "auto" };
  return (options.pool ?? inlinePool).run<EncodeChunkTask, EncodedChunk>("encode-chunk", task, {
    signal: options.signal,
  });
}
