/** From sums of squared errors to loss and PSNR. */
import { psnrOf } from "@fieldzip/core";
import type { StepResult } from "./backends/backend.js";
import { outputsOf } from "./model.js";
import type { TrainingSettings } from "./settings.js";

/** Errors of some steps, added up. */
export interface ErrorSums {
  readonly steps: number;
  /** By output of the network. */
  readonly squares: readonly number[];
}

export interface Quality {
  readonly loss: number;
  /** Mean over the variables that vary, in dB. */
  readonly psnr: number;
  /** By variable; NaN for constant ones. */
  readonly psnrs: readonly number[];
}

export function addErrors(sums: ErrorSums | undefined, results: readonly StepResult[]): ErrorSums {
  const squares = [...(sums?.squares ?? [])];
  for (const { squaredErrors } of results) {
    squaredErrors.forEach((square, output) => {
      squares[output] = (squares[output] ?? 0) + square;
    });
  }
  return { steps: (sums?.steps ?? 0) + results.length, squares };
}

/** `finite`: by output, the share of samples whose value is there. */
export function qualityOf(
  { steps, squares }: ErrorSums,
  { batch, scalings, lossWeights }: TrainingSettings,
  finite: readonly number[],
): Quality {
  const samples = steps * batch;
  const psnrs = scalings.map(() => Number.NaN);
  outputsOf(scalings).forEach((v, output) => {
    const { scale, range } = scalings[v];
    if (finite[output] > 0) {
      psnrs[v] = psnrOf(range, scale * Math.sqrt(squares[output] / (samples * finite[output])));
    }
  });
  const known = psnrs.filter((psnr) => !Number.isNaN(psnr));
  const weighted = squares.reduce((sum, square, output) => sum + square * lossWeights[output], 0);
  return {
    loss: weighted / (samples * squares.length),
    psnr: known.reduce((a, b) => a + b, 0) / known.length,
    psnrs,
  };
}
