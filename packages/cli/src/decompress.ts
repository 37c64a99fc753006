import {
  Dataset,
  type FieldzipError,
  type Selection,
  subset,
  type WorkerPool,
  type WorkOptions,
} from "@fieldzip/core";
import { type OutputFormat, openArchive, writeDataset } from "@fieldzip/io";
import { createThreadPool } from "./threads.js";

export interface DecompressOptions extends WorkOptions {
  /** Format to write; default: what the target's name says, else what was compressed. */
  readonly to?: OutputFormat;
  /** Replace what exists at the target. It stays until the new file is whole. */
  readonly force?: boolean;
  /** Names of the variables to write, with their coordinates; default all. */
  readonly variables?: readonly string[];
  /** Which part, per dimension: an index or `[from, to)`. */
  readonly select?: Selection;
  /** Worker threads; default one per core, 0 works inline. Not used where a `pool` is given. */
  readonly threads?: number;
  readonly pool?: WorkerPool;
  /**
   * Called for every damaged chunk, whose values are then the variable's `_FillValue` (else NaN, or 0
   * for integers). Without it the first damaged chunk ends the work. Only where `archive` is a path.
   */
  readonly onSkipped?: (error: FieldzipError) => void;
}

/**
 * Writes an archive (a path, or an opened one) or a part of it to the file or folder `target`.
 * What is selected and no more is decoded; the output appears when it is complete.
 */
export async function decompress(
  archive: string | Dataset,
  target: string,
  options: DecompressOptions = {},
): Promise<{ files: string[]; bytes: number }> {
  const {
    variables = [],
    select = {},
    threads,
    to,
    force,
    signal,
    onProgress,
    onSkipped,
  } = options;
  const pool = options.pool ?? createThreadPool(threads);
  try {
    const dataset =
      archive instanceof Dataset
        ? archive
        : await openArchive(archive, {
            pool,
            signal,
            onDamaged: onSkipped ? "skip" : "throw",
            onSkipped,
          });
    try {
      const wanted = subset(dataset, variables, select);
      return await writeDataset(wanted, target, { to, force, signal, onProgress });
    } finally {
      if (dataset !== archive) await dataset.close();
    }
  } finally {
    if (!options.pool) await pool.close();
  }
}
