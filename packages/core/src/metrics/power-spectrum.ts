import { countOf, stridesOf } from "../array/box.js";
import { transformAxis } from "./fourier.js";

/** Power by wave number of a field, of what was decoded, and of their difference. */
export interface PowerSpectra {
  /**
   * Entry k holds the modes whose wave number rounds to k, in cycles along the longest axis (spacing
   * equal along all axes); entry 0 the mean. Up to half the longest axis. |F|^2 / n^2, squared units.
   */
  readonly original: Float64Array;
  readonly decoded: Float64Array;
  /** Of decoded - original. */
  readonly difference: Float64Array;
}

export interface SpectrumReport extends PowerSpectra {
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
  const spectra = powerSpectra(original, decoded, shape);
  return spectra && spectrumReport(spectra);
}

/** How far apart two spectra are. */
export function spectrumReport(spectra: PowerSpectra): SpectrumReport {
  const { original: a, decoded: b } = spectra;
  let missed = 0;
  let power = 0;
  let faithfulTo = 0;
  for (let k = 1; k < a.length; k++) {
    const error = Math.abs(b[k] - a[k]);
    missed += error;
    power += a[k];
    if (faithfulTo === k - 1 && error <= FAITHFUL * a[k]) faithfulTo = k;
  }
  return { ...spectra, error: missed === 0 ? 0 : missed / power, faithfulTo };
}

/**
 * Both spectra by one transform of original + i decoded, parted by their symmetry. Undefined where a
 * value is not finite. Memory: 16 bytes a value.
 */
export function powerSpectra(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
  shape: readonly number[],
): PowerSpectra | undefined {
  // Far from 0 the digits would go to the mean.
  const near = original[0];
  const re = new Float64Array(original.length);
  const im = new Float64Array(original.length);
  let same = true;
  for (let i = 0; i < re.length; i++) {
    re[i] = original[i] - near;
    im[i] = decoded[i] - near;
    if (!Number.isFinite(re[i]) || !Number.isFinite(im[i])) return undefined;
    if (re[i] !== im[i]) same = false;
  }
  // Equal fields have equal spectra, with no rounding between them.
  if (same) im.fill(0);
  for (let axis = 0; axis < shape.length; axis++) transformAxis(re, im, shape, axis);
  const longest = Math.max(...shape);
  const count = Math.floor(longest / 2) + 1;
  const [a, b, difference] = Array.from({ length: 3 }, () => new Float64Array(count));
  const squares = shape.map((length) =>
    Float64Array.from({ length }, (_, i) => ((Math.min(i, length - i) / length) * longest) ** 2),
  );
  const scale = 1 / re.length ** 2;
  forEachMode(shape, (i, mirror, index) => {
    let square = 0;
    for (let axis = 0; axis < shape.length; axis++) square += squares[axis][index[axis]];
    const k = Math.round(Math.sqrt(square));
    if (k >= count) return;
    // Twice the coefficients: of the original (even part), of i times the decoded (odd part).
    const [ar, ai] = [re[i] + re[mirror], im[i] - im[mirror]];
    const [br, bi] = [im[i] + im[mirror], re[mirror] - re[i]];
    a[k] += (ar * ar + ai * ai) * (scale / 4);
    b[k] += (br * br + bi * bi) * (scale / 4);
    difference[k] += ((br - ar) ** 2 + (bi - ai) ** 2) * (scale / 4);
  });
  // The shell of the mean holds that alone.
  a[0] = (re[0] / re.length + near) ** 2;
  b[0] = (im[0] / re.length + near) ** 2;
  return same
    ? { original: a, decoded: a.slice(), difference: new Float64Array(count) }
    : { original: a, decoded: b, difference };
}

/** Calls `visit` with every place, the place of the opposite wave number, and the place's index. */
function forEachMode(
  shape: readonly number[],
  visit: (place: number, mirror: number, index: readonly number[]) => void,
): void {
  const strides = stridesOf(shape);
  const count = countOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let place = 0; place < count; place++) {
    let mirror = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      if (index[axis] > 0) mirror += (shape[axis] - index[axis]) * strides[axis];
    }
    visit(place, mirror, index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) {
      index[axis] = 0;
    }
  }
}

/** The spectrum of one field; undefined where a value is not finite. */
export function powerSpectrum(
  values: ArrayLike<number>,
  shape: readonly number[],
): Float64Array | undefined {
  return powerSpectra(values, values, shape)?.original;
}
