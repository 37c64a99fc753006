import { type Encoder, type Geometry, kindsOf } from "@fieldzip/kernels";
import { bytesOf, type FloatArray, type FloatType } from "../../array/data-type.js";
import { activityMap, learnClassModel } from "../../entropy/class-model.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import type { Predictor } from "../predictor.js";
import { findCopies } from "./copies.js";
import { equationOf } from "./equation.js";
import { fitPlan } from "./fit.js";
import { geometryOf } from "./geometry.js";
import { findLattices, type LatticeField } from "./lattice.js";
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

/**
 * As plain floats, on lattices, with a mask, or with copies of earlier values: the smallest of what
 * the values allow.
 */
function encodeStencils(values: FloatArray, shape: readonly number[], kernels: Encoder): Section[] {
  const mask = findMask(values);
  const encode = (field: FieldParts) => encodeField(values, field, kernels);
  const geometry = geometryOf(shape);
  const unbanded = geometryOf(shape, false);
  const candidates: (Section[] | undefined)[] = [];
  // Values beside fill values of quite another size need the mask for certain.
  if (!mask || isOrdinary(mask)) {
    const lattices = findLattices(values, undefined, geometry);
    candidates.push(encode({ geometry }));
    if (lattices) candidates.push(encode({ geometry, lattices }));
  }
  if (mask) {
    const lattices = findLattices(values, mask.bytes, geometry);
    candidates.push(encode({ geometry, mask, lattices }));
  }
  candidates.push(encode({ geometry: unbanded, mask, copies: true }));
  return candidates
    .filter((sections) => sections !== undefined)
    .reduce((best, next) => (sizeOf(next) < sizeOf(best) ? next : best));
}

/** Whether a masked value might be a value as well: finite, and not as large as fill values are. */
function isOrdinary({ pattern }: Mask): boolean {
  const view = new DataView(pattern.buffer, pattern.byteOffset, pattern.length);
  const value = pattern.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  return Math.abs(value) < 1e15;
}

/** What a chunk's values are taken for. */
interface FieldParts {
  readonly geometry: Geometry;
  readonly mask?: Mask;
  readonly lattices?: LatticeField;
  readonly copies?: boolean;
}

/** Encodes a chunk under one view of its values; undefined where copies were asked for and there are none. */
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
