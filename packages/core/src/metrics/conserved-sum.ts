/** Whether the total of a variable (mass, energy, charge) is kept. */
export interface ConservedSum {
  /** Sums over values that are finite in both, in units of the variable. */
  readonly original: number;
  readonly decoded: number;
  /** |decoded - original| over the sum of |values|: meaningful for sums near 0, too. */
  readonly relativeError: number;
}

/** Sums without loss of digits (Neumaier, 1974). */
export function conservedSum(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
): ConservedSum {
  if (original.length !== decoded.length) {
    throw new RangeError(`${original.length} values expected, ${decoded.length} found`);
  }
  const [before, after, change, size] = [sum(), sum(), sum(), sum()];
  for (let i = 0; i < original.length; i++) {
    if (!Number.isFinite(original[i]) || !Number.isFinite(decoded[i])) continue;
    before.add(original[i]);
    after.add(decoded[i]);
    change.add(decoded[i] - original[i]);
    size.add(Math.abs(original[i]));
  }
  const error = Math.abs(change.value());
  return {
    original: before.value(),
    decoded: after.value(),
    relativeError: error === 0 ? 0 : error / size.value(),
  };
}

function sum() {
  let total = 0;
  let missed = 0;
  return {
    add(x: number) {
      const next = total + x;
      missed += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
      total = next;
    },
    value: () => total + missed,
  };
}
