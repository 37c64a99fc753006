import type { Box } from "../array/box.js";
import type { FloatArray } from "../array/data-type.js";
import type { TrainingCheckpoint } from "../checkpoints.js";
import type { Guarantee, PredictorName, Settings } from "../options.js";
import type { TrainingFigures } from "../progress.js";
import type { StreamHeader } from "../stream/header.js";
import type { WorkerPool } from "../threads/pool.js";
import type { PredictorDescription } from "./predictor.js";

/**
 * A predictor that learns from a chunk for seconds to hours, on all threads together. It is called in the main thread,
 * one chunk after another; its streams are decoded like all others.
 */
export interface TrainedPredictor {
  readonly kind: "trained";
  readonly name: PredictorName;
  /** Its number in the stream header, for ever. */
  readonly number: number;
  readonly guarantees: readonly Guarantee["kind"][];
  /** Values of a chunk by default, all variables together. */
  readonly chunkValues: number;
  /** Axes longer than 1 that a chunk may have at most, the variables' not counted. */
  readonly mostAxes: number;
  /** Completes settings by the defaults. Throws `usage` for what it does not know or cannot do. */
  completeSettings(given: Settings): Settings;
  /** Cells that it reads beyond each side of a chunk, from the neighbouring one. */
  ghostsOf(settings: Settings): number;
  /** The chunk's stream, or undefined where it has nothing to offer for such values. */
  encode(chunk: TrainedChunk, job: TrainingJob): Promise<Uint8Array | undefined>;
  describe(stream: Uint8Array, header: StreamHeader): PredictorDescription;
  /**
   * Values of a box of a chunk, bit for bit those of the whole, without the others; undefined where they cannot
   * be had alone.
   */
  decodeBox?(
    stream: Uint8Array,
    header: StreamHeader,
    box: Box,
    job: { readonly where: string; readonly pool: WorkerPool; readonly signal?: AbortSignal },
  ): Promise<FloatArray | undefined>;
}

export interface TrainedChunk {
  /** The chunk and its ghost cells, C order. */
  readonly values: FloatArray;
  /** Of the chunk, without ghost cells. */
  readonly shape: readonly number[];
  /** Ghost cells before and behind, along every axis. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** The axis along which the variables stand, where the chunk holds several. */
  readonly variableAxis?: number;
  /** The axis of the steps, where there is one. */
  readonly stepAxis?: number;
  /** By variable: max - min of its finite values in the whole array but for fill values; 0 without any. */
  readonly ranges: readonly number[];
  /** What stands for missing values, beside NaN. */
  readonly fillValues: readonly number[];
  /** The stream of the chunk before it along the step axis, where there is one of the same shape. */
  readonly previous?: Uint8Array;
}

/** What is asked for a chunk. */
export interface TrainingJob {
  readonly guarantee: Guarantee;
  /** Completed. */
  readonly settings: Settings;
  /** Seconds by the clock for this chunk. */
  readonly seconds?: number;
  /** Bytes that this chunk's stream may have: what the goal's ratio leaves for it. */
  readonly bytes?: number;
  readonly pool?: WorkerPool;
  readonly signal?: AbortSignal;
  readonly onProgress: (figures: TrainingFigures, share: number) => void;
  readonly checkpoint?: TrainingCheckpoint;
}
