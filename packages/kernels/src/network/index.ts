/** Kernels of coordinate networks: `@fieldzip/kernels/network`. */
export {
  type ArenaOptions,
  accessArena,
  createArena,
  hasRelaxedSimd,
  type TrainingArena,
} from "./arena.js";
export { createEvaluator, type Derivatives, type Evaluator } from "./evaluator.js";
export { type Coordinates, checkCoordinates, countOfCoordinates } from "./memory.js";
export {
  type Activation,
  checkShape,
  countOfArray,
  featuresOf,
  type GridLevel,
  isSameShape,
  type NetworkShape,
  type ParameterArray,
  parametersOf,
} from "./shape.js";
export {
  type AdamStep,
  openTrainingKernel,
  type Penalty,
  type QuantiserFormat,
  type TrainingKernel,
} from "./trainer.js";
