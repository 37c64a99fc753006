/** Weighted normal equations of samples, and the errors of a solution. */

/**
 * For `rows` samples of `columns` f64 each (the last column is the regressand), sums[i][j] = sum over
 * samples of weight * x_i * x_j for j <= i, in the order of the samples. `columns` is even; rows of `sums`
 * are `columns` long; above the diagonal at most two places a row are written too.
 */
export function normalEquations(samples: usize, weights: usize, rows: i32, columns: i32, sums: usize): void {
  const stride = <usize>columns << 3;
  memory.fill(sums, 0, stride * <usize>columns);
  let r = 0;
  // Four samples and two rows of sums at once: what is loaded serves eight products.
  for (; r + 4 <= rows; r += 4) {
    const x0 = samples + <usize>r * stride, x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
    const w = weights + (<usize>r << 3);
    const w0 = load<f64>(w), w1 = load<f64>(w, 8), w2 = load<f64>(w, 16), w3 = load<f64>(w, 24);
    for (let i: usize = 0; i < stride; i += 16) {
      const a0 = f64x2.splat(load<f64>(x0 + i) * w0), a1 = f64x2.splat(load<f64>(x1 + i) * w1);
      const a2 = f64x2.splat(load<f64>(x2 + i) * w2), a3 = f64x2.splat(load<f64>(x3 + i) * w3);
      const b0 = f64x2.splat(load<f64>(x0 + i, 8) * w0), b1 = f64x2.splat(load<f64>(x1 + i, 8) * w1);
      const b2 = f64x2.splat(load<f64>(x2 + i, 8) * w2), b3 = f64x2.splat(load<f64>(x3 + i, 8) * w3);
      const upper = sums + (i >> 3) * stride, lower = upper + stride;
      for (let j: usize = 0; j <= i; j += 16) {
        const y0 = v128.load(x0 + j), y1 = v128.load(x1 + j), y2 = v128.load(x2 + j), y3 = v128.load(x3 + j);
        let a = f64x2.add(v128.load(upper + j), f64x2.mul(a0, y0));
        let b = f64x2.add(v128.load(lower + j), f64x2.mul(b0, y0));
        a = f64x2.add(a, f64x2.mul(a1, y1));
        b = f64x2.add(b, f64x2.mul(b1, y1));
        a = f64x2.add(a, f64x2.mul(a2, y2));
        b = f64x2.add(b, f64x2.mul(b2, y2));
        v128.store(upper + j, f64x2.add(a, f64x2.mul(a3, y3)));
        v128.store(lower + j, f64x2.add(b, f64x2.mul(b3, y3)));
      }
    }
  }
  for (; r < rows; r++) {
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
