/** Groups that are chosen, at most, and what each must take of what is left. */
const MOST_GROUPS = 14;
const LEAST_TAKEN = 0.004;

/**
 * Chooses groups of columns for least squares, the most useful first: of normal equations (lower triangle, rows
 * of `columns`, the regressand last) with the columns `start` in any case. Greedy: the group that leaves least of
 * the regressand is next, as long as it takes enough.
 */
export function chooseGroups(
  equations: Float64Array,
  columns: number,
  start: readonly number[],
  groups: readonly (readonly number[])[],
): number[] {
  const n = columns;
  const target = n - 1;
  const left = new Float64Array(n * n);
  const scales = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const diagonal = equations[i * n + i];
    scales[i] = diagonal > 0 ? 1 / Math.sqrt(diagonal) : 0;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      left[i * n + j] = equations[i * n + j] * scales[i] * scales[j];
      left[j * n + i] = left[i * n + j];
    }
  }
  for (const column of start) eliminate(left, n, column);
  const chosen: number[] = [];
  while (chosen.length < MOST_GROUPS) {
    let best = -1;
    let most = LEAST_TAKEN * left[target * n + target];
    groups.forEach((group, k) => {
      if (chosen.includes(k)) return;
      const taken = takenBy(left, n, group, target);
      if (taken > most) [best, most] = [k, taken];
    });
    if (best < 0) break;
    chosen.push(best);
    for (const column of groups[best]) eliminate(left, n, column);
  }
  return chosen;
}

/** A column whose own part is smaller than this is all but a sum of others. */
const INDEPENDENT = 1e-7;

/** Takes out of all columns what this one explains. */
function eliminate(left: Float64Array, n: number, column: number): void {
  const pivot = left[column * n + column];
  if (!(pivot > INDEPENDENT)) return;
  const row = left.slice(column * n, column * n + n);
  for (let i = 0; i < n; i++) {
    const factor = row[i] / pivot;
    if (factor === 0) continue;
    for (let j = 0, at = i * n; j < n; j++, at++) left[at] -= factor * row[j];
  }
}

/** What a group would take of the regressand: its columns one after another, on a small copy. */
function takenBy(left: Float64Array, n: number, group: readonly number[], target: number): number {
  const places = [...group, target];
  const m = places.length;
  const part = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) part[i * m + j] = left[places[i] * n + places[j]];
  }
  const before = part[m * m - 1];
  for (let k = 0; k < m - 1; k++) eliminate(part, m, k);
  return before - part[m * m - 1];
}
