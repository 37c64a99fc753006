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
export { type InitialiseOptions, initialParameters } from "./initialise.js";
export { evaluateModel, type Model } from "./model.js";
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
export {
  checkStoredModel,
  parametersOfArray,
  parametersOfStored,
  type StoredArray,
  type StoredAxis,
  type StoredModel,
  storedAxisCoordinates,
} from "./quantise/quantised-model.js";
export { axisCoordinates, type Sample, type Sampling, sampleField } from "./sampling.js";
export { rangeWeights, type Scaling, scalingOf } from "./scaling.js";
export {
  type TrainingProgress,
  type TrainingSettings,
  type TrainingSnapshot,
  type TrainOptions,
  train,
} from "./trainer.js";
