/** Between values of a variable, in its units, and what a network is trained on. */

/** value = offset + scale * target */
export interface Scaling {
  readonly offset: number;
  readonly scale: number;
  /** max - min of the finite values; 0 where there is nothing to learn. */
  readonly range: number;
}

/** Mean and standard deviation of the finite values: targets get mean 0 and deviation 1. */
export function scalingOf(values: ArrayLike<number>): Scaling {
  let [count, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (count === 0) return { offset: 0, scale: 1, range: 0 };
  const mean = sum / count;
  if (min === max || !Number.isFinite(mean)) return { offset: min, scale: 1, range: 0 };
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) squares += (values[i] - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / count);
  const scale = deviation > 0 && Number.isFinite(deviation) ? deviation : (max - min) / 2;
  return { offset: mean, scale, range: max - min };
}

/**
 * Weights of variables in the loss, 1 on average. `range`: so that it is the mean of MSE / range^2 but for a
 * factor. `deviation`: of MSE / deviation^2.
 */
export function lossWeightsOf(
  scalings: readonly Scaling[],
  relativeTo: "range" | "deviation",
): number[] {
  if (relativeTo === "deviation") return scalings.map(() => 1);
  const weights = scalings.map(({ scale, range }) => (scale / range) ** 2);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => (weight * weights.length) / sum);
}
