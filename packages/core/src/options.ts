import type { WorkOptions } from "./progress.js";
import type { WorkerPool } from "./threads/pool.js";

/** What the user is promised about every value. Defined in `spec/guarantees.md`. */
export type Guarantee = { readonly kind: "exact" };

/** Names of the registered predictors; `predictors/registry.ts` maps them to code. */
export type PredictorName = "mechanism" | "mechanism-solve" | "raw";

/**
 * What time a chunk may take: `fast` for streaming at memory-like speeds, `default`, `max` for the
 * smallest archive, at a few MB/s. Any of them decodes with the same decoder, at about the speed of encoding.
 */
export type Effort = "fast" | "default" | "max";

export interface CompressOptions extends WorkOptions {
  /** Default `exact`: every bit comes back. */
  readonly guarantee?: Guarantee;
  /** Default `auto`: the smallest on the chunk itself. */
  readonly predictor?: PredictorName | "auto";
  /** Default `default`. */
  readonly effort?: Effort;
  /**
   * Values per chunk, at most. Larger chunks compress a little better; smaller ones read a box with
   * less work. Default 2^20; for all variables of a joint array together 2^22.
   */
  readonly chunkValues?: number;
  /** Store variables that share grid and type in one array. Default `auto`: where a sample shows that it pays. */
  readonly joint?: "auto" | "always" | "never";
  /** Where chunks are encoded. Without one they are encoded inline, with the same bytes. */
  readonly pool?: WorkerPool;
}
