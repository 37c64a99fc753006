import { allocate, type DataArray, type DataType } from "./data-type.js";

/** An axis-aligned box of an n-d array: where it starts and how far it extends, slowest axis first. */
export interface Box {
  readonly start: readonly number[];
  readonly shape: readonly number[];
}

/** Number of values in a shape; the empty shape (a scalar) holds one. */
export function countOf(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

export function wholeBox(shape: readonly number[]): Box {
  return { start: shape.map(() => 0), shape };
}

/** C-order strides, in values. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/**
 * Calls `visit` for every run of values that is contiguous in an array of shape `outer` and covered
 * by `box`, in C order. Offsets are in values: `outerOffset` into the array, `boxOffset` into the
 * box's own C-order data.
 */
export function forEachRun(
  outer: readonly number[],
  box: Box,
  visit: (outerOffset: number, boxOffset: number, length: number) => void,
): void {
  const rank = outer.length;
  if (countOf(box.shape) === 0) return;
  const strides = stridesOf(outer);
  // Trailing axes that the box covers whole merge with the axis before them into one run.
  let axis = rank;
  let length = 1;
  while (axis > 0) {
    axis--;
    length *= box.shape[axis];
    if (box.shape[axis] !== outer[axis]) break;
  }
  const index = new Array<number>(axis).fill(0);
  let base = 0;
  for (let a = 0; a < rank; a++) base += box.start[a] * strides[a];
  let boxOffset = 0;
  for (;;) {
    let offset = base;
    for (let a = 0; a < axis; a++) offset += index[a] * strides[a];
    visit(offset, boxOffset, length);
    boxOffset += length;
    let a = axis - 1;
    while (a >= 0 && ++index[a] === box.shape[a]) index[a--] = 0;
    if (a < 0) return;
  }
}

/** Copies `box` out of `data` (an array of shape `shape`) into a new array. */
export function extractBox(
  type: DataType,
  data: DataArray,
  shape: readonly number[],
  box: Box,
): DataArray {
  const out = allocate(type, countOf(box.shape));
  forEachRun(shape, box, (outer, inner, length) => copyRun(data, outer, out, inner, length));
  return out;
}

/** Writes the values of `box` into `data`, an array of shape `shape`. */
export function insertBox(
  data: DataArray,
  shape: readonly number[],
  box: Box,
  values: DataArray,
): void {
  forEachRun(shape, box, (outer, inner, length) => copyRun(values, inner, data, outer, length));
}

function copyRun(
  from: DataArray,
  start: number,
  to: DataArray,
  target: number,
  length: number,
): void {
  if (Array.isArray(from)) {
    for (let i = 0; i < length; i++) (to as string[])[target + i] = from[start + i];
  } else {
    // Same element type on both sides by construction; `set` copies bits, NaN payloads included.
    (to as Float64Array).set((from as Float64Array).subarray(start, start + length), target);
  }
}

/** The part that two boxes share, or undefined where they do not meet. */
export function intersect(a: Box, b: Box): Box | undefined {
  const start: number[] = [];
  const shape: number[] = [];
  for (let axis = 0; axis < a.start.length; axis++) {
    const low = Math.max(a.start[axis], b.start[axis]);
    const high = Math.min(a.start[axis] + a.shape[axis], b.start[axis] + b.shape[axis]);
    if (high <= low) return undefined;
    start.push(low);
    shape.push(high - low);
  }
  return { start, shape };
}

/** `box` as seen from `origin`. */
export function relativeTo(box: Box, origin: readonly number[]): Box {
  return { start: box.start.map((value, axis) => value - origin[axis]), shape: box.shape };
}
