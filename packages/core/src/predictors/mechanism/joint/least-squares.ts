import type { Encoder } from "@fieldzip/kernels";

/**
 * Solves for the columns `chosen` of a matrix of inner products (both triangles, rows of `stride`) against
 * column `target`, by Cholesky over columns scaled to length 1, with a ridge of 1e-12. Undefined where a
 * column says nothing. `energy` is what is left of the target's own inner product.
 */
export function solveChosen(
  products: Float64Array,
  stride: number,
  chosen: readonly number[],
  target: number,
): { solution: Float64Array; energy: number } | undefined {
  const n = chosen.length;
  const factor = new Float64Array(n * n);
  const scales = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const diagonal = products[chosen[i] * stride + chosen[i]];
    if (!(diagonal > 0)) return undefined;
    scales[i] = 1 / Math.sqrt(diagonal);
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = products[chosen[i] * stride + chosen[j]] * scales[i] * scales[j];
      if (i === j) sum += 1e-12;
      for (let k = 0; k < j; k++) sum -= factor[i * n + k] * factor[j * n + k];
      if (i !== j) factor[i * n + j] = sum / factor[j * n + j];
      else if (sum > 0) factor[i * n + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  const solution = new Float64Array(n);
  let energy = products[target * stride + target];
  for (let i = 0; i < n; i++) {
    let sum = products[chosen[i] * stride + target] * scales[i];
    for (let k = 0; k < i; k++) sum -= factor[i * n + k] * solution[k];
    solution[i] = sum / factor[i * n + i];
    energy -= solution[i] * solution[i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = solution[i];
    for (let k = i + 1; k < n; k++) sum -= factor[k * n + i] * solution[k];
    solution[i] = sum / factor[i * n + i];
  }
  for (let i = 0; i < n; i++) solution[i] *= scales[i];
  return { solution, energy };
}

/** Inner products of columns (arrays of one length), both triangles. */
export function productsOf(columns: readonly Float64Array[]): Float64Array {
  const n = columns.length;
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [columns[i], columns[j]];
      let sum = 0;
      for (let r = 0; r < a.length; r++) sum += a[r] * b[r];
      products[i * n + j] = sum;
      products[j * n + i] = sum;
    }
  }
  return products;
}

/** The same of many columns, each row weighted, by the kernel. */
export function weightedProducts(
  columns: readonly Float64Array[],
  weights: Float64Array,
  kernels: Encoder,
): Float64Array {
  const n = columns.length;
  // The kernel wants an even number of columns.
  const stride = n + (n % 2);
  const rows = new Float64Array(weights.length * stride);
  columns.forEach((column, k) => {
    for (let r = 0, at = k; r < weights.length; r++, at += stride) rows[at] = column[r];
  });
  const sums = kernels.samples(rows, stride).normalEquations(weights);
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      products[i * n + j] = sums[i * stride + j];
      products[j * n + i] = sums[i * stride + j];
    }
  }
  return products;
}
