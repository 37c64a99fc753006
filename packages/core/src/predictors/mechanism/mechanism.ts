import { type Encoder, type Geometry, kindsOf } from "@fieldzip/kernels";
import { type Box, countOf, extractBox } from "../../array/box.js";
import { bytesOf, type FloatArray, type FloatType } from "../../array/data-type.js";
import { activityMap, learnClassModel } from "../../entropy/class-model.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import type { Predictor } from "../predictor.js";
import { findCopies, mayRepeat } from "./copies.js";
import { equationOf } from "./equation.js";
import { fitPlan } from "./fit.js";
import { geometryOf } from "./geometry.js";
import { findLattices, type LatticeField, mayHaveLattices } from "./lattice.js";
import { fillMasked, findMask, type Mask } from "./mask.js";
import {
  type MappingInformation,
  readSideInformation,
  writeConstant,
  writeStencils,
} from "./side-information.js";

/**
 * The marching mechanism: every value is predicted by a linear difference operator, learned from the
 * chunk, over values that come before it; what it missed is coded as the difference of ordered
 * integers. After MeLLoC (NeurIPS 2024), in closed loop: no source term, no boundary data, no solver.
 */
export const mechanism: Predictor = {
  name: "mechanism",
  number: 1,
  automatic: true,
  encode(values, shape, kernels) {
    if (values.length === 0) return undefined;
    return encodeConstant(values) ?? encodeStencils(values, shape, kernels);
  },
  describe(stream, header) {
    const section = header.sections.find((entry) => entry.kind === sectionKinds.sideInformation);
    if (!section) return { mode: "unknown" };
    const bytes = stream.subarray(section.offset, section.offset + section.length);
    const side = readSideInformation(bytes, header.dataType);
    if (side.mode === "constant") return { mode: "constant" };
    const main = side.plan[Math.max(...kindsOf(side.geometry))]!;
    return {
      mode: "stencil",
      equation: equationOf(main, side.geometry),
      details: {
        neighbours: 2 + main.weights.length,
        contexts: side.model.contexts.length,
        stencils: kindsOf(side.geometry).length,
        ...describeMapping(side.mapping),
      },
    };
  },
};

/** The mask's value and the first slice's lattice, for people. */
function describeMapping({ fill, lattices, copies }: MappingInformation): Record<string, string> {
  const facts: Record<string, string> = {};
  if (fill) {
    const view = new DataView(fill.buffer, fill.byteOffset, fill.length);
    facts.masked = String(fill.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true));
  }
  const first = lattices?.find((lattice) => lattice !== undefined);
  if (first) {
    facts.lattice =
      "step" in first ? `${first.offset} + k * ${first.step}` : `k / ${first.divisor}`;
  }
  if (copies) facts.copies = "of earlier values";
  return facts;
}

/** All values with the same bits. */
function encodeConstant(values: FloatArray): Section[] | undefined {
  const bytes = bytesOf(values);
  const words =
    bytes.byteOffset % 4 === 0
      ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      : undefined;
  const size = values.BYTES_PER_ELEMENT;
  if (words) {
    const step = size / 4;
    for (let i = step; i < words.length; i++) if (words[i] !== words[i - step]) return undefined;
  } else {
    for (let i = size; i < bytes.length; i++) if (bytes[i] !== bytes[i - size]) return undefined;
  }
  return [{ kind: sectionKinds.sideInformation, bytes: writeConstant(bytes.slice(0, size)) }];
}

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
function encodeStencils(values: FloatArray, shape: readonly number[], kernels: Encoder): Section[] {
  const chunk: Chunk = { values, shape, mask: findMask(values) };
  const views = viewsOf(chunk);
  if (views.length > 1 && values.length > 4 * TRIAL_VALUES) {
    const box = middleOf(shape, TRIAL_VALUES);
    const middle = extractBox(dataTypeOf(values), values, shape, box) as FloatArray;
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
  return encodeField(values, { geometry, mask: used, lattices, copies: view.copies }, kernels);
}

/** What a chunk's values are taken for. */
interface FieldParts {
  readonly geometry: Geometry;
  readonly mask?: Mask;
  readonly lattices?: LatticeField;
  readonly copies?: boolean;
}

function encodeField(
  values: FloatArray,
  { geometry, mask, lattices, copies }: FieldParts,
  kernels: Encoder,
): Section[] | undefined {
  const snapped = lattices?.field ?? values;
  const field = mask ? fillMasked(snapped, mask, geometry) : snapped;
  const { height, width } = geometry;
  const copied = copies ? findCopies(field, mask?.bytes, [1, 2, width, height * width]) : undefined;
  if (copies && !copied) return undefined;
  const kinds = copied?.mask ?? mask?.bytes;
  const plan = fitPlan(field, geometry, kernels, kinds);
  const chunk = kernels.open(field, geometry, {
    mask: kinds,
    lattices: lattices?.lattices,
    distances: copied?.distances,
  });
  chunk.predict(plan);
  const bits = chunk.packBits();
  const model = learnClassModel(chunk.count());
  const classes = chunk.encodeClasses(activityMap(model), model.contexts);
  const side = writeStencils(geometry, plan, model, dataTypeOf(values), {
    fill: mask?.pattern,
    lattices: lattices?.lattices,
    copies: copied !== undefined,
  });
  const { sideInformation, residualClasses, residualBits, exceptions } = sectionKinds;
  const sections: Section[] = [
    { kind: sideInformation, bytes: side },
    { kind: residualClasses, ...classes },
    { kind: residualBits, ...bits },
  ];
  if (lattices && lattices.exceptions.length > 0) {
    sections.push({ kind: exceptions, bytes: lattices.exceptions });
  }
  const maskCode = chunk.encodeMask();
  if (maskCode) sections.push({ kind: sectionKinds.mask, ...maskCode });
  const copiesCode = chunk.encodeCopies();
  if (copiesCode) sections.push({ kind: sectionKinds.copies, ...copiesCode });
  return sections;
}

function dataTypeOf(values: FloatArray): FloatType {
  return values instanceof Float32Array ? "float32" : "float64";
}

function sizeOf(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + 12 + section.bytes.length, 0);
}
