/**
 * Errors of samples as blocks of residuals will have them: samples come in runs along rows, and what a block of residuals costs is about
 * the logarithm of its mean (`blocks/kernel.ts`). So smooth and rough parts of a field weigh alike, where the mean of all errors
 * would be that of the rough ones.
 */
import { RUN } from "../samples/kernel";

/** The mean of the errors of a run, at least `least`. */
// @ts-ignore: decorator
@inline
function meanOf(errors: usize, from: i32, rows: i32, least: f64): f64 {
  const end = min(from + RUN, rows);
  let sum: f64 = 0;
  for (let r = from; r < end; r++) sum += load<f64>(errors + (<usize>r << 3));
  return max(sum / <f64>(end - from), least);
}

/**
 * Weights least^2 / (mean (error + mean)) in place of the first `rows` errors, with the mean of each one's run: with these a weighted
 * sum of squares falls as the sum of the logarithms of the means does.
 */
export function weightsOfRuns(errors: usize, rows: i32, least: f64): void {
  for (let from = 0; from < rows; from += RUN) {
    const mean = meanOf(errors, from, rows, least);
    const end = min(from + RUN, rows);
    for (let r = from; r < end; r++) {
      const at = errors + (<usize>r << 3);
      store<f64>(at, (least / mean) * (least / (load<f64>(at) + mean)));
    }
  }
}

/** The sum of the logarithms, base 2, of the means of the runs, a run for each of its samples: as `logarithmsOfErrors`. */
export function logarithmsOfRuns(errors: usize, rows: i32, least: f64): f64 {
  let sum: f64 = 0;
  for (let from = 0; from < rows; from += RUN) {
    const bits = reinterpret<u64>(meanOf(errors, from, rows, least));
    const m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000) - 1;
    sum += <f64>(min(from + RUN, rows) - from) * (<f64>(<i32>(bits >> 52) - 1023) + m * (1.34 - 0.34 * m));
  }
  return sum;
}
