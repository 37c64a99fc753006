/** How a network is to be stored, and when training begins to count with it. */
import type { NetworkShape } from "@fieldzip/kernels/network";
import type { StoredArray } from "./quantised-model.js";

export interface QuantiseOptions {
  /** `integer`: grids and weights; what is few (frequencies, phases, biases) as float16. Default `integer`. */
  readonly format: "float32" | "float16" | "integer";
  /**
   * Share of the steps after which the network is evaluated with quantised parameters. Default 0.3: at 93x on
   * the Kelvin-Helmholtz volume of `bench/neural` 0.5 dB above 0.6 and 0.4 above 0.8; 0.15 was as good.
   */
  readonly from: number;
  /**
   * Largest magnitude of a grid's integers, or of the weights' where there are no grids. Default 127: 8 bits. The few
   * weights beside grids may have 16: they take 1 or 2 % of the bytes.
   */
  readonly limit: number;
}

export const quantiseDefaults: QuantiseOptions = { format: "integer", from: 0.3, limit: 127 };

/** Lets its owner steer the size while the quantised network learns. */
export interface SizeControl {
  /** Steps between two calls, counted from the first quantised step. */
  readonly every: number;
  /** Bytes that parameters will take, when a share of all steps is done. Default: `estimateModelBytes`. */
  readonly estimate?: (
    arrays: readonly StoredArray[],
    shape: NetworkShape,
    share: number,
  ) => number;
  /**
   * A factor for the steps of all integers: above 1 for fewer bytes. It must follow from the report alone
   * for a resumed run to end with the same weights.
   */
  adjust(report: SizeReport): number;
}

export interface SizeReport {
  /** Training steps done, and all. */
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
  /** Parameters that are integers. */
  readonly integers: number;
  /** Mean over variables in dB, of the samples since the last report; NaN at the first. */
  readonly psnr: number;
}
