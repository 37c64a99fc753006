/**
 * Which part of a grid's gradients a share's samples can reach. Samples are in ascending order, so a share has
 * a slab of the first axis: only that is cleared and added, whatever the number of shares.
 */
import type { TrainingArena } from "./arena.js";
import type { NetworkLayout } from "./layout.js";
import { SOURCE_AXES, SOURCE_BYTES, SOURCE_LENGTHS } from "./offsets.js";

/** Nodes beside the nearest one that count for a point, and one more for rounding. */
const REACH = 2;

export interface Range {
  /** Floats of the level's array, from and to. */
  readonly from: number;
  readonly to: number;
}

/** Floats that belong to one segment of an array, and the shares that have gradients for it. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly firstShare: number;
  readonly shares: number;
}

/** Notes what samples at `first` and `last` of a step's indices, and those between, reach on every level. */
export function noteRanges(
  { memory, at, shape, ordered, batch }: TrainingArena,
  layout: NetworkLayout,
  share: number,
  step: number,
  [first, last]: readonly [number, number],
): Range[] {
  const indices = new Uint32Array(memory.buffer, at.indices + 4 * batch * step, batch);
  const table = new Uint32Array(memory.buffer, at.ranges, 2 * shape.levels.length * (share + 1));
  const coordinates = firstCoordinates(memory.buffer, at, shape.dimensions);
  return shape.levels.map(({ nodes }, level) => {
    const floats = layout.arrays[level].length;
    const row = floats / nodes[0];
    const nearest = (index: number) => {
      const place = ((coordinates(index) + 1) / 2) * (nodes[0] - 1);
      return Math.round(Math.min(Math.max(place, 0), nodes[0] - 1));
    };
    const from = ordered ? row * Math.max(0, nearest(indices[first]) - REACH) : 0;
    const to = ordered ? row * Math.min(nodes[0], nearest(indices[last]) + REACH + 1) : floats;
    table.set([from, to], 2 * (shape.levels.length * share + level));
    return { from, to };
  });
}

/** Divides floats `from` to `to` of an array by the shares that reach them: all, where it is no grid. */
export function segmentsOf(
  { memory, at, shape, shares }: TrainingArena,
  array: number,
  from: number,
  to: number,
): Segment[] {
  const levels = shape.levels.length;
  if (array >= levels) return [{ from, to, firstShare: 0, shares }];
  const table = new Uint32Array(memory.buffer, at.ranges, 2 * levels * shares);
  const ranges = Array.from({ length: shares }, (_, share) => {
    const place = 2 * (levels * share + array);
    return { from: table[place], to: table[place + 1] };
  });
  const edges = ranges.flatMap((range) => [range.from, range.to]);
  const inside = edges.filter((edge) => edge > from && edge < to);
  const cuts = [...new Set([from, ...inside, to])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i];
    const reach = ranges.map((range) => range.from <= start && start < range.to);
    const firstShare = Math.max(0, reach.indexOf(true));
    return { from: start, to: end, firstShare, shares: reach.lastIndexOf(true) + 1 - firstShare };
  });
}

/** The coordinate of a sample along the first axis. */
function firstCoordinates(
  buffer: ArrayBufferLike,
  { source, table }: TrainingArena["at"],
  dimensions: number,
): (index: number) => number {
  const view = new DataView(buffer, source, SOURCE_BYTES);
  if (!view.getInt32(SOURCE_AXES, true)) {
    const points = new Float32Array(buffer, table);
    return (index) => points[index * dimensions];
  }
  const lengths = Array.from({ length: dimensions }, (_, axis) =>
    view.getUint32(SOURCE_LENGTHS + 4 * axis, true),
  );
  const stride = lengths.slice(1).reduce((product, length) => product * length, 1);
  const axis = new Float32Array(buffer, table, lengths[0]);
  return (index) => axis[Math.floor(index / stride)];
}
