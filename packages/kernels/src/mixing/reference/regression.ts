/** Least squares from sums of products, in plain loops: `mixing/kernel/regression.ts`. */

/** Sums of products of regressors and the regressand (the last): rows of a lower triangle. */
export type Sums = Float64Array[];

export function emptySums(regressors: number): Sums {
  return Array.from({ length: regressors + 1 }, (_, row) => new Float64Array(row + 1));
}

export function accumulate(sums: Sums, x: readonly number[], y: number): void {
  const all = [...x, y];
  sums.forEach((row, a) => {
    for (let b = 0; b <= a; b++) row[b] += all[a] * all[b];
  });
}

/** to = to keep + from. */
export function decayAdd(to: Sums, from: Sums, keep: number): void {
  to.forEach((row, a) => {
    for (let b = 0; b <= a; b++) row[b] = row[b] * keep + from[a][b];
  });
}

/** to = to + weight from. */
export function addWeighted(to: Sums, from: Sums, weight: number): void {
  to.forEach((row, a) => {
    for (let b = 0; b <= a; b++) row[b] += weight * from[a][b];
  });
}

export function copySums(sums: Sums): Sums {
  return sums.map((row) => row.slice());
}

export function clearSums(sums: Sums): void {
  for (const row of sums) row.fill(0);
}

/** Sum of products of `count` elements: even places, then odd places. */
export function product(a: ArrayLike<number>, b: ArrayLike<number>, count: number): number {
  let even = 0;
  let odd = 0;
  for (let k = 0; k < count; k += 2) even += a[k] * b[k];
  for (let k = 1; k < count; k += 2) odd += a[k] * b[k];
  return even + odd;
}

/** Weights of the first `used` regressors; they stay where a pivot is not positive or not below 1e300. */
export function solve(sums: Sums, used: number, ridge: number, weights: Float64Array): void {
  let trace = 0;
  for (let i = 0; i < used; i++) trace += sums[i][i];
  const added = (ridge * trace) / used + 1e-300;
  const factor = Array.from({ length: used + 1 }, () => new Float64Array(used));
  for (let i = 0; i <= used; i++) {
    const source = sums[i === used ? sums.length - 1 : i];
    for (let j = 0; j <= Math.min(i, used - 1); j++) {
      const sum = product(factor[i], factor[j], j);
      if (i === j) {
        const square = source[j] + added - sum;
        if (!(square > 0) || !(square < 1e300)) return;
        factor[j][j] = 1 / Math.sqrt(square);
      } else {
        factor[i][j] = (source[j] - sum) * factor[j][j];
      }
    }
  }
  const y = factor[used];
  for (let i = used - 1; i >= 0; i--) {
    weights[i] = y[i] * factor[i][i];
    for (let q = 0; q < i; q++) y[q] -= factor[i][q] * weights[i];
  }
}
