import {
  type Encoder,
  FIRST_VARIABLE,
  type Geometry,
  type JointChunk,
  LAW_FIELD,
} from "@fieldzip/kernels";
import { countOf } from "../../../array/box.js";
import { bytesOf, type FloatArray, floatTypeOf } from "../../../array/data-type.js";
import { activityMap, learnClassModel } from "../../../entropy/class-model.js";
import { type Section, sectionKinds } from "../../../stream/header.js";
import { mayRepeat } from "../copies.js";
import { geometryOf } from "../geometry.js";
import { mayHaveLattices } from "../lattice.js";
import { fillMasked, findMask, type Mask } from "../mask.js";
import { readSideInformation } from "../side-information.js";
import { fitJoint, type JointFit } from "./fit.js";
import { findRelations, type Relation } from "./order.js";
import { type JointEntry, writeJoint, writeJointStencils } from "./side-information.js";

/** Bits a value that other fields must save to be used. */
const LEAST_GAIN = 0.02;
/** Numbers of fields are bytes. */
const MOST_VARIABLES = 250;

/** How one variable of a joint chunk is coded by itself. */
export type EncodeAlone = (
  values: FloatArray,
  shape: readonly number[],
  kernels: Encoder,
) => Section[];

/**
 * A chunk of several variables, each coded by itself or from those decoded before it; undefined where there is
 * but one variable, or nothing.
 */
export function encodeJoint(
  values: FloatArray,
  shape: readonly number[],
  variableAxis: number,
  kernels: Encoder,
  encodeAlone: EncodeAlone,
): Section[] | undefined {
  const variables = shape[variableAxis];
  if (variables < 2 || variables > MOST_VARIABLES || values.length === 0) return undefined;
  const steps = countOf(shape.slice(0, variableAxis));
  const fields = split(values, steps, variables);
  const each = shape.toSpliced(variableAxis, 1);
  const geometry = geometryOf(each);
  const relations =
    findRelations(fields, geometry, kernels) ??
    fields.map((_, variable): Relation => ({ variable, helpers: [], gain: 0 }));
  const room = kernels.openJoint(variables, fields[0].length, floatTypeOf(values));
  const entries: JointEntry[] = [];
  const payloads = new Map<number, Section[]>();
  for (const relation of relations) {
    const { variable } = relation;
    const field = fields[variable];
    const joint = fitRelation(relation, field, geometry);
    const chosen = smaller(
      joint?.sections,
      joint && isPlain(field, geometry) ? undefined : encodeAlone(field, each, room.encoder),
    );
    const [side, ...rest] = chosen;
    entries.push({
      variable,
      side: side.bytes,
      parts: rest.map(({ kind, bytes }) => ({ kind, length: bytes.length })),
    });
    for (const section of rest) {
      payloads.set(section.kind, [...(payloads.get(section.kind) ?? []), section]);
    }
    room.setField(variable, fieldAsSeen(field, side.bytes));
  }
  return [
    { kind: sectionKinds.sideInformation, bytes: writeJoint({ steps, entries }) },
    ...[...payloads].map(([kind, parts]) => ({ kind, bytes: joinBytes(parts) })),
  ];

  function fitRelation(
    { law, helpers }: Relation,
    field: FloatArray,
    geometry: Geometry,
  ): { sections: Section[] } | undefined {
    if (!law && helpers.length === 0) return undefined;
    if (law) room.setLaw(law);
    const numbers = [
      ...(law ? [LAW_FIELD] : []),
      ...helpers.map((helper) => FIRST_VARIABLE + helper),
    ];
    const chunk = room.open(field, geometry);
    const fit = fitJoint(chunk, numbers, geometry, field instanceof Float32Array ? 24 : 53);
    if (fit.gain < LEAST_GAIN) return undefined;
    return { sections: encodeFitted(chunk, field, geometry, fit, law ?? []) };
  }

  function encodeFitted(
    chunk: JointChunk,
    field: FloatArray,
    geometry: Geometry,
    { plan }: JointFit,
    law: NonNullable<Relation["law"]>,
  ): Section[] {
    chunk.predict(plan);
    const bits = chunk.packBits();
    const model = learnClassModel(chunk.count());
    const classes = chunk.encodeClasses(activityMap(model), model.contexts);
    const used = Object.values(plan).some((stencil) =>
      stencil?.sources.some(({ field }) => field === LAW_FIELD),
    );
    const side = writeJointStencils(
      { geometry, law: used ? law : [], plan, model },
      floatTypeOf(field),
    );
    return [
      { kind: sectionKinds.sideInformation, bytes: side },
      { kind: sectionKinds.residualClasses, ...classes },
      { kind: sectionKinds.residualBits, ...bits },
    ];
  }
}

/** Whether values are plain floats for certain, which stencils alone can code. */
function isPlain(field: FloatArray, geometry: Geometry): boolean {
  return (
    !findMask(field) && !mayRepeat(field, undefined) && !mayHaveLattices(field, undefined, geometry)
  );
}

/** One of them is there. */
function smaller(a: Section[] | undefined, b: Section[] | undefined): Section[] {
  if (!a || !b) return (a ?? b)!;
  return sizeOf(b) < sizeOf(a) ? b : a;
}

function sizeOf(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + section.bytes.length, 0);
}

/** One array a variable; a view where the variables lie one after another. */
function split(values: FloatArray, steps: number, variables: number): FloatArray[] {
  const each = values.length / variables;
  const part = each / steps;
  return Array.from({ length: variables }, (_, variable) => {
    if (steps === 1) return values.subarray(variable * each, (variable + 1) * each);
    const field = values.slice(0, each);
    for (let step = 0; step < steps; step++) {
      const from = (step * variables + variable) * part;
      bytesOf(field).set(
        bytesOf(values.subarray(from, from + part)),
        bytesOf(values.subarray(0, step * part)).length,
      );
    }
    return field;
  });
}

/** The values as variables decoded later see them: masked ones replaced by those at their left. */
function fieldAsSeen(field: FloatArray, side: Uint8Array): FloatArray {
  if (side[0] !== 2) return field;
  const information = readSideInformation(side, floatTypeOf(field));
  if (information.mode !== "stencil" || !information.mapping.fill) return field;
  return fillMasked(field, findMask(field) as Mask, information.geometry);
}

function joinBytes(parts: readonly Section[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return bytes;
}
