import type { Encoder, Geometry } from "@fieldzip/kernels";
import { type FloatArray, floatTypeOf } from "../../array/data-type.js";
import { activityMap, learnClassModel } from "../../entropy/class-model.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import { findCopies } from "./copies.js";
import { fitPlan } from "./fit.js";
import type { LatticeField } from "./lattice.js";
import { fillMasked, type Mask } from "./mask.js";
import { writeStencils } from "./side-information.js";

/** What a chunk's values are taken for. */
export interface FieldParts {
  readonly geometry: Geometry;
  readonly mask?: Mask;
  readonly lattices?: LatticeField;
  readonly copies?: boolean;
}

/** A chunk under one view of it; undefined where copies were wanted and there are hardly any. */
export function encodeStencils(
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
  const side = writeStencils(geometry, plan, model, floatTypeOf(values), {
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
