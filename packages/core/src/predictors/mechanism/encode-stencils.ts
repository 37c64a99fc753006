import type { Encoder, Geometry, JointPlan, Lattice, Law } from "@fieldzip/kernels";
import { type FloatArray, floatTypeOf } from "../../array/data-type.js";
import { activityMap, learnClassModel, rawBits } from "../../entropy/class-model.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import { digitsOf } from "./digits.js";
import { defaultSettings, type FitSettings, fitPlan } from "./fit.js";
import { findLattices } from "./lattice.js";
import type { Mask } from "./mask.js";
import { writeStencils } from "./side-information.js";

/** What a chunk's values are taken for. */
export interface FieldParts {
  readonly geometry: Geometry;
  readonly mask?: Mask;
  /** Whether lattices are to be looked for. */
  readonly lattices?: boolean;
  /** The one that all slices are known to be on. */
  readonly lattice?: Lattice;
  /** Whether copies are to be looked for. */
  readonly copies?: boolean;
}

/** Other fields beside which a variable of a joint chunk is coded. */
export interface Beside extends Pick<Encoder, "open"> {
  /** Whether a law says these values of the variable but for some last bits. */
  lawSuffices(values: FloatArray, geometry: Geometry): boolean;
  /** The plan of the variable opened last and the law that it uses; undefined where it is better coded by itself. */
  fit(
    geometry: Geometry,
    digits: number,
  ): { readonly plan: JointPlan; readonly law: Law } | undefined;
}

/** Numbers of contexts that an estimate tries. */
const ESTIMATED_CONTEXTS = [4];
/** And how it fits. */
const roughFit: FitSettings = {
  ...defaultSettings,
  samples: 1024,
  edgeSamples: 128,
  rounds: [0.5, 1],
};

/** A chunk under one view of it; a variable of a joint chunk beside others, where these help. */
export function encodeStencils(
  values: FloatArray,
  parts: FieldParts,
  kernels: Encoder,
  beside?: Beside,
): Section[] {
  const { geometry, mask } = parts;
  const { chunk, lattices, copied } = openField(values, parts, beside ?? kernels);
  const digits = digitsOf(values);
  const joint = beside?.fit(geometry, digits);
  const plan = joint?.plan ?? fitPlan(chunk, geometry, digits, settingsFor(defaultSettings, parts));
  chunk.predict(plan);
  const bits = chunk.packBits();
  const model = learnClassModel(chunk.count(), 8 * values.BYTES_PER_ELEMENT);
  const classes = chunk.encodeClasses(activityMap(model), model.contexts);
  const side = writeStencils(
    geometry,
    plan,
    model,
    floatTypeOf(values),
    {
      fill: mask?.pattern,
      lattices: lattices?.lattices,
      copies: copied > 0,
    },
    joint?.law,
  );
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

/** About the bits that `encodeStencils` would take on `times` as many values and slices. */
export function estimateStencils(
  values: FloatArray,
  parts: FieldParts,
  kernels: Encoder,
  times: { readonly values: number; readonly slices: number },
): number {
  const { chunk, lattices } = openField(values, parts, kernels);
  const digits = digitsOf(values);
  chunk.predict(fitPlan(chunk, parts.geometry, digits, settingsFor(roughFit, parts)));
  const counts = chunk.count();
  const largest = 8 * values.BYTES_PER_ELEMENT;
  const { bits, tableBits } = learnClassModel(counts, largest, ESTIMATED_CONTEXTS);
  const bytes =
    (lattices?.exceptions.length ?? 0) +
    (chunk.encodeMask()?.bytes.length ?? 0) +
    (chunk.encodeCopies()?.bytes.length ?? 0);
  let latticeBytes = 0;
  for (const lattice of lattices?.lattices ?? [])
    latticeBytes += lattice === undefined ? 1 : "step" in lattice ? 17 : 9;
  const coded = bits - tableBits + rawBits(counts, largest) + 8 * bytes;
  return times.values * coded + times.slices * 8 * latticeBytes + tableBits;
}

/** On a known lattice errors of less than half a step cost nothing. */
function settingsFor(settings: FitSettings, { lattice }: FieldParts): FitSettings {
  return lattice && "step" in lattice ? { ...settings, least: lattice.step / 2 } : settings;
}

/** The field in the encoder, as it is predicted from. */
function openField(
  values: FloatArray,
  { geometry, mask, lattices, lattice, copies }: FieldParts,
  kernels: Pick<Encoder, "open">,
) {
  const chunk = kernels.open(values, geometry, { pattern: mask?.pattern, copies });
  const found = lattices ? findLattices(chunk, values, mask, geometry, lattice) : undefined;
  chunk.fillMasked();
  return { chunk, lattices: found, copied: copies ? chunk.findCopies() : 0 };
}
