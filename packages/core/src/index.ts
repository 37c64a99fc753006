export * from "./archive.js";
export * from "./array/axes.js";
export * from "./array/box.js";
export * from "./array/chunk-grid.js";
export * from "./array/data-type.js";
export * from "./array/dataset.js";
export { type DeclaredFillValues, declareFillValues } from "./array/declare-fill-values.js";
export * from "./array/memory-variable.js";
export * from "./array/selection.js";
export { slabsTogether } from "./array/slabs-together.js";
export * from "./array/subset.js";
export { type CheckedOptions, checkOptions, type TrainedCodec } from "./check-options.js";
export type { Checkpoints, TrainingCheckpoint } from "./checkpoints.js";
export {
  type CompressReport,
  compress,
  type JointReport,
  type VariableReport,
} from "./compress.js";
export { type CompressChunkOptions, compressChunk } from "./compress-chunk.js";
export {
  type DecompressChunkOptions,
  decompressBox,
  decompressChunk,
  describeStream,
  type StreamDescription,
} from "./decompress.js";
export * from "./errors.js";
export { type ChunkExplanation, explainChunk } from "./explain.js";
export { LeastRecentlyUsed } from "./least-recently-used.js";
export * from "./metrics/index.js";
export * from "./options.js";
export { firstChunk, planTrained } from "./plan-trained.js";
export { lawText } from "./predictors/law-text.js";
export type { PredictorDescription, VariableDescription } from "./predictors/predictor.js";
export { type Predictor, predictors, registerPredictor } from "./predictors/registry.js";
export type {
  TrainedChunk,
  TrainedPredictor,
  TrainingJob,
} from "./predictors/trained.js";
export * from "./progress.js";
export { boundOf } from "./quantise/bounds.js";
export { fillValuesOf, rangesOf, type SuspectedFill, withoutFillValues } from "./ranges.js";
export * from "./stream/crc32c.js";
export { limits } from "./stream/limits.js";
export { inlinePool, type RunOptions, type WorkerPool } from "./threads/pool.js";
export { registerTask, runTask } from "./threads/tasks.js";
export type { TrainedArray } from "./trained-chunk.js";
