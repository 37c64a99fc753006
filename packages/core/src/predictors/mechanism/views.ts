import type { Encoder } from "@fieldzip/kernels";
import { type Box, countOf, extractBox } from "../../array/box.js";
import { type FloatArray, floatTypeOf } from "../../array/data-type.js";
import type { Section } from "../../stream/header.js";
import { mayRepeat } from "./copies.js";
import { encodeStencils } from "./encode-stencils.js";
import { geometryOf } from "./geometry.js";
import { findLattices, mayHaveLattices } from "./lattice.js";
import { findMask, type Mask } from "./mask.js";

/** Above this many values the views are compared on a part of the chunk, and only the best is taken. */
const TRIAL_VALUES = 2 ** 16;

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
}

/**
 * As plain floats, on lattices, with a mask, or with copies of earlier values: the smallest of what
 * the values allow.
 */
export function encodeViews(
  values: FloatArray,
  shape: readonly number[],
  kernels: Encoder,
): Section[] {
  const chunk: Chunk = { values, shape, mask: findMask(values) };
  const views = viewsOf(chunk);
  if (views.length > 1 && values.length > 4 * TRIAL_VALUES) {
    const box = middleOf(shape, TRIAL_VALUES);
    const middle = extractBox(floatTypeOf(values), values, shape, box) as FloatArray;
    const part: Chunk = { values: middle, shape: box.shape, mask: findMask(middle) };
    const inPart = viewsOf(part);
    // A part that allows other views than the whole (no land in it, say) decides nothing.
    if (views.every((view) => inPart.some((other) => sameView(view, other)))) {
      const chosen = smallest(part, views, kernels).view;
      const sections = encodeView(chunk, chosen, kernels);
      if (sections) return sections;
    }
  }
  return smallest(chunk, views, kernels).sections;
}

function smallest(
  chunk: Chunk,
  views: readonly View[],
  kernels: Encoder,
): { view: View; sections: Section[] } {
  // There is always one without copies, and so one that can be coded.
  return views
    .flatMap((view) => {
      const sections = encodeView(chunk, view, kernels);
      return sections ? [{ view, sections }] : [];
    })
    .reduce((best, next) => (sizeOf(next.sections) < sizeOf(best.sections) ? next : best));
}

/** The views that the values allow, by quick looks. */
function viewsOf({ values, shape, mask }: Chunk): View[] {
  const views: View[] = [];
  const geometry = geometryOf(shape);
  // Values beside fill values of quite another size need the mask for certain.
  if (!mask || mask.ordinary) {
    views.push({ mask: false, lattices: false, copies: false });
    if (mayHaveLattices(values, undefined, geometry)) {
      views.push({ mask: false, lattices: true, copies: false });
    }
  }
  if (mask) views.push({ mask: true, lattices: true, copies: false });
  if (mayRepeat(values, mask?.bytes)) {
    views.push({ mask: mask !== undefined, lattices: false, copies: true });
  }
  return views;
}

function sameView(a: View, b: View): boolean {
  return a.mask === b.mask && a.lattices === b.lattices && a.copies === b.copies;
}

/** A box from the middle of at most `limit` values, cut along the slowest axes first. */
function middleOf(shape: readonly number[], limit: number): Box {
  const extent = [...shape];
  for (let axis = 0; axis < extent.length && countOf(extent) > limit; axis++) {
    const rest = countOf(extent) / extent[axis];
    extent[axis] = Math.max(1, Math.min(extent[axis], Math.max(4, Math.floor(limit / rest))));
  }
  return {
    start: shape.map((size, axis) => Math.floor((size - extent[axis]) / 2)),
    shape: extent,
  };
}

/** Encodes a chunk under one view of it; undefined for copies where there are hardly any. */
function encodeView(
  { values, shape, mask }: Chunk,
  view: View,
  kernels: Encoder,
): Section[] | undefined {
  const geometry = geometryOf(shape, !view.copies);
  const used = view.mask ? mask : undefined;
  const lattices = view.lattices ? findLattices(values, used?.bytes, geometry) : undefined;
  return encodeStencils(values, { geometry, mask: used, lattices, copies: view.copies }, kernels);
}

function sizeOf(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + 12 + section.bytes.length, 0);
}
