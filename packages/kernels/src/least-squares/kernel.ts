/**
 * Weighted normal equations: for `rows` samples of `columns` f64 each (the last column is the
 * regressand), sums[i][j] = sum over samples of weight * x_i * x_j for j <= i. `columns` is even;
 * rows of `sums` are `columns` long; above the diagonal at most one place a row is written too.
 */
export function normalEquations(samples: usize, weights: usize, rows: i32, columns: i32, sums: usize): void {
  const stride = <usize>columns << 3;
  memory.fill(sums, 0, stride * <usize>columns);
  for (let r = 0; r < rows; r++) {
    const x = samples + <usize>r * stride;
    const weight = load<f64>(weights + (<usize>r << 3));
    for (let i: usize = 0; i < <usize>columns; i++) {
      const factor = f64x2.splat(load<f64>(x + (i << 3)) * weight);
      const to = sums + i * stride;
      for (let j: usize = 0; j <= i << 3; j += 16) {
        v128.store(to + j, f64x2.add(v128.load(to + j), f64x2.mul(factor, v128.load(x + j))));
      }
    }
  }
}

/**
 * errors[r] = |regressand - sum over columns of solution * x| of sample r. `solution` has `columns`
 * entries, 0 for the regressand; the sum is kept in two halves, even and odd columns.
 */
export function sampleErrors(samples: usize, solution: usize, rows: i32, columns: i32, errors: usize): void {
  const stride = <usize>columns << 3;
  for (let r = 0; r < rows; r++) {
    const x = samples + <usize>r * stride;
    let sum = f64x2.splat(0);
    for (let j: usize = 0; j < stride; j += 16) {
      sum = f64x2.add(sum, f64x2.mul(v128.load(solution + j), v128.load(x + j)));
    }
    const predicted = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
    store<f64>(errors + (<usize>r << 3), abs<f64>(load<f64>(x + stride - 8) - predicted));
  }
}
