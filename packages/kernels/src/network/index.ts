/** Kernels of coordinate networks: `@fieldzip/kernels/network`. */
export { createEvaluator, type Derivatives, type Evaluator } from "./evaluator.js";
export { type Coordinates, checkCoordinates, countOfCoordinates } from "./memory.js";
export {
  type Activation,
  checkShape,
  countOfArray,
  featuresOf,
  type GridLevel,
  type NetworkShape,
  type ParameterArray,
  parametersOf,
} from "./shape.js";
export {
  type AdamStep,
  type ArenaOptions,
  accessArena,
  createArena,
  hasRelaxedSimd,
  openTrainingKernel,
  type QuantiserFormat,
  type TrainingArena,
  type TrainingKernel,
} from "./trainer.js";
