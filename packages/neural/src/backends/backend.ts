import type { Coordinates, NetworkShape, Penalty } from "@fieldzip/kernels/network";
import type { Quantiser } from "../quantise/quantiser.js";

/**
 * Where training runs. The trainer knows nothing but this: another backend (WebGPU) implements it and
 * is entered in `select.ts`. What a backend computes need not be the same to the bit as another's: a
 * model is evaluated for decoding by the kernels alone.
 */
export interface Backend {
  readonly name: string;
  /** Takes the samples in; they stay until `close`. */
  open(options: SessionOptions): Promise<TrainingSession>;
}

export interface SessionOptions {
  readonly shape: NetworkShape;
  readonly samples: SampleSet;
  /** Most samples of a step. */
  readonly batch: number;
  /** Weights of the outputs in the loss; see `TrainingStep`. */
  readonly lossWeights: readonly number[];
  readonly firstDecay: number;
  readonly secondDecay: number;
  readonly epsilon: number;
}

export interface SampleSet {
  readonly coordinates: Coordinates;
  readonly count: number;
  /** Writes the targets: `outputs` numbers a sample, at multiples of `stride`; not finite: not there. */
  writeTargets(to: Float32Array, stride: number): void;
}

/**
 * One step of Adam on the loss: the mean over samples and outputs of weight * (output - target)^2, where
 * targets that are not finite count as met.
 */
export interface TrainingStep {
  readonly indices: Uint32Array;
  readonly rates: LearningRates;
  /** By array in the order of `parametersOf`: what its parameters add to the loss. Default: nothing. */
  readonly penalties?: readonly Penalty[];
}

export interface LearningRates {
  readonly grids: number;
  /** Of B and p. */
  readonly frequencies: number;
  readonly layers: number;
}

export interface StepResult {
  /** Sums of squared errors over the samples, an output each, before the step. */
  readonly squaredErrors: Float64Array;
}

/** Everything that a step changes. Lists in the order of `parametersOf`. */
export interface NetworkState {
  /** Steps done. */
  readonly step: number;
  /** Those that learn; with a quantiser the network is evaluated with what it makes of them. */
  readonly parameters: Float32Array;
  /** Adam's first and second moments. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface TrainingSession {
  /** Parts that a batch is dealt to. The weights depend on it, and not on how many of them run at once. */
  readonly shares: number;
  /** What the arithmetic depends on besides: in the words of the backend. */
  readonly arithmetic: string;
  write(state: NetworkState): Promise<void>;
  read(): Promise<NetworkState>;
  /**
   * From now on the network is evaluated with quantised parameters; gradients count for those that learn
   * as if there were no rounding (straight through; Bengio et al., arXiv:1308.3432). To be called again
   * after `write`.
   */
  quantise(quantiser: Quantiser): Promise<void>;
  /** Parameters that the network is evaluated with. */
  effective(): Promise<Float32Array>;
  /** Steps one after another, all of as many samples. */
  train(steps: readonly TrainingStep[]): Promise<StepResult[]>;
  /** Outputs with the parameters of now, a preview: `outputs` numbers a point. */
  evaluate(coordinates: Coordinates): Promise<Float32Array>;
  close(): Promise<void>;
}
