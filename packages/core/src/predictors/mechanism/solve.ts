/**
 * Solves the normal equations in the lower triangle of `sums` (rows of `columns`) for the first
 * `unknowns` columns against the last, by Cholesky with a little ridge (1e-9 of the mean diagonal),
 * which also serves idle columns. Undefined where the system has no information.
 */
export function solvePositive(
  sums: Float64Array,
  columns: number,
  unknowns: number,
): Float64Array | undefined {
  const factor = new Float64Array(unknowns * unknowns);
  let trace = 0;
  for (let i = 0; i < unknowns; i++) trace += sums[i * columns + i];
  if (!(trace > 0) || trace - trace !== 0) return undefined;
  const ridge = (1e-9 * trace) / unknowns;
  for (let i = 0; i < unknowns; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = sums[i * columns + j] + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) sum -= factor[i * unknowns + k] * factor[j * unknowns + k];
      if (i !== j) factor[i * unknowns + j] = sum / factor[j * unknowns + j];
      else if (sum > 0) factor[i * unknowns + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  const solution = new Float64Array(unknowns);
  const last = (columns - 1) * columns;
  for (let i = 0; i < unknowns; i++) {
    let sum = sums[last + i];
    for (let k = 0; k < i; k++) sum -= factor[i * unknowns + k] * solution[k];
    solution[i] = sum / factor[i * unknowns + i];
  }
  for (let i = unknowns - 1; i >= 0; i--) {
    let sum = solution[i];
    for (let k = i + 1; k < unknowns; k++) sum -= factor[k * unknowns + i] * solution[k];
    solution[i] = sum / factor[i * unknowns + i];
  }
  return solution.every((weight) => weight - weight === 0) ? solution : undefined;
}
