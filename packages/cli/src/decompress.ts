import {
  Dataset,
  FieldzipError,
  type Selection,
  subset,
  type WorkerPool,
  type WorkOptions,
} from "@fieldzip/core";
import { type OutputFormat, openArchive, writeDataset } from "@fieldzip/io";
import { type GridRequest, gridPlaces, resample } from "@fieldzip/neural";
import { isGridRequest } from "./grid-options.js";
import { fieldNames, type Methods, methodsOf, samplerOf } from "./sampling.js";
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
  /** Other places than the stored ones; not together with `select`. */
  readonly grid?: GridRequest;
  /** Worker threads; default one per core, 0 works inline. Not used where a `pool` is given. */
  readonly threads?: number;
  readonly pool?: WorkerPool;
  /**
   * Called for every damaged chunk, whose values are then the variable's `_FillValue` (else NaN, or 0
   * for integers). Without it the first damaged chunk ends the work. Only where `archive` is a path.
   */
  readonly onSkipped?: (error: FieldzipError) => void;
}

export interface Decompressed {
  readonly files: string[];
  readonly bytes: number;
  /** Names of variables that the format has no place for. */
  readonly leftOut?: readonly string[];
  /** How variables came about that were computed between stored values. */
  readonly methods?: Methods;
}

/**
 * Writes an archive (a path, or an opened one) or a part of it to the file or folder `target`.
 * What is selected and no more is decoded; the output appears when it is complete.
 */
export async function decompress(
  archive: string | Dataset,
  target: string,
  options: DecompressOptions = {},
): Promise<Decompressed> {
  const {
    variables = [],
    select = {},
    grid = {},
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
      const write = (what: Dataset) =>
        writeDataset(what, target, { to, force, signal, onProgress });
      if (!isGridRequest(grid)) return await write(wanted);
      if (Object.keys(select).length > 0) throw selectedTwice();
      const places = gridPlaces(wanted, grid);
      const sampler = samplerOf(dataset, { pool, shown: wanted });
      const methods = methodsOf(sampler, fieldNames(wanted), places);
      return { ...(await write(await resample(sampler, places, signal))), methods };
    } finally {
      if (dataset !== archive) await dataset.close();
    }
  } finally {
    if (!options.pool) await pool.close();
  }
}

function selectedTwice(): FieldzipError {
  return new FieldzipError("usage", {
    where: "--select",
    expected: "--box and --time beside --shape",
    found: "--select",
    remedy: "say the part with --box, and the step with --time",
  });
}
