/**
 * Values between stored ones where no network knows them: multilinear interpolation; derivatives by
 * central differences over two index positions, one-sided at the ends.
 */
import { type Box, countOf, insertBox, throwIfAborted } from "@fieldzip/core";
import { clampPosition, type Places } from "./places.js";

/** Stored values, read as double-precision numbers; NaN where there are none. */
export interface StoredValues {
  readonly shape: readonly number[];
  read(box: Box, signal?: AbortSignal): Promise<Float64Array>;
}

/** Values at places and their derivatives along some axes, by index position. */
export interface Sampled {
  readonly values: Float64Array;
  readonly derivatives: readonly Float64Array[];
}

/** What every position takes of which stored values: `taps` of each, weight 0 for those not needed. */
interface AxisWeights {
  readonly taps: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Stored values that are held at once. */
const MOST_VALUES = 2 ** 22;

export async function interpolate(
  stored: StoredValues,
  places: Places,
  derivatives: readonly number[],
  signal?: AbortSignal,
): Promise<Sampled> {
  return "axes" in places
    ? interpolateGrid(stored, places.axes, derivatives, signal)
    : interpolatePoints(stored, places.points, derivatives, signal);
}

function valueWeights(positions: Float64Array, length: number): AxisWeights {
  const indices = new Int32Array(2 * positions.length);
  const weights = new Float64Array(2 * positions.length);
  positions.forEach((position, p) => {
    const place = clampPosition(position, length);
    const low = Math.floor(place);
    indices.set([low, Math.min(low + 1, length - 1)], 2 * p);
    weights.set([1 - (place - low), place - low], 2 * p);
  });
  return { taps: 2, indices, weights };
}

function differenceWeights(positions: Float64Array, length: number): AxisWeights {
  const places = positions.map((position) => clampPosition(position, length));
  const above = places.map((place) => Math.min(place + 1, length - 1));
  const below = places.map((place) => Math.max(place - 1, 0));
  const [upper, lower] = [valueWeights(above, length), valueWeights(below, length)];
  const indices = new Int32Array(4 * places.length);
  const weights = new Float64Array(4 * places.length);
  for (let p = 0; p < places.length; p++) {
    const distance = above[p] - below[p];
    for (let tap = 0; tap < 2; tap++) {
      indices[4 * p + tap] = lower.indices[2 * p + tap];
      indices[4 * p + 2 + tap] = upper.indices[2 * p + tap];
      if (distance === 0) continue;
      weights[4 * p + tap] = -lower.weights[2 * p + tap] / distance;
      weights[4 * p + 2 + tap] = upper.weights[2 * p + tap] / distance;
    }
  }
  return { taps: 4, indices, weights };
}

/** From the first to the last stored value that the positions of an axis need. */
function spanOf(weights: readonly AxisWeights[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const { indices } of weights) {
    for (const index of indices) {
      if (index < low) low = index;
      if (index > high) high = index;
    }
  }
  return [low, high];
}

async function interpolateGrid(
  stored: StoredValues,
  axes: readonly Float64Array[],
  derivatives: readonly number[],
  signal?: AbortSignal,
): Promise<Sampled> {
  throwIfAborted(signal);
  const { shape } = stored;
  const count = countOf(axes.map(({ length }) => length));
  if (count === 0) {
    return { values: new Float64Array(0), derivatives: derivatives.map(() => new Float64Array(0)) };
  }
  const values = axes.map((positions, axis) => valueWeights(positions, shape[axis]));
  const slopes = derivatives.map((axis) => differenceWeights(axes[axis], shape[axis]));
  const spans = axes.map((_, axis) =>
    spanOf([values[axis], ...slopes.filter((_, k) => derivatives[k] === axis)]),
  );
  const box = {
    start: spans.map(([low]) => low),
    shape: spans.map(([low, high]) => high - low + 1),
  };
  const longest = longestAxis(axes, box);
  if (countOf(box.shape) > MOST_VALUES && longest !== undefined) {
    return halves(stored, axes, longest, derivatives, signal);
  }
  const data = await stored.read(box, signal);
  const weigh = (chosen: readonly AxisWeights[]) => {
    let [list, now] = [data, box.shape];
    chosen.forEach((weights, axis) => {
      const length = axes[axis].length;
      list = weighAxis(list, now, axis, weights, length, box.start[axis]);
      now = now.with(axis, length);
    });
    return list;
  };
  return {
    values: weigh(values),
    derivatives: derivatives.map((axis, k) => weigh(values.with(axis, slopes[k]))),
  };
}

/** Of the axes with more than one position the one that needs most stored values. */
function longestAxis(axes: readonly Float64Array[], box: Box): number | undefined {
  const several = axes.flatMap(({ length }, axis) => (length > 1 ? [axis] : []));
  return several.sort((a, b) => box.shape[b] - box.shape[a])[0];
}

/** One half of the positions of an axis after the other. */
async function halves(
  stored: StoredValues,
  axes: readonly Float64Array[],
  axis: number,
  derivatives: readonly number[],
  signal?: AbortSignal,
): Promise<Sampled> {
  const shape = axes.map(({ length }) => length);
  const whole = () => new Float64Array(countOf(shape));
  const result = { values: whole(), derivatives: derivatives.map(whole) };
  const middle = shape[axis] >> 1;
  for (const [from, to] of [
    [0, middle],
    [middle, shape[axis]],
  ]) {
    const part = axes.with(axis, axes[axis].subarray(from, to));
    const found = await interpolateGrid(stored, part, derivatives, signal);
    const start = shape.map((_, a) => (a === axis ? from : 0));
    const box = { start, shape: shape.with(axis, to - from) };
    insertBox(result.values, shape, box, found.values);
    found.derivatives.forEach((list, k) => {
      insertBox(result.derivatives[k], shape, box, list);
    });
  }
  return result;
}

/** Replaces an axis by `length` weighted sums of its values, which begin at index `start`. */
function weighAxis(
  data: Float64Array,
  shape: readonly number[],
  axis: number,
  { taps, indices, weights }: AxisWeights,
  length: number,
  start: number,
): Float64Array<ArrayBuffer> {
  const outer = countOf(shape.slice(0, axis));
  const inner = countOf(shape.slice(axis + 1));
  const result = new Float64Array(outer * length * inner);
  for (let o = 0; o < outer; o++) {
    for (let p = 0; p < length; p++) {
      const to = (o * length + p) * inner;
      for (let tap = 0; tap < taps; tap++) {
        const weight = weights[p * taps + tap];
        // A value that is not needed may be none at all.
        if (weight === 0) continue;
        const from = (o * shape[axis] + indices[p * taps + tap] - start) * inner;
        for (let i = 0; i < inner; i++) result[to + i] += weight * data[from + i];
      }
    }
  }
  return result;
}

async function interpolatePoints(
  stored: StoredValues,
  points: Float64Array,
  derivatives: readonly number[],
  signal?: AbortSignal,
): Promise<Sampled> {
  const { shape } = stored;
  const rank = shape.length;
  const count = points.length / rank;
  const result = {
    values: new Float64Array(count),
    derivatives: derivatives.map(() => new Float64Array(count)),
  };
  const positionsOf = (chosen: readonly number[], axis: number) =>
    Float64Array.from(chosen, (point) => points[point * rank + axis]);
  for (const chosen of blocksOf(points, shape).values()) {
    throwIfAborted(signal);
    const values = shape.map((length, axis) => valueWeights(positionsOf(chosen, axis), length));
    const slopes = derivatives.map((axis) =>
      differenceWeights(positionsOf(chosen, axis), shape[axis]),
    );
    const spans = values.map((weights, axis) =>
      spanOf([weights, ...slopes.filter((_, k) => derivatives[k] === axis)]),
    );
    const box = {
      start: spans.map(([low]) => low),
      shape: spans.map(([low, high]) => high - low + 1),
    };
    const data = await stored.read(box, signal);
    chosen.forEach((point, p) => {
      result.values[point] = weighPoint(data, box, values, p);
      derivatives.forEach((axis, k) => {
        const weights = values.with(axis, slopes[k]);
        result.derivatives[k][point] = weighPoint(data, box, weights, p);
      });
    });
  }
  return result;
}

/** Points by the block of stored values that they lie in. */
function blocksOf(points: Float64Array, shape: readonly number[]): Map<string, number[]> {
  const blocks = new Map<string, number[]>();
  const rank = shape.length;
  const edge = Math.floor(MOST_VALUES ** (1 / rank));
  for (let point = 0; point < points.length / rank; point++) {
    const key = shape
      .map((length, axis) => Math.floor(clampPosition(points[point * rank + axis], length) / edge))
      .join();
    const block = blocks.get(key);
    if (block) block.push(point);
    else blocks.set(key, [point]);
  }
  return blocks;
}

function weighPoint(
  data: Float64Array,
  box: Box,
  weights: readonly AxisWeights[],
  point: number,
): number {
  const sum = (axis: number, offset: number): number => {
    if (axis === weights.length) return data[offset];
    const { taps, indices, weights: list } = weights[axis];
    let total = 0;
    for (let tap = point * taps; tap < (point + 1) * taps; tap++) {
      if (list[tap] === 0) continue;
      const inner = offset * box.shape[axis] + indices[tap] - box.start[axis];
      total += list[tap] * sum(axis + 1, inner);
    }
    return total;
  };
  return sum(0, 0);
}
