/** Errors of single values, gathered piece by piece: MSE, RMSE, largest error, PSNR. */

export interface DifferenceReport {
  /** Values that are finite in the original: the ones that count. */
  readonly count: number;
  /** Of those, how many are not finite any more. They do not count in what stands below. */
  readonly lost: number;
  /** Least and largest of the finite originals; NaN without any. */
  readonly min: number;
  readonly max: number;
  /** Mean of squared differences, in squared units of the variable. */
  readonly mse: number;
  /** Its root, in units of the variable. */
  readonly rmse: number;
  /** Largest |decoded - original|. */
  readonly maxError: number;
  /** 20 log10((max - min) / RMSE) in dB: infinite where nothing differs. */
  readonly psnr: number;
}

export interface DifferenceSums {
  add(original: ArrayLike<number>, decoded: ArrayLike<number>): void;
  report(): DifferenceReport;
}

export function differenceSums(): DifferenceSums {
  let count = 0;
  let lost = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let squares = 0;
  let maxError = 0;
  return {
    add(original, decoded) {
      if (original.length !== decoded.length) {
        throw new RangeError(`${original.length} values expected, ${decoded.length} found`);
      }
      // Sums of a piece stay apart, so that many small terms do not vanish in one large sum.
      let piece = 0;
      for (let i = 0; i < original.length; i++) {
        const value = original[i];
        if (!Number.isFinite(value)) continue;
        count++;
        if (value < min) min = value;
        if (value > max) max = value;
        const error = Math.abs(decoded[i] - value);
        if (!Number.isFinite(error)) {
          lost++;
          continue;
        }
        piece += error * error;
        if (error > maxError) maxError = error;
      }
      squares += piece;
    },
    report: () => reportOf({ count, lost, squares, maxError, min, max }),
  };
}

/** 20 log10(range / rmse); infinite for an rmse of 0, whatever the range. */
export function psnrOf(range: number, rmse: number): number {
  return rmse === 0 ? Number.POSITIVE_INFINITY : 20 * Math.log10(range / rmse);
}

/** The report of one array. */
export function difference(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
): DifferenceReport {
  const sums = differenceSums();
  sums.add(original, decoded);
  return sums.report();
}

/** The report of all values of several reports. */
export function mergeDifferences(reports: readonly DifferenceReport[]): DifferenceReport {
  let [count, lost, squares, maxError] = [0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const report of reports) {
    if (report.count === 0) continue;
    count += report.count;
    lost += report.lost;
    if (report.count > report.lost) squares += report.mse * (report.count - report.lost);
    maxError = Math.max(maxError, report.maxError);
    min = Math.min(min, report.min);
    max = Math.max(max, report.max);
  }
  return reportOf({ count, lost, squares, maxError, min, max });
}

function reportOf(sums: {
  readonly count: number;
  readonly lost: number;
  readonly squares: number;
  readonly maxError: number;
  readonly min: number;
  readonly max: number;
}): DifferenceReport {
  const { count, lost, squares, maxError, min, max } = sums;
  const mse = squares / (count - lost);
  const rmse = Math.sqrt(mse);
  return {
    ...{ count, lost, mse, rmse, maxError },
    min: count > 0 ? min : Number.NaN,
    max: count > 0 ? max : Number.NaN,
    psnr: psnrOf(max - min, rmse),
  };
}
