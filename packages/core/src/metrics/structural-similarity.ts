/**
 * Structural similarity (Wang et al., IEEE Trans. Image Processing 13(4), 2004) of slices and volumes:
 * the mean over all places whose window lies inside and holds finite values only.
 *
 *   SSIM = (2 mx my + c1)(2 sxy + c2) / ((mx^2 + my^2 + c1)(sxx + syy + c2))
 *
 * with means, variances and the covariance under a Gaussian window of 11 values along every axis
 * (standard deviation 1.5), c1 = (0.01 range)^2, c2 = (0.03 range)^2. An axis shorter than 11 gets the
 * largest odd window that fits.
 */

const WINDOW = 11;
const DEVIATION = 1.5;

/**
 * SSIM of a field of any number of axes; the window has as many. `range` is the original's max - min.
 * 1 for equal fields, NaN where no window is finite. Memory: about 48 bytes a value.
 */
export function structuralSimilarity(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
  shape: readonly number[],
  range: number,
): number {
  const count = shape.reduce((product, length) => product * length, 1);
  if (original.length !== count || decoded.length !== count) {
    throw new RangeError(
      `${count} values expected, ${original.length} and ${decoded.length} found`,
    );
  }
  // In units of the range and near 0: variances are differences of squares, which would lose digits.
  const scale = range > 0 ? 1 / range : 1;
  const shift = firstFinite(original);
  const [x, y, xx, yy, xy, bad] = Array.from({ length: 6 }, () => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    const a = (original[i] - shift) * scale;
    const b = (decoded[i] - shift) * scale;
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      bad[i] = 1;
      continue;
    }
    x[i] = a;
    y[i] = b;
    xx[i] = a * a;
    yy[i] = b * b;
    xy[i] = a * b;
  }
  const windows = shape.map(gaussian);
  const [mx, my, mxx, myy, mxy, mbad] = [x, y, xx, yy, xy, bad].map((map) => {
    let means: Float64Array = map;
    for (let axis = 0; axis < shape.length; axis++) means = smooth(means, shape, windows, axis);
    return means;
  });
  const c1 = 0.01 ** 2;
  const c2 = 0.03 ** 2;
  let sum = 0;
  let places = 0;
  for (let i = 0; i < mx.length; i++) {
    if (mbad[i] > 0) continue;
    const a = mx[i] + shift * scale;
    const b = my[i] + shift * scale;
    const variances = mxx[i] - mx[i] * mx[i] + (myy[i] - my[i] * my[i]);
    const covariance = mxy[i] - mx[i] * my[i];
    sum += ((2 * a * b + c1) * (2 * covariance + c2)) / ((a * a + b * b + c1) * (variances + c2));
    places++;
  }
  return places > 0 ? sum / places : Number.NaN;
}

/** Mean SSIM of the slices over the last two axes, all under the range of the whole field. */
export function sliceSimilarity(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
  shape: readonly number[],
  range: number,
): number {
  const slice = shape.slice(-2);
  const area = slice.reduce((product, length) => product * length, 1);
  let sum = 0;
  let slices = 0;
  for (let from = 0; from < original.length; from += area) {
    const [a, b] = [original, decoded].map((values) =>
      Float64Array.from({ length: area }, (_, i) => values[from + i]),
    );
    const similarity = structuralSimilarity(a, b, slice, range);
    if (Number.isNaN(similarity)) continue;
    sum += similarity;
    slices++;
  }
  return slices > 0 ? sum / slices : Number.NaN;
}

function firstFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) return values[i];
  return 0;
}

function gaussian(length: number): number[] {
  const size = length >= WINDOW ? WINDOW : length - ((length + 1) % 2);
  const weights = Array.from({ length: size }, (_, i) =>
    Math.exp(-(((i - (size - 1) / 2) / DEVIATION) ** 2) / 2),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Weighted means along one axis; that axis gets shorter, as those before it have. */
function smooth(
  from: Float64Array,
  shape: readonly number[],
  windows: readonly number[][],
  axis: number,
): Float64Array {
  const shorter = (a: number) => shape[a] - windows[a].length + 1;
  const before = shape.slice(0, axis).reduce((product, _, a) => product * shorter(a), 1);
  const after = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const length = shorter(axis);
  const to = new Float64Array(before * length * after);
  for (let block = 0; block < before; block++) {
    for (let i = 0; i < length; i++) {
      const at = (block * length + i) * after;
      windows[axis].forEach((weight, k) => {
        const source = (block * shape[axis] + i + k) * after;
        for (let j = 0; j < after; j++) to[at + j] += weight * from[source + j];
      });
    }
  }
  return to;
}
