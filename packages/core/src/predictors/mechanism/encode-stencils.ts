import type { Encoder, Geometry } from "@fieldzip/kernels";
import { type FloatArray, floatTypeOf } from "../../array/data-type.js";
import { activityMap, learnClassModel } from "../../entropy/class-model.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import { fitPlan } from "./fit.js";
import type { LatticeField } from "./lattice.js";
import type { Mask } from "./mask.js";
import { writeStencils } from "./side-information.js";

/** What a chunk's values are taken for. */
export interface FieldParts {
  readonly geometry: Geometry;
  readonly mask?: Mask;
  readonly lattices?: LatticeField;
  readonly copies?: boolean;
}

/** A chunk under one view of it; undefined where copies were wanted and there are none. */
export function encodeStencils(
  values: FloatArray,
  parts: FieldParts,
  kernels: Encoder,
): Section[] | undefined {
  const { geometry, mask, lattices, copies } = parts;
  const opened = openField(values, parts, kernels);
  if (!opened) return undefined;
  const { chunk, plan } = opened;
  chunk.predict(plan);
  const bits = chunk.packBits();
  const model = learnClassModel(chunk.count());
  const classes = chunk.encodeClasses(activityMap(model), model.contexts);
  const side = writeStencils(geometry, plan, model, floatTypeOf(values), {
    fill: mask?.pattern,
    lattices: lattices?.lattices,
    copies,
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

/** The field in the encoder, as it is predicted from, and its plan. */
function openField(
  values: FloatArray,
  { geometry, mask, lattices, copies }: FieldParts,
  kernels: Encoder,
) {
  const chunk = kernels.open(lattices?.field ?? values, geometry, {
    mask: mask?.bytes,
    lattices: lattices?.lattices,
    copies,
  });
  chunk.fillMasked();
  if (copies && chunk.findCopies() === 0) return undefined;
  return { chunk, plan: fitPlan(chunk, geometry, values instanceof Float32Array ? 24 : 53) };
}
