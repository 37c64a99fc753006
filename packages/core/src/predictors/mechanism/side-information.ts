import {
  type Geometry,
  type JointPlan,
  type JointSource,
  type JointStencil,
  kindsOf,
  type Lattice,
  type Law,
  type Plan,
  type Source,
  type Stencil,
} from "@fieldzip/kernels";
import type { FloatType } from "../../array/data-type.js";
import type { ClassModel } from "../../entropy/class-model.js";
import { classModelBytes, readClassModel } from "../../entropy/class-model-bytes.js";

/** Everything a decoder must know before the residuals; `spec/stream.md`, "mechanism". */
export type SideInformation =
  | { readonly mode: "constant"; readonly bits: Uint8Array }
  | {
      readonly mode: "stencil";
      readonly geometry: Geometry;
      readonly plan: Plan | JointPlan;
      readonly model: ClassModel;
      readonly mapping: MappingInformation;
      /** Of a variable in a joint chunk whose stencils use other fields; a law without terms is none. */
      readonly law?: Law;
    }
  | {
      readonly mode: "packed";
      readonly geometry: Geometry;
      readonly plan: Plan;
      readonly mapping: MappingInformation;
    };

/** What the values are, where they are not plain floats. */
export interface MappingInformation {
  /** The bytes of a masked value. */
  readonly fill?: Uint8Array;
  /** Per slice. */
  readonly lattices?: readonly (Lattice | undefined)[];
  /** Whether some values are copies of earlier ones. */
  readonly copies?: boolean;
}

const MODE_CONSTANT = 0;
const MODE_STENCIL = 1;
const MODE_MAPPED = 2;
const MODE_PACKED = 3;
export const MODE_JOINT_STENCIL = 6;
/** Form of a lattice in mode 3: that of the slice before. */
const SAME_LATTICE = 3;

export function writeConstant(bits: Uint8Array): Uint8Array {
  return Uint8Array.of(MODE_CONSTANT, ...bits);
}

/** With a `law`, even an empty one, the plan is one over several fields. */
export function writeStencils(
  geometry: Geometry,
  plan: Plan | JointPlan,
  model: ClassModel,
  dataType: FloatType,
  mapping: MappingInformation = {},
  law?: Law,
): Uint8Array {
  const mapped = mapping.fill || mapping.lattices || mapping.copies;
  const mode = law ? MODE_JOINT_STENCIL : mapped ? MODE_MAPPED : MODE_STENCIL;
  const bytes = bytesOfStencils(mode, geometry, plan, dataType, mapping, law);
  bytes.push(...classModelBytes(model));
  return Uint8Array.from(bytes);
}

/** Side information of mode 3. */
export function writePacked(
  geometry: Geometry,
  plan: Plan,
  dataType: FloatType,
  mapping: MappingInformation,
): Uint8Array {
  return Uint8Array.from(bytesOfStencils(MODE_PACKED, geometry, plan, dataType, mapping));
}

/** Mode, geometry, mapping (not in mode 1), law (mode 6) and stencils. */
function bytesOfStencils(
  mode: number,
  geometry: Geometry,
  plan: Plan | JointPlan,
  dataType: FloatType,
  mapping: MappingInformation,
  law: Law = [],
): number[] {
  const size = dataType === "float32" ? 4 : 8;
  const bytes: number[] = [mode, geometry.bands];
  for (const extent of [geometry.outer, geometry.depth, geometry.height, geometry.width]) {
    bytes.push(extent & 255, (extent >>> 8) & 255, (extent >>> 16) & 255, extent >>> 24);
  }
  const scratch = new DataView(new ArrayBuffer(8));
  const pushFloat = (value: number) => {
    if (size === 4) scratch.setFloat32(0, value, true);
    else scratch.setFloat64(0, value, true);
    for (let k = 0; k < size; k++) bytes.push(scratch.getUint8(k));
  };
  const pushDouble = (value: number) => {
    scratch.setFloat64(0, value, true);
    for (let k = 0; k < 8; k++) bytes.push(scratch.getUint8(k));
  };
  if (mode !== MODE_STENCIL) {
    bytes.push((mapping.fill ? 1 : 0) | (mapping.lattices ? 2 : 0) | (mapping.copies ? 4 : 0));
  }
  if (mapping.fill) bytes.push(...mapping.fill);
  let before: Lattice | undefined;
  for (const lattice of mapping.lattices ?? []) {
    if (mode === MODE_PACKED && lattice !== undefined && lattice === before) {
      bytes.push(SAME_LATTICE);
      continue;
    }
    before = lattice;
    bytes.push(lattice === undefined ? 0 : "step" in lattice ? 1 : 2);
    if (lattice && "step" in lattice) pushDouble(lattice.offset);
    if (lattice) pushDouble("step" in lattice ? lattice.step : lattice.divisor);
  }
  const joint = mode === MODE_JOINT_STENCIL;
  if (joint) bytes.push(law.length);
  for (const { coefficient, factors } of law) {
    pushDouble(coefficient);
    bytes.push(factors.length, ...factors);
  }
  for (const kind of kindsOf(geometry)) {
    const { sources, left, weights } = plan[kind]!;
    bytes.push(sources.length);
    for (const source of sources) {
      if (joint) bytes.push(fieldOf(source));
      bytes.push(source.dt & 255, source.dz & 255, source.dy & 255);
    }
    for (const weight of [...left, ...weights]) pushFloat(weight);
  }
  return bytes;
}

/**
 * Reads side information whose checksum was verified. For people (`inspect`) and the reference
 * decoder: the decoder proper is the WebAssembly one, which checks every number.
 */
export function readSideInformation(bytes: Uint8Array, dataType: FloatType): SideInformation {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = dataType === "float32" ? 4 : 8;
  if (bytes[0] === MODE_CONSTANT) return { mode: "constant", bits: bytes.slice(1) };
  const joint = bytes[0] === MODE_JOINT_STENCIL;
  if (bytes[0] > MODE_PACKED && !joint)
    throw new RangeError(`mode ${bytes[0]} of side information is unknown`);
  const extent = (k: number) => view.getUint32(2 + 4 * k, true);
  const geometry: Geometry = {
    outer: extent(0),
    depth: extent(1),
    height: extent(2),
    width: extent(3),
    bands: bytes[1] === 4 ? 4 : 1,
  };
  let at = 18;
  const nextFloat = () => {
    const value = size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
    at += size;
    return value;
  };
  const nextDouble = () => {
    at += 8;
    return view.getFloat64(at - 8, true);
  };
  const flags = bytes[0] === MODE_STENCIL ? 0 : view.getUint8(at++);
  const fill = flags & 1 ? bytes.slice(at, at + size) : undefined;
  if (fill) at += size;
  let before: Lattice | undefined;
  const nextLattice = (): Lattice | undefined => {
    const form = view.getUint8(at++);
    if (form === SAME_LATTICE) return before;
    if (form === 0) before = undefined;
    else if (form === 1) before = { offset: nextDouble(), step: nextDouble() };
    else before = { divisor: nextDouble() };
    return before;
  };
  const lattices =
    flags & 2 ? Array.from({ length: geometry.outer * geometry.depth }, nextLattice) : undefined;
  const law = Array.from({ length: joint ? view.getUint8(at++) : 0 }, () => ({
    coefficient: nextDouble(),
    factors: Array.from({ length: view.getUint8(at++) }, () => view.getUint8(at++)),
  }));
  const plan: (Stencil | JointStencil | undefined)[] = new Array(8).fill(undefined);
  for (const kind of kindsOf(geometry)) {
    const count = view.getUint8(at++);
    const sources = Array.from({ length: count }, () => {
      const field = joint ? view.getUint8(at++) : 0;
      at += 3;
      const [dt, dz, dy] = [view.getInt8(at - 3), view.getInt8(at - 2), view.getInt8(at - 1)];
      return joint ? { field, dt, dz, dy } : { dt, dz, dy };
    });
    const left = [nextFloat(), nextFloat()] as const;
    plan[kind] = { sources, left, weights: Array.from({ length: 3 * count }, nextFloat) };
  }
  const mapping = { fill, lattices, copies: (flags & 4) !== 0 };
  if (bytes[0] === MODE_PACKED) return { mode: "packed", geometry, plan, mapping };
  const { model } = readClassModel(bytes, at);
  return { mode: "stencil", geometry, plan, model, mapping, ...(joint ? { law } : {}) };
}

/** Number of the field that a source lies in; 0 is the own one. */
export function fieldOf(source: Source | JointSource): number {
  return "field" in source ? source.field : 0;
}
