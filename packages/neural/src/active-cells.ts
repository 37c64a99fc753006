/**
 * Cells where something happens, and their neighbours (as in arXiv:2508.08937): what is trained on where much of
 * a field is at rest.
 */
import { createRandom } from "./random.js";

export interface ActiveCells {
  /**
   * `value`: a cell is active where a variable is further from its background, the median, than `threshold` of
   * its range; `gradient`: where a variable differs from a neighbour along an axis by more than that.
   */
  readonly by: "value" | "gradient";
  /** Share of the variable's range. */
  readonly threshold: number;
  /** Neighbours on each side of an active cell, along every axis, that are trained on with it. */
  readonly dilate: number;
  /** Share of the other cells, drawn at random: without any, a network may be anything there. */
  readonly rest: number;
  readonly seed: number;
}

/** Values that the median is taken of: enough for a background. */
const MEDIAN_SAMPLES = 4096;

/** Indices of the cells in the field's order. Values that are not finite make no cell active. */
export function activeCells(
  lengths: readonly number[],
  variables: readonly ArrayLike<number>[],
  { by, threshold, dilate, rest, seed }: ActiveCells,
): Uint32Array {
  const count = lengths.reduce((product, length) => product * length, 1);
  const marks = new Uint8Array(count);
  for (const values of variables) {
    const least = threshold * rangeOf(values);
    if (by === "value") markByValue(values, least, marks);
    else markByGradient(lengths, values, least, marks);
  }
  dilateMarks(lengths, marks, dilate);
  const random = createRandom(seed);
  const places = new Uint32Array(count);
  let found = 0;
  for (let i = 0; i < count; i++) {
    if (marks[i] || (rest > 0 && random.uniform() < rest)) places[found++] = i;
  }
  return places.slice(0, found);
}

function rangeOf(values: ArrayLike<number>): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return high > low ? high - low : Number.POSITIVE_INFINITY;
}

function markByValue(values: ArrayLike<number>, least: number, marks: Uint8Array): void {
  const step = Math.max(1, Math.floor(values.length / MEDIAN_SAMPLES));
  const some: number[] = [];
  for (let i = 0; i < values.length; i += step)
    if (Number.isFinite(values[i])) some.push(values[i]);
  const background = some.sort((a, b) => a - b)[some.length >> 1];
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]) && Math.abs(values[i] - background) > least) marks[i] = 1;
  }
}

function markByGradient(
  lengths: readonly number[],
  values: ArrayLike<number>,
  least: number,
  marks: Uint8Array,
): void {
  eachLine(lengths, (first, stride, length) => {
    for (let i = 1, at = first + stride; i < length; i++, at += stride) {
      // A difference with a value that is not finite is no difference.
      const difference = Math.abs(values[at] - values[at - stride]);
      if (difference > least && difference < Number.POSITIVE_INFINITY) {
        marks[at] = 1;
        marks[at - stride] = 1;
      }
    }
  });
}

/** A box around every mark: axis by axis. */
function dilateMarks(lengths: readonly number[], marks: Uint8Array, reach: number): void {
  if (reach === 0) return;
  const before = marks.slice();
  eachLine(
    lengths,
    (first, stride, length) => {
      for (let i = 0; i < length; i++) {
        if (!before[first + i * stride]) continue;
        const end = Math.min(length - 1, i + reach);
        for (let k = Math.max(0, i - reach); k <= end; k++) marks[first + k * stride] = 1;
      }
    },
    () => before.set(marks),
  );
}

/** Visits every line of the field along every axis, axis by axis: first place, stride, length. */
function eachLine(
  lengths: readonly number[],
  visit: (first: number, stride: number, length: number) => void,
  axisDone: () => void = () => {},
): void {
  const count = lengths.reduce((product, length) => product * length, 1);
  let stride = 1;
  for (const length of lengths.toReversed()) {
    for (let outer = 0; outer < count; outer += stride * length) {
      for (let inner = 0; inner < stride; inner++) visit(outer + inner, stride, length);
    }
    stride *= length;
    axisDone();
  }
}
