/** What a trained predictor gets to see of an array. */
import { type Box, extractBox, relativeTo } from "./array/box.js";
import { chunkBox } from "./array/chunk-grid.js";
import type { FloatArray, FloatType } from "./array/data-type.js";
import type { TrainedCodec } from "./check-options.js";
import type { PlannedArray } from "./plan.js";
import { readShard } from "./shard.js";

/** A planned array whose chunks are trained. */
export type TrainedArray = PlannedArray & { readonly trained: TrainedCodec };

export function isTrained(array: PlannedArray): array is TrainedArray {
  return array.trained !== undefined;
}

export interface ReadChunk {
  readonly box: Box;
  /** Values of the box, and with ghost cells around it. */
  readonly own: FloatArray;
  readonly values: FloatArray;
  /** Ghost cells before and behind, along every axis. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The chunk at a place of the grid, and the cells of its neighbours around it. */
export async function readTrainedChunk(
  array: TrainedArray,
  place: readonly number[],
  signal?: AbortSignal,
): Promise<ReadChunk> {
  const { plan, trained } = array;
  const box = chunkBox(plan.shape, plan.chunk, place);
  // None along axes of one cell, nor along the variables'.
  const most = box.shape.map((extent, axis) =>
    extent > 1 && axis !== plan.joint?.axis ? trained.ghosts : 0,
  );
  const low = box.start.map((start, axis) => Math.min(most[axis], start));
  const high = box.start.map((start, axis) =>
    Math.min(most[axis], plan.shape[axis] - start - box.shape[axis]),
  );
  const wide: Box = {
    start: box.start.map((start, axis) => start - low[axis]),
    shape: box.shape.map((extent, axis) => low[axis] + extent + high[axis]),
  };
  const values = (await readShard(array, wide, signal)) as FloatArray;
  const type = plan.dataType as FloatType;
  const own = extractBox(type, values, wide.shape, relativeTo(box, wide.start)) as FloatArray;
  return { box, own, values, low, high };
}
