import type { Json } from "./array/dataset.js";
import type { Checkpoints } from "./checkpoints.js";
import type { WorkOptions } from "./progress.js";
import type { SuspectedFill } from "./ranges.js";
import type { WorkerPool } from "./threads/pool.js";

/** What the user is promised about every value. Defined in `spec/guarantees.md`. */
export type Guarantee =
  | { readonly kind: "exact" }
  | {
      readonly kind: "bounded";
      /** No value is off by more. Above 0. */
      readonly bound: number;
      /**
       * What the bound is measured in: the variable's own units, or its range, that is the difference of its
       * largest and its least finite value over the whole archive.
       */
      readonly boundKind: "absolute" | "range";
    }
  | { readonly kind: "best-effort"; readonly goal: Goal };

/** What best-effort aims at. Without any, a predictor works at its natural size. */
export type Goal = {
  /** dB, the mean over variables. */
  readonly psnr?: number;
  /** Original bytes to archive bytes, above 1. Every byte of the archive counts. */
  readonly ratio?: number;
};

/** Names of the predictors; `predictors/registry.ts` maps them to code. `neural` registers itself. */
export type PredictorName = "mechanism" | "mechanism-solve" | "raw" | "neural";

/**
 * What time a chunk may take: `fast` for streaming at memory-like speeds, `default`, `max` for the
 * smallest archive, at a few MB/s. Any of them decodes with the same decoder, at about the speed of encoding.
 */
export type Effort = "fast" | "default" | "max";

/** What a trained predictor alone understands, and checks: its network, seed, samples. */
export type Settings = Readonly<Record<string, Json>>;

export interface CompressOptions extends WorkOptions {
  /** Default `exact`: every bit comes back. */
  readonly guarantee?: Guarantee;
  /** Default `auto`: the smallest on the chunk itself. */
  readonly predictor?: PredictorName | "auto";
  /** Default `default`. Not for trained predictors. */
  readonly effort?: Effort;
  /**
   * Values per chunk, at most. Larger chunks compress a little better; smaller ones read a box with
   * less work. Default 2^20; for all variables of a joint array together 2^22; for trained predictors 2^25.
   */
  readonly chunkValues?: number;
  /**
   * Store variables that share grid and type in one array. Default `auto`: where a sample shows that it pays; with
   * a trained predictor always.
   */
  readonly joint?: "auto" | "always" | "never";
  /** Where chunks are encoded. Without one they are encoded inline, with the same bytes. */
  readonly pool?: WorkerPool;
  /** Of a trained predictor, completed by its defaults. */
  readonly settings?: Settings;
  /** Time by the clock that the whole may take with a trained predictor, in seconds. Default: none set. */
  readonly seconds?: number;
  /** Where a trained predictor keeps what it would not do twice; what is found there is gone on with. */
  readonly checkpoints?: Checkpoints;
  /** Told as soon as it is seen: what the user may want to change before the work goes on. */
  readonly onNotice?: (notice: Notice) => void;
}

/** A variable whose range is stretched by what looks like a fill value that nothing declares. */
export interface Notice extends SuspectedFill {
  readonly kind: "fill-value";
  readonly variable: string;
}
