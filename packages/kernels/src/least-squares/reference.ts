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

/** |regressand - prediction| of every sample, even and odd columns summed apart. */
export function sampleErrorsReference(
  samples: Float64Array,
  solution: Float64Array,
  columns: number,
): Float64Array {
  return Float64Array.from({ length: samples.length / columns }, (_, r) => {
    let [even, odd] = [0, 0];
    for (let j = 0; j < columns; j += 2) {
      even += solution[j] * samples[r * columns + j];
      odd += solution[j + 1] * samples[r * columns + j + 1];
    }
    return Math.abs(samples[(r + 1) * columns - 1] - (even + odd));
  });
}
