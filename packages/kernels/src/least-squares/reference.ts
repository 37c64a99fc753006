/** Weighted normal equations in plain loops: the truth that `kernel.ts` is held to. Lower triangle, `columns` x `columns`. */
export function normalEquationsReference(
  samples: Float64Array,
  weights: Float64Array,
  columns: number,
): Float64Array {
  const sums = new Float64Array(columns * columns);
  weights.forEach((weight, r) => {
    for (let i = 0; i < columns; i++) {
      const factor = samples[r * columns + i] * weight;
      for (let j = 0; j <= i; j++) sums[i * columns + j] += factor * samples[r * columns + j];
    }
  });
  return sums;
}
