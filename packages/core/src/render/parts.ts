import { countOf } from "../array/box.js";
import { chunkBox, chunksOf } from "../array/chunk-grid.js";
import type { FloatArray, NumericArray } from "../array/data-type.js";
import type { Variable } from "../array/dataset.js";
import type { Axis, FieldLayout } from "./field-layout.js";

export type Triple = [number, number, number];

/** Values of networks at places of a variable, for what these places cost. */
export interface NetworkSampler {
  /**
   * Whether a variable's values are those of networks: `alone`, or with corrections to every stored value, which only whole
   * chunks have (`corrected`). Undefined: there is no network.
   */
  kind(variable: string): "alone" | "corrected" | undefined;
  /** Values on the grid of these stored places along every axis, C order. Of a corrected network, its own. */
  sample(variable: string, axes: readonly Float64Array[], signal: AbortSignal): Promise<FloatArray>;
}

/** A part of a field that is read at once. */
export interface FieldPart {
  /** Its first and last place along z, y, x of the page's axes. */
  readonly low: Triple;
  readonly high: Triple;
  /** Where its planes, rows and columns go in the field; -1: nowhere. */
  readonly targets: readonly [Int32Array, Int32Array, Int32Array];
  /** Its values as they are stored, C order along the file's axes. */
  read(signal: AbortSignal): Promise<NumericArray>;
}

/** Which places of a variable a field holds. */
export interface FieldPlaces {
  readonly step: number;
  /** Places along the axes that are neither space nor time. */
  readonly others: readonly number[];
  /** Every how-manyth along z, y, x. */
  readonly every: Triple;
}

/** One part for each stored chunk. */
export function storedParts(layout: FieldLayout, { every, ...places }: FieldPlaces): FieldPart[] {
  const { variable, space } = layout;
  const { start, shape } = boxOf(layout, places);
  const chunk = chunkOf(variable);
  return [...chunksOf({ start, shape }, chunk)].map((index): FieldPart => {
    const whole = chunkBox(variable.shape, chunk, index);
    const box = {
      start: whole.start.map((from, axis) => Math.max(from, start[axis])),
      shape: whole.shape.map((size, axis) => Math.min(size, shape[axis])),
    };
    const spans = space.map(({ place, flipped, size }): [number, number] => {
      if (place === undefined) return [0, 0];
      const [from, to] = [box.start[place], box.start[place] + box.shape[place] - 1];
      return flipped ? [size - 1 - to, size - 1 - from] : [from, to];
    });
    const targets = spans.map(([low, high], k) =>
      Int32Array.from({ length: high - low + 1 }, (_, i) => {
        const at = space[k].flipped ? high - i : low + i;
        return at % every[k] === 0 ? at / every[k] : -1;
      }),
    );
    return {
      low: spans.map(([low]) => low) as Triple,
      high: spans.map(([, high]) => high) as Triple,
      targets: targets as [Int32Array, Int32Array, Int32Array],
      read: async (signal) => (await variable.readBox(box, signal)) as NumericArray,
    };
  });
}

/** Values along an edge of a part that networks compute: enough for all workers, soon enough to be seen. */
const sampledEdge = 48;

/** Boxes of the places that a field holds, and no others. */
export function sampledParts(
  layout: FieldLayout,
  { every, ...places }: FieldPlaces,
  networks: NetworkSampler,
): FieldPart[] {
  const { variable, space } = layout;
  const { start } = boxOf(layout, places);
  const sizes = space.map(({ size }, k) => Math.ceil(size / every[k])) as Triple;
  const chunk: Triple = [sampledEdge, sampledEdge, sampledEdge];
  const indices = [...chunksOf({ start: [0, 0, 0], shape: sizes }, chunk)];
  return indices.map((index): FieldPart => {
    const box = chunkBox(sizes, chunk, index);
    const targets = space.map((_, k) =>
      Int32Array.from({ length: box.shape[k] }, (_, i) => box.start[k] + i),
    );
    const axes = start.map((at) => Float64Array.of(at));
    space.forEach(({ place, flipped, size }, k) => {
      if (place === undefined) return;
      axes[place] = Float64Array.from(targets[k], (target) => {
        const at = target * every[k];
        return flipped ? size - 1 - at : at;
      });
    });
    return {
      low: box.start.map((from, k) => from * every[k]) as Triple,
      high: box.start.map((from, k) => (from + box.shape[k] - 1) * every[k]) as Triple,
      targets: targets as [Int32Array, Int32Array, Int32Array],
      read: (signal) => networks.sample(variable.name, axes, signal),
    };
  });
}

/** Parts in the order in which they are to come: first what any of the three planes through a place meets. */
export function nearestFirst(
  parts: readonly FieldPart[],
  space: FieldLayout["space"],
  near: readonly number[],
): FieldPart[] {
  const distance = ({ low, high }: FieldPart) => {
    let sum = 0;
    let met = 3;
    for (let axis = 0; axis < 3; axis++) {
      const gap = Math.max(0, low[axis] - near[axis], near[axis] - high[axis]);
      if (gap > 0) met--;
      sum += gap / space[axis].size;
    }
    return sum + (met > 0 ? 0 : 10);
  };
  return [...parts].sort((a, b) => distance(a) - distance(b));
}

/** The step, and the places along other axes, as a box of the variable. */
function boxOf(
  { variable, time, others }: FieldLayout,
  { step, others: held }: Omit<FieldPlaces, "every">,
) {
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
  return { start, shape };
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
