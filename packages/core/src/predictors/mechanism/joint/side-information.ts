import {
  FIRST_VARIABLE,
  type Geometry,
  type JointPlan,
  type JointStencil,
  kindsOf,
  type Law,
} from "@fieldzip/kernels";
import type { FloatType } from "../../../array/data-type.js";
import type { ClassModel } from "../../../entropy/class-model.js";
import { classModelBytes, readClassModel } from "../../../entropy/class-model-bytes.js";
import { ByteReader, ByteWriter } from "./bytes.js";

export const MODE_JOINT = 5;
export const MODE_JOINT_STENCIL = 6;

/** One variable of a joint chunk as its side information lists it, in decoding order. */
export interface JointEntry {
  readonly variable: number;
  readonly side: Uint8Array;
  /** Kinds and lengths of the parts of the stream's other sections that are its own. */
  readonly parts: readonly { readonly kind: number; readonly length: number }[];
}

export interface JointInformation {
  /** Blocks before the axis of the variables: steps. */
  readonly steps: number;
  readonly entries: readonly JointEntry[];
}

/** A variable's stencils over several fields. */
export interface JointStencils {
  readonly geometry: Geometry;
  readonly law: Law;
  readonly plan: JointPlan;
  readonly model: ClassModel;
  /** The bytes of a masked value. */
  readonly fill?: Uint8Array;
}

export function writeJoint({ steps, entries }: JointInformation): Uint8Array {
  const to = new ByteWriter();
  to.u8(MODE_JOINT);
  to.u32(steps);
  to.u8(entries.length);
  for (const { variable, side, parts } of entries) {
    to.u8(variable);
    to.u32(side.length);
    to.u8(parts.length);
    for (const { kind, length } of parts) {
      to.u8(kind);
      to.u32(length);
    }
    to.bytes(side);
  }
  return to.finish();
}

/** Reads side information whose checksum was verified; for people, as `readSideInformation` is. */
export function readJoint(bytes: Uint8Array): JointInformation {
  const from = new ByteReader(bytes, 1);
  const steps = from.u32();
  const entries = Array.from({ length: from.u8() }, (): JointEntry => {
    const variable = from.u8();
    const length = from.u32();
    const parts = Array.from({ length: from.u8() }, () => ({
      kind: from.u8(),
      length: from.u32(),
    }));
    return { variable, parts, side: from.bytes(length) };
  });
  return { steps, entries };
}

export function writeJointStencils(
  { geometry, law, plan, model, fill }: JointStencils,
  dataType: FloatType,
): Uint8Array {
  const to = new ByteWriter(dataType);
  to.u8(MODE_JOINT_STENCIL);
  to.u8(geometry.bands);
  for (const extent of [geometry.outer, geometry.depth, geometry.height, geometry.width]) {
    to.u32(extent);
  }
  to.u8(fill ? 1 : 0);
  if (fill) to.bytes(fill);
  to.u8(law.length);
  for (const { coefficient, factors } of law) {
    to.f64(coefficient);
    to.u8(factors.length);
    for (const factor of factors) to.u8(factor);
  }
  for (const kind of kindsOf(geometry)) {
    const { sources, left, weights } = plan[kind]!;
    to.u8(sources.length);
    for (const { field, dt, dz, dy } of sources) {
      to.u8(field);
      for (const offset of [dt, dz, dy]) to.u8(offset & 255);
    }
    for (const weight of [...left, ...weights]) to.float(weight);
  }
  to.bytes(classModelBytes(model));
  return to.finish();
}

export function readJointStencils(bytes: Uint8Array, dataType: FloatType): JointStencils {
  const from = new ByteReader(bytes, 1, dataType);
  const bands = from.u8() === 4 ? 4 : 1;
  const [outer, depth, height, width] = [from.u32(), from.u32(), from.u32(), from.u32()];
  const geometry: Geometry = { outer, depth, height, width, bands };
  const fill = from.u8() & 1 ? from.bytes(dataType === "float32" ? 4 : 8) : undefined;
  const law = Array.from({ length: from.u8() }, () => ({
    coefficient: from.f64(),
    factors: Array.from({ length: from.u8() }, () => from.u8()),
  }));
  const plan: (JointStencil | undefined)[] = new Array(8).fill(undefined);
  for (const kind of kindsOf(geometry)) {
    const sources = Array.from({ length: from.u8() }, () => ({
      field: from.u8(),
      dt: from.i8(),
      dz: from.i8(),
      dy: from.i8(),
    }));
    const left = [from.float(), from.float()] as const;
    plan[kind] = {
      sources,
      left,
      weights: sources.flatMap(() => [0, 1, 2].map(() => from.float())),
    };
  }
  return { geometry, law, plan, fill, model: readClassModel(bytes, from.at).model };
}

/** The variables that a stencil or its law uses. */
export function variablesOf({ law, plan }: JointStencils): number[] {
  const used = new Set(law.flatMap(({ factors }) => factors));
  for (const stencil of plan) {
    for (const { field } of stencil?.sources ?? []) {
      if (field >= FIRST_VARIABLE) used.add(field - FIRST_VARIABLE);
    }
  }
  return [...used].sort((a, b) => a - b);
}
