import { countOf } from "../array/box.js";
import { chunkBox, chunksOf } from "../array/chunk-grid.js";
import type { NumericArray } from "../array/data-type.js";
import type { Variable } from "../array/dataset.js";
import { abortedError, throwIfAborted } from "../errors.js";
import type { Field, FieldValues } from "./field.js";
import { type Axis, type FieldLayout, unpacking } from "./field-layout.js";

export interface LoadOptions {
  readonly step: number;
  /** Places along the axes that are neither space nor time. */
  readonly others: readonly number[];
  /** What is looked at: chunks near it come first. Places z, y, x of the variable. */
  readonly near: readonly number[];
  /** Values that the field may have at most; beyond, every so-manyth is kept. */
  readonly mostValues: number;
  /** Chunks that are read at once. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  /** Told of the field as it grows: the same values, a new version. */
  readonly onProgress: (field: Field) => void;
}

type Triple = [number, number, number];

/** Reads one step of a variable chunk by chunk, those near the cursor first; resolves to the whole field. */
export async function loadField(layout: FieldLayout, options: LoadOptions): Promise<Field> {
  const { variable, space } = layout;
  const { signal, near, mostValues } = options;
  const sizes = space.map(({ size }) => size) as Triple;
  const every = strideFor(sizes, mostValues);
  const shape = sizes.map((size, axis) => Math.ceil(size / every[axis])) as Triple;
  const unpack = unpacking(variable);
  const boxes = boxesOf(layout, options, sizes, near);
  let values: FieldValues | undefined;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let version = 0;
  const now = (): Field => ({
    ...{ layout, step: options.step, shape, every, version },
    values: values ?? new Float32Array(0),
    range: low <= high ? [low, high] : [Number.NaN, Number.NaN],
    done: version / boxes.length,
  });

  let next = 0;
  const lane = async () => {
    while (next < boxes.length) {
      throwIfAborted(signal);
      const box = boxes[next++];
      const part = unpack((await variable.readBox(box.stored, signal)) as NumericArray);
      throwIfAborted(signal);
      values ??= emptyValues(part, countOf(shape));
      const seen = insertPart(values, shape, every, box, part, space);
      if (seen[0] < low) low = seen[0];
      if (seen[1] > high) high = seen[1];
      version++;
      options.onProgress(now());
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.lanes) }, lane));
  if (signal.aborted) throw abortedError(signal);
  return now();
}

/** The least equal steps along the axes under which a field has at most `most` values. */
export function strideFor(sizes: readonly number[], most: number): Triple {
  for (let every = 1; ; every++) {
    const steps = sizes.map((size) => Math.min(every, size)) as Triple;
    if (countOf(sizes.map((size, axis) => Math.ceil(size / steps[axis]))) <= most) return steps;
  }
}

interface PartBox {
  /** The box of the variable that is read. */
  readonly stored: { readonly start: readonly number[]; readonly shape: readonly number[] };
  /** Where it lies along z, y, x, in the file's order. */
  readonly start: Triple;
  readonly shape: Triple;
}

/** One box for each stored chunk, in the order in which they are to come. */
function boxesOf(
  { variable, space, time, others }: FieldLayout,
  { step, others: held }: LoadOptions,
  sizes: Triple,
  near: readonly number[],
): PartBox[] {
  const start = variable.shape.map(() => 0);
  const shape = [...variable.shape];
  const fix = (axis: Axis | undefined, place: number) => {
    if (axis?.place === undefined) return;
    start[axis.place] = Math.min(axis.size - 1, Math.max(0, place));
    shape[axis.place] = 1;
  };
  fix(time, step);
  others.forEach((axis, k) => {
    fix(axis, held[k] ?? 0);
  });
  const chunk = chunkOf(variable);
  const boxes = [...chunksOf({ start, shape }, chunk)].map((index): PartBox => {
    const whole = chunkBox(variable.shape, chunk, index);
    const stored = {
      start: whole.start.map((from, axis) => Math.max(from, start[axis])),
      shape: whole.shape.map((size, axis) => Math.min(size, shape[axis])),
    };
    const along = (list: readonly number[], otherwise: number) =>
      space.map(({ place }) => (place === undefined ? otherwise : list[place])) as Triple;
    return { stored, start: along(stored.start, 0), shape: along(stored.shape, 1) };
  });
  const distance = (box: PartBox) => {
    let sum = 0;
    let met = 3;
    for (let axis = 0; axis < 3; axis++) {
      const place = space[axis].flipped ? sizes[axis] - 1 - near[axis] : near[axis];
      const low = box.start[axis];
      const gap = Math.max(0, low - place, place - (low + box.shape[axis] - 1));
      if (gap > 0) met--;
      sum += gap / sizes[axis];
    }
    // First what any of the three planes through the cursor meets.
    return sum + (met > 0 ? 0 : 10);
  };
  return boxes.sort((a, b) => distance(a) - distance(b));
}

/** The stored chunk; a variable that names none is read in slabs. */
function chunkOf({ source, shape }: Variable): number[] {
  if (source.storedChunk) return [...source.storedChunk];
  const chunk = [...shape];
  for (let axis = 0; axis < chunk.length && countOf(chunk) > 2 ** 21; axis++) {
    chunk[axis] = Math.max(1, Math.floor(2 ** 21 / (countOf(chunk) / chunk[axis])));
  }
  return chunk;
}

function emptyValues(like: FieldValues, count: number): FieldValues {
  return (like instanceof Float32Array ? new Float32Array(count) : new Float64Array(count)).fill(
    Number.NaN,
  );
}

/** Puts a part in its place, flipped and thinned out as the field is; its least and largest finite value. */
function insertPart(
  values: FieldValues,
  shape: Triple,
  every: Triple,
  box: PartBox,
  part: FieldValues,
  space: FieldLayout["space"],
): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const [[sz, sy, sx], [ny, nx]] = [box.start, [box.shape[1], box.shape[2]]];
  const place = (axis: 0 | 1 | 2, at: number) => {
    const along = space[axis].flipped ? space[axis].size - 1 - at : at;
    return along % every[axis] === 0 ? along / every[axis] : -1;
  };
  const columns = Int32Array.from({ length: nx }, (_, x) => place(2, sx + x));
  for (let z = 0; z < box.shape[0]; z++) {
    const tz = place(0, sz + z);
    if (tz < 0) continue;
    for (let y = 0; y < ny; y++) {
      const ty = place(1, sy + y);
      if (ty < 0) continue;
      const from = (z * ny + y) * nx;
      const to = (tz * shape[1] + ty) * shape[2];
      for (let x = 0; x < nx; x++) {
        if (columns[x] < 0) continue;
        const value = part[from + x];
        values[to + columns[x]] = value;
        if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
        if (value > high && value < Number.POSITIVE_INFINITY) high = value;
      }
    }
  }
  return [low, high];
}
