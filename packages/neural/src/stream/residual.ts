/** What a prediction missed, as zigzag integers of the values' width. */
import type { FloatArray } from "@fieldzip/core";

/** Unsigned integers; of 64-bit ones the lower half of each stands first. */
export type Residuals = Uint32Array | BigUint64Array;

/** Differences of ordered integers (`spec/stream.md`, section 3.2): any value comes back from any finite prediction. */
export function exactResiduals(values: FloatArray, predicted: FloatArray): Residuals {
  return values instanceof Float32Array
    ? exactSingle(values, predicted as Float32Array)
    : exactDouble(values, predicted as Float64Array);
}

function exactSingle(values: Float32Array, predicted: Float32Array) {
  const view = (floats: Float32Array) =>
    new Int32Array(floats.buffer, floats.byteOffset, floats.length);
  const [of, from] = [view(values), view(predicted)];
  const residuals = new Uint32Array(values.length);
  for (let i = 0; i < residuals.length; i++) {
    const ordered = of[i] ^ ((of[i] >> 31) & 0x7fffffff);
    const difference = (ordered - (from[i] ^ ((from[i] >> 31) & 0x7fffffff))) | 0;
    residuals[i] = (difference << 1) ^ (difference >> 31);
  }
  return residuals;
}

/** Half by half: big integers would take seconds. */
function exactDouble(values: Float64Array, predicted: Float64Array) {
  const view = (floats: Float64Array) =>
    new Int32Array(floats.buffer, floats.byteOffset, 2 * floats.length);
  const [of, from] = [view(values), view(predicted)];
  const residuals = new BigUint64Array(values.length);
  const to = new Int32Array(residuals.buffer);
  for (let i = 0; i < residuals.length; i++) {
    const [low, high] = [2 * i, 2 * i + 1];
    const flipOf = of[high] >> 31;
    const flipFrom = from[high] >> 31;
    const lowOf = (of[low] ^ flipOf) >>> 0;
    const lowFrom = (from[low] ^ flipFrom) >>> 0;
    const highOf = of[high] ^ (flipOf & 0x7fffffff);
    const highFrom = from[high] ^ (flipFrom & 0x7fffffff);
    const lowest = (lowOf - lowFrom) | 0;
    const highest = (highOf - highFrom - (lowOf < lowFrom ? 1 : 0)) | 0;
    const sign = highest >> 31;
    to[low] = (lowest << 1) ^ sign;
    to[high] = ((highest << 1) | (lowest >>> 31)) ^ sign;
  }
  return residuals;
}

/** Largest number of steps that a residual may be: beyond it the value is an exception. */
const MOST_STEPS = { single: 2 ** 30, double: 2 ** 51 };

/** Whole numbers of steps of 2 * bound, and the values that come back from them. */
export interface BoundedCoder {
  readonly residuals: Residuals;
  /** Codes value i within `bound` of it; false where no number of steps leads there. */
  code(i: number, bound: number): boolean;
}

/** No value comes back as one of `fills`. */
export function boundedCoder(
  values: FloatArray,
  predicted: FloatArray,
  fills: readonly number[],
): BoundedCoder {
  const single = values instanceof Float32Array;
  const most = single ? MOST_STEPS.single : MOST_STEPS.double;
  const residuals = single ? new Uint32Array(values.length) : new BigUint64Array(values.length);
  const halves = new Uint32Array(residuals.buffer);
  return {
    residuals,
    code(i, bound) {
      const step = 2 * bound;
      const value = values[i];
      const steps = Math.round((value - predicted[i]) / step);
      if (!(Math.abs(steps) <= most)) return false;
      const exact = predicted[i] + steps * step;
      const restored = single ? Math.fround(exact) : exact;
      if (!(Math.abs(restored - value) <= bound) || fills.includes(restored)) return false;
      const zigzag = steps < 0 ? -2 * steps - 1 : 2 * steps;
      if (single) halves[i] = zigzag;
      else {
        halves[2 * i] = zigzag;
        halves[2 * i + 1] = zigzag / 2 ** 32;
      }
      return true;
    },
  };
}
