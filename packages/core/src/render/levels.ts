import { countOf } from "../array/box.js";
import type { NetworkSampler, Triple } from "./parts.js";

/** How finely a field is read, and by what. */
export interface Level {
  /** Every how-manyth value along z, y, x. */
  readonly every: Triple;
  /** Stored chunks, or networks at these very places. */
  readonly by: "chunks" | "networks";
}

export interface LevelLimits {
  /** Values of a field, at most. */
  readonly fieldValues: number;
  /** The same of one that networks compute, which takes longer than decoding. */
  readonly networkValues: number;
}

/** Values of a first look: computed in some hundredths of a second. */
const firstValues = 2 ** 15;
/** A field so many times as large has a first look before it. */
const worthALook = 8;

/**
 * The looks at a field, coarse to fine; the last is what is wanted. Networks are asked for no more places than are seen
 * (`seen` along the longest axis), and so is what is compared with them, by chunks. Other fields come whole, as far as they
 * are kept.
 */
export function levelsOf(
  sizes: readonly number[],
  own: ReturnType<NetworkSampler["kind"]>,
  isBesideNetworks: boolean,
  seen: number,
  { fieldValues, networkValues }: LevelLimits,
): Level[] {
  const last: Level =
    own === "alone" || isBesideNetworks
      ? { every: everyFor(sizes, networkValues, seen), by: own === "alone" ? "networks" : "chunks" }
      : { every: strideFor(sizes, fieldValues), by: "chunks" };
  if (own === undefined) return [last];
  const first = everyFor(sizes, firstValues, seen);
  const isCheap =
    own === "alone" && valuesOf(sizes, last.every) < worthALook * valuesOf(sizes, first);
  return isCheap ? [last] : [{ every: first, by: "networks" }, last];
}

/** The least equal steps along the axes under which a field has at most `most` values. */
export function strideFor(sizes: readonly number[], most: number): Triple {
  for (let every = 1; ; every++) {
    const steps = stepsOf(sizes, every);
    if (valuesOf(sizes, steps) <= most) return steps;
  }
}

/** The largest power of two as step that leaves as many places as are seen, or a larger one for `most` values. */
function everyFor(sizes: readonly number[], most: number, seen: number): Triple {
  const longest = Math.max(...sizes);
  let every = 1;
  while (longest / (2 * every) >= seen) every *= 2;
  while (valuesOf(sizes, stepsOf(sizes, every)) > most) every *= 2;
  return stepsOf(sizes, every);
}

function stepsOf(sizes: readonly number[], every: number): Triple {
  return sizes.map((size) => Math.min(every, size)) as Triple;
}

function valuesOf(sizes: readonly number[], every: readonly number[]): number {
  return countOf(sizes.map((size, axis) => Math.ceil(size / every[axis])));
}
