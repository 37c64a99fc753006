/**
 * Which chunks places lie in, axis by axis. Inside a chunk its own network knows; between the last value
 * of one chunk and the first of the next, values run straight from one to the other. So they are
 * continuous, and nothing is asked of a network that it was not trained on.
 */
import { clampPosition } from "./places.js";

/** The share that a chunk has in places along one axis. */
export interface AxisPart {
  /** Of the chunk along the axis. */
  readonly chunk: number;
  /** Number of every place in the list of positions. */
  readonly places: number[];
  /** Where it lies in the chunk, in index positions. */
  readonly local: number[];
  /** Factor of the chunk's value there, and what this is as a derivative along the axis. */
  readonly weights: number[];
  readonly slopes: number[];
  /** 1 inside the chunk, where its own derivative along the axis counts; 0 between chunks. */
  readonly inside: number[];
}

/** Shares of one position: one chunk, or two. */
export function* partsAt(position: number, length: number, chunk: number) {
  const place = clampPosition(position, length);
  const low = Math.floor(place);
  const first = Math.floor(low / chunk);
  const rest = place - low;
  if (rest === 0 || first === Math.floor((low + 1) / chunk)) {
    yield { chunk: first, local: place - first * chunk, weight: 1, slope: 0, inside: 1 };
    return;
  }
  yield { chunk: first, local: low - first * chunk, weight: 1 - rest, slope: -1, inside: 0 };
  yield { chunk: first + 1, local: 0, weight: rest, slope: 1, inside: 0 };
}

/** The positions of an axis by chunk, in the order of the chunks. */
export function axisParts(positions: Float64Array, length: number, chunk: number): AxisPart[] {
  const parts = new Map<number, AxisPart>();
  positions.forEach((position, place) => {
    for (const one of partsAt(position, length, chunk)) {
      let part = parts.get(one.chunk);
      if (!part) {
        const { chunk } = one;
        part = { chunk, places: [], local: [], weights: [], slopes: [], inside: [] };
        parts.set(one.chunk, part);
      }
      part.places.push(place);
      part.local.push(one.local);
      part.weights.push(one.weight);
      part.slopes.push(one.slope);
      part.inside.push(one.inside);
    }
  });
  return [...parts.values()].sort((a, b) => a.chunk - b.chunk);
}
