/** Whether the total of a variable (mass, energy, charge) is kept. */
export interface ConservedSum {
  /** Sums over values that are finite in both, in units of the variable. */
  readonly original: number;
  readonly decoded: number;
  /** |decoded - original| over the sum of |values|: meaningful for sums near 0, too. */
  readonly relativeError: number;
}

export interface ConservedSums {
  add(original: ArrayLike<number>, decoded: ArrayLike<number>): void;
  report(): ConservedSum;
}

/** Sums without loss of digits (Neumaier, 1974), gathered piece by piece. */
export function conservedSums(): ConservedSums {
  const [before, after, change, size] = [sum(), sum(), sum(), sum()];
  return {
    add(original, decoded) {
      if (original.length !== decoded.length) {
        throw new RangeError(`${original.length} values expected, ${decoded.length} found`);
      }
      for (let i = 0; i < original.length; i++) {
        const [a, b] = [original[i], decoded[i]];
        if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
        before.add(a);
        after.add(b);
        change.add(b - a);
        size.add(Math.abs(a));
      }
    },
    report() {
      const error = Math.abs(change.value());
      return {
        original: before.value(),
        decoded: after.value(),
        relativeError: error === 0 ? 0 : error / size.value(),
      };
    },
  };
}

/** The sums of one array. */
export function conservedSum(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
): ConservedSum {
  const sums = conservedSums();
  sums.add(original, decoded);
  return sums.report();
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
