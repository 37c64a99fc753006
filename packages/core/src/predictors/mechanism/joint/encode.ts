import {
  type Encoder,
  FIRST_VARIABLE,
  type JointChunk,
  type JointEncoder,
  LAW_FIELD,
  type Lattice,
  type Law,
} from "@fieldzip/kernels";
import { countOf } from "../../../array/box.js";
import { bytesOf, type FloatArray, floatTypeOf } from "../../../array/data-type.js";
import { type Section, sectionKinds } from "../../../stream/header.js";
import { digitsOf } from "../digits.js";
import type { Beside } from "../encode-stencils.js";
import { geometryOf } from "../geometry.js";
import { fitJoint, lawSuffices } from "./fit.js";
import { findRelations, type Relation, unrelated } from "./order.js";
import { type JointEntry, writeJoint } from "./side-information.js";

/** Bits a value that other fields must save to be used. */
const LEAST_GAIN = 0.02;
/** Numbers of fields are bytes. */
const MOST_VARIABLES = 250;

/** How variables are coded, and what is known of them. */
export interface JointCoders {
  /** `beside` others where that is better than by itself. */
  readonly encodeOne: (
    values: FloatArray,
    shape: readonly number[],
    kernels: Encoder,
    beside: Beside,
    lattice?: Lattice,
  ) => Section[];
  /** Slower and perhaps smaller; `fields` are numbers of fields that help. */
  readonly encodeSlowly?: (
    values: FloatArray,
    shape: readonly number[],
    room: JointEncoder,
    fields: readonly number[],
    lattice?: Lattice,
  ) => Section[] | undefined;
  /** By variable, the lattice that its values are known to lie on. */
  readonly lattices?: readonly (Lattice | undefined)[];
  /** What variables say of each other, if it is not to be found in the chunk itself. */
  readonly relations?: readonly Relation[];
}

/** With fewer bits a value than these a law says nearly all, and nothing else can. */
const NEARLY_ALL = 4;

/**
 * A chunk of several variables, each coded by itself or from those decoded before it; undefined where there is
 * but one variable, or nothing.
 */
export function encodeJoint(
  values: FloatArray,
  shape: readonly number[],
  variableAxis: number,
  kernels: Encoder,
  { encodeOne, encodeSlowly, lattices, relations: known }: JointCoders,
): Section[] | undefined {
  const variables = shape[variableAxis];
  if (variables < 2 || variables > MOST_VARIABLES || values.length === 0) return undefined;
  const steps = countOf(shape.slice(0, variableAxis));
  const fields = split(values, steps, variables);
  const each = shape.toSpliced(variableAxis, 1);
  const relations =
    known ?? findRelations(fields, geometryOf(each), kernels) ?? unrelated(variables);
  const room = kernels.openJoint(variables, fields[0].length, floatTypeOf(values));
  const entries: JointEntry[] = [];
  const payloads = new Map<number, Section[]>();
  for (const relation of relations) {
    const { variable } = relation;
    const field = fields[variable];
    const related = besideOthers(room, relation);
    let sections = encodeOne(field, each, room.encoder, related, lattices?.[variable]);
    related.keep(variable, field);
    const size = sizeOf(sections);
    const slow =
      8 * size < NEARLY_ALL * field.length
        ? undefined
        : encodeSlowly?.(
            field,
            each,
            room,
            relation.helpers.map((helper) => FIRST_VARIABLE + helper),
            lattices?.[variable],
          );
    if (slow && sizeOf(slow) < size) {
      sections = slow;
      room.setField(variable, field);
    }
    const [side, ...rest] = sections;
    entries.push({
      variable,
      side: side.bytes,
      parts: rest.map(({ kind, bytes }) => ({ kind, length: bytes.length })),
    });
    for (const section of rest) {
      payloads.set(section.kind, [...(payloads.get(section.kind) ?? []), section]);
    }
  }
  return [
    { kind: sectionKinds.sideInformation, bytes: writeJoint({ steps, entries }) },
    ...[...payloads].map(([kind, parts]) => {
      const bytes = joinBytes(parts);
      return { kind, bytes, checksum: kernels.checksum(bytes) };
    }),
  ];
}

/** A variable beside those that it is expected to be predicted from. */
function besideOthers(room: JointEncoder, { law, helpers, sources }: Relation) {
  const fields = helpers.map((helper) => FIRST_VARIABLE + helper);
  if (law) fields.unshift(LAW_FIELD);
  let chunk: JointChunk | undefined;
  const beside: Beside & { keep(variable: number, field: FloatArray): void } = {
    open(values, geometry, mapping) {
      chunk = room.open(values, geometry, mapping);
      return chunk;
    },
    lawSuffices(values, geometry) {
      if (!law) return false;
      chunk = room.open(values, geometry);
      room.setLaw(law);
      return lawSuffices(chunk, geometry, digitsOf(values));
    },
    fit(geometry, digits) {
      if (fields.length === 0) return undefined;
      if (law) room.setLaw(law);
      const { plan, gain } = fitJoint(chunk!, fields, geometry, digits, sources);
      if (gain < LEAST_GAIN) return undefined;
      const lawful = plan.some((stencil) =>
        stencil?.sources.some(({ field }) => field === LAW_FIELD),
      );
      const used: Law = lawful ? law! : [];
      return { plan, law: used };
    },
    /** Makes the variable known to those that come. */
    keep(variable, field) {
      if (chunk) chunk.keep(variable);
      else room.setField(variable, field);
    },
  };
  return beside;
}

/** One array a variable; a view where the variables lie one after another. */
function split(values: FloatArray, steps: number, variables: number): FloatArray[] {
  const each = values.length / variables;
  const part = each / steps;
  return Array.from({ length: variables }, (_, variable) => {
    if (steps === 1) return values.subarray(variable * each, (variable + 1) * each);
    const field = values.slice(0, each);
    const size = part * values.BYTES_PER_ELEMENT;
    for (let step = 0; step < steps; step++) {
      const from = (step * variables + variable) * part;
      bytesOf(field).set(bytesOf(values.subarray(from, from + part)), step * size);
    }
    return field;
  });
}

function sizeOf(sections: readonly Section[]): number {
  return sections.reduce((sum, { bytes }) => sum + bytes.length, 0);
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
