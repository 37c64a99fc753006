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

/** What the original's values are like. */
export interface ValueScale {
  /** Largest - least finite value. */
  readonly range: number;
  /** A value that is near all of them. */
  readonly near: number;
}

/** Sums of SSIM over places, so that parts of a volume can be measured apart; NaN places do not count. */
export interface SimilaritySums {
  /** Windows of three axes; one entry. */
  readonly volume: PlaceSums;
  /** Windows of two axes, an entry per slice across the first, second and third axis. */
  readonly slices: readonly [PlaceSums, PlaceSums, PlaceSums];
}

interface PlaceSums {
  readonly sum: Float64Array;
  readonly places: Float64Array;
}

/** Mean SSIM of a volume, and of its slices across each axis (the mean of the slices' means). */
export interface SimilarityReport {
  readonly volume: number;
  /** Across the first, second and third axis. */
  readonly slices: readonly [number, number, number];
}

/** Some planes of a volume. */
export interface VolumePart {
  readonly from: number;
  readonly count: number;
  /** The first of them: those whose slices no other part counts. */
  readonly ownPlanes: number;
}

/** Planes that a place's window reaches over, along an axis of `length`. */
export function similarityWindow(length: number): number {
  return length >= WINDOW ? WINDOW : length - ((length + 1) % 2);
}

/**
 * Sums of a volume [planes, rows, columns], or of some of its planes. Parts overlap by
 * `similarityWindow(shape[0]) - 1` planes, so that every window lies in one of them. Memory: a few planes.
 */
export function similaritySums(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
  shape: readonly [number, number, number],
  { range, near }: ValueScale,
  part: VolumePart = { from: 0, count: shape[0], ownPlanes: shape[0] },
): SimilaritySums {
  const [, rows, columns] = shape;
  const area = rows * columns;
  if (original.length !== part.count * area || decoded.length !== part.count * area) {
    throw new RangeError(
      `${part.count * area} values expected, ${original.length} and ${decoded.length} found`,
    );
  }
  const [deep, high, wide] = shape.map(gaussian);
  const sums = noSimilarity(shape);
  const [across0, across1, across2] = sums.slices;
  // In units of the range and near 0: variances are differences of squares, which would lose digits.
  const scale = range > 0 ? 1 / range : 1;
  const low = near * scale;
  const planes: Moments[] = [];
  for (let plane = 0; plane < part.count; plane++) {
    const first = plane * area;
    const [x, y, squares, product] = Array.from({ length: 4 }, () => new Float64Array(area));
    for (let i = 0; i < area; i++) {
      const a = (original[first + i] - near) * scale;
      const b = (decoded[first + i] - near) * scale;
      // NaN spreads over all windows that hold it.
      const finite = Number.isFinite(a) && Number.isFinite(b);
      x[i] = finite ? a : Number.NaN;
      y[i] = finite ? b : Number.NaN;
      squares[i] = a * a + b * b;
      product[i] = a * b;
    }
    planes.push([x, y, squares, product]);
    if (plane < part.ownPlanes) {
      const height = rows - high.length + 1;
      const slice = overAxis(
        overAxis(planes.at(-1)!, [rows, columns], 0, high),
        [height, columns],
        1,
        wide,
      );
      addPlaces(slice, low, across0, () => part.from + plane);
    }
    if (planes.length < deep.length) continue;
    const means = throughPlanes(planes, deep);
    planes.shift();
    const overRows = overAxis(means, [rows, columns], 0, high);
    const overColumns = overAxis(means, [rows, columns], 1, wide);
    const height = rows - high.length + 1;
    const width = columns - wide.length + 1;
    addPlaces(overRows, low, across2, (i) => i % columns);
    addPlaces(overColumns, low, across1, (i) => Math.floor(i / width));
    addPlaces(overAxis(overRows, [height, columns], 1, wide), low, sums.volume, () => 0);
  }
  return sums;
}

/** The sums of no part. */
export function noSimilarity([planes, rows, columns]: readonly number[]): SimilaritySums {
  return { volume: placeSums(1), slices: [placeSums(planes), placeSums(rows), placeSums(columns)] };
}

/** Adds the sums of another part of the same volume to `to`. */
export function addSimilarity(to: SimilaritySums, part: SimilaritySums): void {
  const all = [to.volume, ...to.slices];
  [part.volume, ...part.slices].forEach(({ sum, places }, k) => {
    sum.forEach((value, i) => {
      all[k].sum[i] += value;
      all[k].places[i] += places[i];
    });
  });
}

/** The means of sums; NaN where no window is finite. */
export function similarityReport({ volume, slices }: SimilaritySums): SimilarityReport {
  const [across0, across1, across2] = slices.map(meanOfSlices);
  return { volume: meanOfSlices(volume), slices: [across0, across1, across2] };
}

/**
 * SSIM of a field of one to three axes; the window has as many. `range` is the original's largest - least value. 1 for equal
 * fields, NaN where no window is finite.
 */
export function structuralSimilarity(
  original: ArrayLike<number>,
  decoded: ArrayLike<number>,
  shape: readonly number[],
  range: number,
): number {
  const near = firstFinite(original);
  const volume = [...new Array<number>(Math.max(0, 3 - shape.length)).fill(1), ...shape];
  const [planes, rows, columns] = volume;
  const sums = similaritySums(
    original,
    decoded,
    [planes, rows, columns],
    { range, near },
    { from: 0, count: planes, ownPlanes: 0 },
  );
  return similarityReport(sums).volume;
}

function firstFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) return values[i];
  return 0;
}

/** Means under a window of x, y, x^2 + y^2 and x y: of a plane, row after row. */
type Moments = readonly Float64Array[];

function placeSums(length: number): PlaceSums {
  return { sum: new Float64Array(length), places: new Float64Array(length) };
}

function meanOfSlices({ sum, places }: PlaceSums): number {
  let total = 0;
  let slices = 0;
  for (let i = 0; i < sum.length; i++) {
    if (places[i] === 0) continue;
    total += sum[i] / places[i];
    slices++;
  }
  return slices > 0 ? total / slices : Number.NaN;
}

/** SSIM at every place of the moments, added to the slice that `sliceOf` says. */
function addPlaces(
  [x, y, squares, product]: Moments,
  low: number,
  { sum, places }: PlaceSums,
  sliceOf: (place: number) => number,
): void {
  const c1 = 0.01 ** 2;
  const c2 = 0.03 ** 2;
  for (let i = 0; i < x.length; i++) {
    const variances = squares[i] - x[i] * x[i] - y[i] * y[i];
    const covariance = product[i] - x[i] * y[i];
    const [a, b] = [x[i] + low, y[i] + low];
    const value =
      ((2 * a * b + c1) * (2 * covariance + c2)) / ((a * a + b * b + c1) * (variances + c2));
    if (Number.isNaN(value)) continue;
    const slice = sliceOf(i);
    sum[slice] += value;
    places[slice]++;
  }
}

function gaussian(length: number): Float64Array {
  const size = similarityWindow(length);
  const weights = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-(((i - (size - 1) / 2) / DEVIATION) ** 2) / 2),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Weighted means through a stack of planes, one for every weight. */
function throughPlanes(planes: readonly Moments[], weights: Float64Array): Moments {
  return planes[0].map((_, k) => {
    const to = new Float64Array(planes[0][k].length);
    planes.forEach((plane, p) => {
      addWeighted(to, 0, plane[k], 0, to.length, weights[p]);
    });
    return to;
  });
}

/** Weighted means along one axis of a plane [rows, columns], which gets shorter. */
function overAxis(
  maps: Moments,
  [rows, columns]: readonly [number, number],
  axis: 0 | 1,
  weights: Float64Array,
): Moments {
  return maps.map((map) => {
    if (axis === 0) {
      const to = new Float64Array((rows - weights.length + 1) * columns);
      for (let at = 0; at < to.length; at += columns) {
        weights.forEach((weight, k) => {
          addWeighted(to, at, map, at + k * columns, columns, weight);
        });
      }
      return to;
    }
    const width = columns - weights.length + 1;
    const to = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < width; i++) {
        const from = row * columns + i;
        let mean = 0;
        for (let k = 0; k < weights.length; k++) mean += weights[k] * map[from + k];
        to[row * width + i] = mean;
      }
    }
    return to;
  });
}

function addWeighted(
  to: Float64Array,
  at: number,
  from: Float64Array,
  start: number,
  count: number,
  weight: number,
): void {
  for (let i = 0; i < count; i++) to[at + i] += weight * from[start + i];
}
