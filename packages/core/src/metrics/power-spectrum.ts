import { transformAxis } from "./fourier.js";

/** Power spectra of a field and of what was decoded, shell by shell. */
export interface SpectrumReport {
  /**
   * Power by wave number: entry k holds the modes whose wave number rounds to k, in cycles along the
   * longest axis (spacing equal along all axes); entry 0 the mean. Up to half the longest axis.
   */
  readonly original: Float64Array;
  readonly decoded: Float64Array;
  /** Sum of |decoded - original| over sum of original, without the mean: 0 for equal spectra. */
  readonly error: number;
  /** Largest k up to which every shell is within 5 %: how far down in scale the statistics hold. */
  readonly faithfulTo: number;
}

const FAITHFUL = 0.05;

/** Undefined where a value is not finite: a transform has no place for gaps. */
export function compareSpectra(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
  shape: readonly number[],
): SpectrumReport | undefined {
  const [a, b] = [powerSpectrum(original, shape), powerSpectrum(decoded, shape)];
  if (!a || !b) return undefined;
  let missed = 0;
  let power = 0;
  let faithfulTo = 0;
  for (let k = 1; k < a.length; k++) {
    const error = Math.abs(b[k] - a[k]);
    missed += error;
    power += a[k];
    if (faithfulTo === k - 1 && error <= FAITHFUL * a[k]) faithfulTo = k;
  }
  return { original: a, decoded: b, error: missed === 0 ? 0 : missed / power, faithfulTo };
}

/** Power by shell of wave numbers, |F|^2 / n^2; undefined where a value is not finite. */
export function powerSpectrum(
  values: ArrayLike<number>,
  shape: readonly number[],
): Float64Array | undefined {
  const re = Float64Array.from(values);
  if (!re.every(Number.isFinite)) return undefined;
  const im = new Float64Array(re.length);
  for (let axis = 0; axis < shape.length; axis++) transformAxis(re, im, shape, axis);
  const longest = Math.max(...shape);
  const shells = new Float64Array(Math.floor(longest / 2) + 1);
  const squares = shape.map((length) =>
    Float64Array.from({ length }, (_, i) => ((Math.min(i, length - i) / length) * longest) ** 2),
  );
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < re.length; i++) {
    let square = 0;
    for (let axis = 0; axis < shape.length; axis++) square += squares[axis][index[axis]];
    const k = Math.round(Math.sqrt(square));
    if (k < shells.length) shells[k] += (re[i] * re[i] + im[i] * im[i]) / re.length ** 2;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) {
      index[axis] = 0;
    }
  }
  return shells;
}
