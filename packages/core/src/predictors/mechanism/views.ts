import type { Encoder, Lattice } from "@fieldzip/kernels";
import { type Box, countOf, extractBox } from "../../array/box.js";
import { type FloatArray, floatTypeOf } from "../../array/data-type.js";
import type { Section } from "../../stream/header.js";
import { type Beside, encodeStencils, estimateStencils } from "./encode-stencils.js";
import { geometryOf } from "./geometry.js";
import { mayHaveLattices } from "./lattice.js";
import { glanceAt, type Mask, shareOf } from "./mask.js";

/** Values of the part of a chunk on which its views are compared: a share of them, and the least and the most. */
const PART = { share: 1 / 8, least: 2 ** 13, most: 2 ** 16 };
/** Parts that are looked at to find one in which about as much is masked as in the whole. */
const PLACES = [1 / 2, 1 / 4, 3 / 4, 1 / 8, 7 / 8];
/** Values that are looked at to see whether any repeat at all. */
const WINDOW = 2 ** 12;
/** From this share of values on that were there before in a sample a larger part is looked at. */
const LEAST_AGAIN = 0.02;
/** Share of the values of a part, those that are masked left out, that must be copies for copies to be tried. */
const LEAST_COPIED = 0.02;
/** Share of the bits that copies must save: they take time. */
const LEAST_GAIN = 0.03;
/** Below this many bits a value a chunk of up to so many values is looked at as a whole, a larger one in places. */
const FEW_BITS = 0.5;
const WHOLE = 2 ** 18;
const SPREAD = [0, 1 / 2, 1];

/** One way to take the values of a chunk. */
interface View {
  readonly mask: boolean;
  readonly lattices: boolean;
  readonly copies: boolean;
}

/** A chunk, or the part of one on which its views are compared. */
interface Chunk {
  readonly values: FloatArray;
  readonly shape: readonly number[];
  readonly mask: Mask | undefined;
  /** Share of the values that were there before in a sample. */
  readonly again: number;
  /** The lattice that values are known to lie on. */
  readonly lattice?: Lattice;
}

/**
 * As plain floats, on lattices, with a mask, or with copies of earlier values: what takes the fewest bits
 * on a part of the chunk. A variable of a joint chunk is then coded `beside` others. `lattice` is the one that values are
 * known to lie on.
 */
export function encodeViews(
  values: FloatArray,
  shape: readonly number[],
  kernels: Encoder,
  beside?: Beside,
  lattice?: Lattice,
): Section[] {
  const chunk: Chunk = { values, shape, lattice, ...glanceAt(values) };
  const limit = Math.min(PART.most, Math.max(PART.least, values.length * PART.share));
  let choice = chooseView(chunk, [partOf(chunk, limit)], kernels);
  // Where nearly nothing is left to code, what one part takes says little about the whole.
  if (choice.bitsPerValue < FEW_BITS) {
    const parts =
      values.length <= WHOLE ? [chunk] : SPREAD.map((place) => partAt(chunk, limit, place));
    choice = chooseView(chunk, parts, kernels);
  }
  return encodeStencils(values, partsOf(chunk, choice.view), kernels, beside);
}

/** The best view on some parts, and what it takes there; infinitely much where there was nothing to choose. */
function chooseView(
  chunk: Chunk,
  parts: readonly Chunk[],
  kernels: Encoder,
): { view: View; bitsPerValue: number } {
  const { values, mask } = chunk;
  const slices = (shape: readonly number[]) => {
    const { outer, depth } = geometryOf(shape);
    return outer * depth;
  };
  const looked = parts.reduce((sum, part) => sum + part.values.length, 0);
  const lookedSlices = parts.reduce((sum, part) => sum + slices(part.shape), 0);
  const times = {
    values: values.length / looked,
    slices: slices(chunk.shape) / lookedSlices,
  };
  const known = chunk.lattice !== undefined;
  let view: View = { mask: mask !== undefined, lattices: known, copies: false };
  let best: number | undefined;
  const bitsOf = (candidate: View) =>
    parts.reduce(
      (sum, part) => sum + estimateStencils(part.values, partsOf(part, candidate), kernels, times),
      0,
    );
  const tryView = (candidate: View, leastGain: number) => {
    best ??= bitsOf(view);
    const bits = bitsOf(candidate);
    if (bits < best * (1 - leastGain)) {
      view = candidate;
      best = bits;
    }
  };
  if (!known && mayHaveLattices(values, mask, geometryOf(chunk.shape))) {
    tryView({ ...view, lattices: true }, 0);
  }
  // Values beside fill values of quite another size need the mask for certain.
  if (mask?.ordinary) tryView({ ...view, mask: false }, 0);
  if (parts.some((part) => mayRepeat(part, kernels))) {
    tryView({ ...view, copies: true }, LEAST_GAIN);
  }
  return { view, bitsPerValue: (best ?? Number.POSITIVE_INFINITY) / values.length };
}

/** Whether some values of a part are copies of others; of a small one, unless values are known to repeat. */
function mayRepeat(part: Chunk, kernels: Encoder): boolean {
  const { values, shape, mask } = part.again > LEAST_AGAIN ? part : partOf(part, WINDOW);
  if (values.length < 64) return false;
  const opened = kernels.open(values, geometryOf(shape, false), {
    pattern: mask?.pattern,
    copies: true,
  });
  opened.fillMasked();
  const free = values.length * (1 - (mask?.share ?? 0));
  return opened.findCopies() > free * LEAST_COPIED;
}

function partsOf({ shape, mask, lattice }: Chunk, view: View) {
  return {
    geometry: geometryOf(shape, !view.copies),
    mask: view.mask ? mask : undefined,
    lattices: view.lattices,
    lattice,
    copies: view.copies,
  };
}

/** The part of a chunk on which its views are compared: as much of it is masked as of the whole, about. */
function partOf(chunk: Chunk, limit: number): Chunk {
  const { values, mask } = chunk;
  if (values.length <= limit) return chunk;
  let best: Chunk | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const place of mask ? PLACES : [1 / 2]) {
    const part = partAt(chunk, limit, place);
    const distance = mask ? Math.abs(shareOf(part.values, mask) - mask.share) : 0;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = part;
    }
    if (!mask || distance < 0.25 * Math.min(mask.share, 1 - mask.share)) break;
  }
  return best!;
}

/** The part of a chunk at a place between 0 and 1 on its slowest axes. */
function partAt(chunk: Chunk, limit: number, place: number): Chunk {
  const { values, shape } = chunk;
  const box = boxAt(shape, limit, place);
  const part = extractBox(floatTypeOf(values), values, shape, box) as FloatArray;
  return { ...chunk, values: part, shape: box.shape };
}

/** A box of at most `limit` values, cut along the slowest axes first, at a place between 0 and 1 on them. */
function boxAt(shape: readonly number[], limit: number, place: number): Box {
  const extent = [...shape];
  for (let axis = 0; axis < extent.length && countOf(extent) > limit; axis++) {
    const rest = countOf(extent) / extent[axis];
    extent[axis] = Math.max(1, Math.min(extent[axis], Math.max(4, Math.floor(limit / rest))));
  }
  return {
    start: shape.map((size, axis) => Math.floor((size - extent[axis]) * place)),
    shape: extent,
  };
}
