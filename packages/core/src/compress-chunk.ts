import type { FloatArray } from "./array/data-type.js";
import type { Effort, PredictorName } from "./options.js";
import type { Relation } from "./predictors/mechanism/joint/order.js";
import type { Bounds } from "./quantise/bounds.js";
import type { EncodeChunkTask, EncodedChunk } from "./threads/chunk-tasks.js";
import { inlinePool, type WorkerPool } from "./threads/pool.js";

export interface CompressChunkOptions {
  readonly predictor?: PredictorName | "auto";
  readonly effort?: Effort;
  /** The axis along which variables stand, where the chunk holds several. */
  readonly variableAxis?: number;
  /** What these say of each other, where a sample showed it; else it is found in the chunk. */
  readonly relations?: readonly Relation[];
  /** What values may be off by: only for predictors of the guarantee `bounded`. Default: nothing. */
  readonly bounds?: Bounds;
  readonly pool?: WorkerPool;
  readonly signal?: AbortSignal;
  /** The caller has no more use for `values`: a worker may take them instead of a copy. */
  readonly give?: boolean;
}

/** Encodes one chunk: values of `shape`, C order -> a stream (`spec/stream.md`). */
export async function compressChunk(
  values: FloatArray,
  shape: readonly number[],
  options: CompressChunkOptions = {},
): Promise<EncodedChunk> {
  const { predictor = "auto", effort = "default", variableAxis, relations, bounds } = options;
  const task: EncodeChunkTask = {
    values,
    shape,
    predictor,
    options: { effort, variableAxis, relations, bounds },
  };
  return (options.pool ?? inlinePool).run<EncodeChunkTask, EncodedChunk>("encode-chunk", task, {
    signal: options.signal,
    give: options.give,
  });
}
