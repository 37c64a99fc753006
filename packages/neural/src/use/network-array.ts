/** A stored array whose chunks are networks, and what is stored of it besides. */
import { chunkBox, type WorkerPool } from "@fieldzip/core";
import type { ChunkNetwork } from "./chunk-network.js";
import type { AxisPart } from "./chunk-parts.js";
import type { Sampled, StoredValues } from "./interpolate.js";

/** Shapes, axes and indices leave the variable axis of a joint array out. */
export interface NetworkArray {
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  /** Where networks are evaluated. */
  readonly pool?: WorkerPool;
  /** The network of a chunk; undefined where another predictor has made it. */
  network(index: readonly number[], signal?: AbortSignal): Promise<ChunkNetwork | undefined>;
  /** What decoding gives, by the variable's place in the array. */
  stored(member: number): StoredValues;
}

/** The stored values of one chunk, as if there were no others. */
export function storedInChunk(
  array: NetworkArray,
  member: number,
  index: readonly number[],
): StoredValues {
  const { start, shape } = chunkBox(array.shape, array.chunk, index);
  const stored = array.stored(member);
  return {
    shape,
    read: (box, signal) =>
      stored.read(
        { start: box.start.map((at, axis) => at + start[axis]), shape: box.shape },
        signal,
      ),
  };
}

/** Sets what lies nearest to a stored value that is none to NaN, in a chunk's share of a grid. */
export async function maskValues(
  array: NetworkArray,
  members: readonly number[],
  parts: readonly AxisPart[],
  results: readonly Sampled[],
  strides: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  const nearest = parts.map(({ local }) => local.map(Math.round));
  const start = nearest.map((list) => list.reduce((a, b) => Math.min(a, b)));
  const shape = nearest.map(
    (list, axis) => list.reduce((a, b) => Math.max(a, b)) - start[axis] + 1,
  );
  const index = parts.map(({ chunk }) => chunk);
  for (const [m, member] of members.entries()) {
    const known = await storedInChunk(array, member, index).read({ start, shape }, signal);
    const lists = [results[m].values, ...results[m].derivatives];
    const visit = (axis: number, from: number, to: number, near: boolean): void => {
      if (axis === parts.length) {
        if (near && Number.isNaN(known[from])) for (const list of lists) list[to] = Number.NaN;
        return;
      }
      const { places, weights } = parts[axis];
      places.forEach((place, i) => {
        const inner = from * shape[axis] + nearest[axis][i] - start[axis];
        // Between two chunks the nearer one decides.
        visit(axis + 1, inner, to + place * strides[axis], near && weights[i] >= 0.5);
      });
    };
    visit(0, 0, 0, true);
  }
}
