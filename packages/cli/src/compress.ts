import {
  type CompressOptions,
  type CompressReport,
  compress as compressInto,
  type Dataset,
  throwIfAborted,
} from "@fieldzip/core";
import { createArchive } from "@fieldzip/io";
import { registerNeuralPredictor } from "@fieldzip/neural";
import { createThreadPool } from "./threads.js";

export interface CompressToOptions extends CompressOptions {
  /** Replace what exists at the target. It stays until the new archive is whole. */
  readonly force?: boolean;
  /** Worker threads; default one per core, 0 works inline. Not used where a `pool` is given. */
  readonly threads?: number;
}

/**
 * Compresses `dataset` into an archive at the path `target`: a folder, or one file where the name
 * ends in `.zip`. The archive appears when it is complete; on an error or abort nothing is left.
 *
 * Memory is bounded by a few chunks per thread. Errors: `exists`, `io`, `aborted`, and whatever
 * reading the dataset brings.
 */
export async function compress(
  dataset: Dataset,
  target: string,
  options: CompressToOptions = {},
): Promise<CompressReport> {
  const { force, threads, ...rest } = options;
  throwIfAborted(rest.signal);
  registerNeuralPredictor();
  const pool = rest.pool ?? createThreadPool(threads);
  try {
    const sink = await createArchive(target, { force, signal: rest.signal });
    try {
      return await compressInto(dataset, sink, { ...rest, pool });
    } catch (error) {
      await sink.discard();
      throw error;
    }
  } finally {
    if (!rest.pool) await pool.close();
  }
}
