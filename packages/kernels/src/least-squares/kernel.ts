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
