/** What a goal is reached with. */
import type { Guarantee } from "@fieldzip/core";
import type { NeuralSettings } from "../predictor/settings.js";
import type { Trainings } from "../predictor/trainings.js";
import type { SizeControl } from "../quantise/options.js";
import type { StoredModel } from "../quantise/quantised-model.js";

export interface GoalWork {
  readonly guarantee: Guarantee;
  readonly settings: NeuralSettings;
  readonly trainings: Trainings;
  /** Variables that vary. */
  readonly outputs: number;
  /** Seconds by the clock that are left, where they are limited. */
  readonly secondsLeft?: () => number;
  /** Bytes that the stream may have, where the goal is a ratio. */
  readonly bytes?: number;
  /** The network of the step before. */
  readonly previous?: StoredModel;
  /** dB, the mean over variables, of what the decoder will give back. */
  psnrOf(model: StoredModel): number;
  /** dB to add to a PSNR of samples, which is relative to the chunk's own ranges. */
  readonly psnrOffset: number;
  /** Bytes of the whole stream of a network's arrays: to a few percent until a training nears its end. */
  readonly streamBytes: NonNullable<SizeControl["estimate"]>;
}
