export type {
  Backend,
  LearningRates,
  NetworkState,
  SampleSet,
  SessionOptions,
  StepResult,
  TrainingSession,
  TrainingStep,
} from "./backends/backend.js";
export { type BackendName, selectBackend } from "./backends/select.js";
export { type WasmOptions, wasmBackend } from "./backends/wasm.js";
export { registerNetworkTasks } from "./backends/wasm-tasks.js";
export type { TrainingField } from "./field.js";
export type { Rollback } from "./guard.js";
export { type InitialiseOptions, initialParameters } from "./initialise.js";
export { evaluateModel, type Model, outputsOf } from "./model.js";
export {
  type FourierNetwork,
  fourierDefaults,
  fourierParameters,
  fourierShape,
} from "./network/fourier.js";
export { type GridNetwork, gridDefaults, gridShape } from "./network/grid.js";
export {
  completeNetwork,
  countParameters,
  type Network,
  type NetworkRequest,
  shapeOfNetwork,
} from "./network/network.js";
export { learningRateAt, type OptimiserOptions, optimiserDefaults } from "./optimiser.js";
export type { Exploration, ExploredRun, ExploreOptions } from "./plan/explore.js";
export type { NetworkPlan } from "./plan/network-plan.js";
export {
  type ArrayPlanReport,
  type DatasetPlan,
  exploreNetworks,
  planNetworks,
} from "./plan/plan.js";
export type { Recommendation } from "./plan/recommend.js";
export { neural, registerNeuralPredictor } from "./predictor/neural.js";
export { parseSampling, samplingForms } from "./predictor/sampling-text.js";
export {
  completeNeuralSettings,
  defaultEpochs,
  type NeuralSettings,
  neuralDefaults,
  type Weights,
} from "./predictor/settings.js";
export { estimateModelBytes } from "./quantise/coded-arrays.js";
export {
  type QuantiseOptions,
  quantiseDefaults,
  type SizeControl,
  type SizeReport,
} from "./quantise/options.js";
export {
  checkStoredModel,
  parametersOfArray,
  parametersOfStored,
  type StoredArray,
  type StoredAxis,
  type StoredModel,
  storedAxisCoordinates,
} from "./quantise/quantised-model.js";
export type { ArrayQuantiser, Quantiser } from "./quantise/quantiser.js";
export { axisCoordinates, type Sample, type Sampling, sampleField } from "./sampling.js";
export { lossWeightsOf, type Scaling, scalingOf } from "./scaling.js";
export type { TrainingSettings } from "./settings.js";
export { type ChunkLayout, layoutOfChunk } from "./stream/chunk.js";
export { describeNeuralStream } from "./stream/describe.js";
export {
  codeParameters,
  encodeNeuralStream,
  type NeuralChunk,
  type NeuralStream,
} from "./stream/encode.js";
export type { StreamGuarantee } from "./stream/misses.js";
export { decodedOf } from "./stream/prediction.js";
export { type NeuralModel, readNeuralStream } from "./stream/read.js";
export type { StoredVariable } from "./stream/side-information.js";
export { findSpecialValues, type SpecialValues } from "./stream/special-values.js";
export {
  type TrainingProgress,
  type TrainingResult,
  type TrainingSnapshot,
  type TrainOptions,
  train,
} from "./trainer.js";
export { registerSampleTask } from "./use/chunk-network.js";
export { type DeriveOptions, type DeriveRequest, derive } from "./use/derive.js";
export {
  type AxisPlaces,
  type GridPlaces,
  type GridRequest,
  gridPlaces,
} from "./use/grid-places.js";
export type { Sampled } from "./use/interpolate.js";
export type { Places } from "./use/places.js";
export { resample } from "./use/resample.js";
export { type PointRequest, type PointValues, samplePoints } from "./use/sample-points.js";
export {
  type ArchiveArray,
  type ArchiveChunks,
  createSampler,
  type Method,
  type SampleOptions,
  type Sampler,
  type SamplerOptions,
} from "./use/sampler.js";
export { type StatisticsOptions, statistics, type VariableStatistics } from "./use/statistics.js";
