/** Adam's settings and the learning rate over time. */

export interface OptimiserOptions {
  /** Largest learning rate. Default 8e-3 for `fourier`, 2e-2 for `grid`. */
  readonly learningRate: number;
  /** Of a grid's features, as a multiple. Default 2: a node sees few samples of a batch. */
  readonly gridRate: number;
  /** Of frequencies and phases, as a multiple. Default 1. */
  readonly frequencyRate: number;
  /** Steps in which the rate rises from 0. Default 200, at most a tenth of all. */
  readonly warmUp: number;
  /** Share of the rate that is left at the end of the cosine. Default 0.01. */
  readonly finalShare: number;
  /** Decay of the moments. Default 0.9 and 0.99. */
  readonly firstDecay: number;
  readonly secondDecay: number;
  /** Default 1e-8 for `fourier`, 1e-12 for `grid`, whose gradients are small. */
  readonly epsilon: number;
}

export function optimiserDefaults(kind: "fourier" | "grid"): OptimiserOptions {
  return {
    learningRate: kind === "grid" ? 2e-2 : 8e-3,
    gridRate: 2,
    frequencyRate: 1,
    warmUp: 200,
    finalShare: 0.01,
    firstDecay: 0.9,
    secondDecay: 0.99,
    epsilon: kind === "grid" ? 1e-12 : 1e-8,
  };
}

/** Learning rate of step `step` (from 0) of `steps`: a linear rise, then a cosine down. */
export function learningRateAt(step: number, steps: number, options: OptimiserOptions): number {
  const { learningRate, finalShare, warmUp } = options;
  const rise = Math.min(warmUp, Math.floor(steps / 10));
  const cosine = (1 + Math.cos((Math.PI * step) / Math.max(steps, 1))) / 2;
  const share = finalShare + (1 - finalShare) * cosine;
  return learningRate * share * Math.min(1, (step + 1) / (rise + 1));
}
