import { FIRST_VARIABLE, type Geometry, LAW_FIELD } from "@fieldzip/kernels";
import {
  decodeBlocksReference,
  decodeClassesReference,
  decodeCopiesReference,
  decodeMaskReference,
  decodeMixedReference,
  decodeRunsReference,
  fillMaskedReference,
  lawReference,
  packedFieldReference,
  packedValueReference,
  restoreReference,
  unpackBitsReference,
} from "@fieldzip/kernels/reference";
import type { FloatArray, FloatType } from "../../src/array/data-type.js";
import { activityMap } from "../../src/entropy/class-model.js";
import { MODE_JOINT, readJoint } from "../../src/predictors/mechanism/joint/side-information.js";
import { MODE_MIXED, readMixed } from "../../src/predictors/mechanism/mixed/parameters.js";
import { readSideInformation } from "../../src/predictors/mechanism/side-information.js";
import { readHeader, sectionKinds } from "../../src/stream/header.js";
import { decodeSolveReference } from "./reference-solve.js";

/** A whole stream decoded by plain loops, straight from `spec/stream.md`: what the WebAssembly decoder is held to. */
export function decodeReference(stream: Uint8Array): FloatArray {
  const header = readHeader(stream, "reference");
  const count = header.shape.reduce((product, extent) => product * extent, 1);
  const section = (kind: number) => {
    const entry = header.sections.find((candidate) => candidate.kind === kind);
    return entry ? stream.slice(entry.offset, entry.offset + entry.length) : new Uint8Array(0);
  };
  if (header.predictor === 0) return arrayOf(section(sectionKinds.values).buffer, header.dataType);
  if (header.predictor === 2) return decodeSolveReference(section, header.dataType);
  if (section(sectionKinds.sideInformation)[0] === MODE_JOINT) {
    return decodeJointReference(section, header.dataType, count);
  }
  const { values, mask, fill } = decodeFieldReference(section, header.dataType, count, []);
  fillMasked(values, mask, fill);
  return values;
}

type Sections = (kind: number) => Uint8Array<ArrayBuffer>;

function arrayOf(buffer: ArrayBuffer, type: FloatType): FloatArray {
  return type === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}

function bitsOf(values: FloatArray): bigint[] {
  return values instanceof Float32Array
    ? [...new Uint32Array(values.buffer)].map(BigInt)
    : [...new BigUint64Array(values.buffer)];
}

function floatsOf(bits: readonly bigint[], type: FloatType): FloatArray {
  return type === "float32"
    ? new Float32Array(Uint32Array.from(bits, Number).buffer)
    : new Float64Array(BigUint64Array.from(bits).buffer);
}

function fillMasked(values: FloatArray, mask: Uint8Array, fill: Uint8Array | undefined): void {
  const bytes = new Uint8Array(values.buffer);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 1) bytes.set(fill!, i * values.BYTES_PER_ELEMENT);
  }
}

/** The variables of a joint chunk one after another; each sees those before it, masked values as at their left. */
function decodeJointReference(section: Sections, type: FloatType, count: number): FloatArray {
  const { steps, entries } = readJoint(section(sectionKinds.sideInformation));
  const each = count / entries.length;
  const part = each / steps;
  const values = arrayOf(new ArrayBuffer(count * (type === "float32" ? 4 : 8)), type);
  const bytes = new Uint8Array(values.buffer);
  const fields: (bigint[] | undefined)[] = [];
  const places = new Map<number, number>();
  for (const { variable, side, parts } of entries) {
    const own = new Map([[sectionKinds.sideInformation as number, side]]);
    for (const { kind, length } of parts) {
      const from = places.get(kind) ?? 0;
      places.set(kind, from + length);
      own.set(kind, section(kind).slice(from, from + length));
    }
    const ownSection = (kind: number) => (own.get(kind) ?? new Uint8Array(0)).slice();
    const field = decodeFieldReference(ownSection, type, each, fields);
    // Of mode 4, which has no such geometry, others see the block as it is.
    if (!field.geometry) fillMasked(field.values, field.mask, field.fill);
    const seen = bitsOf(field.values);
    if (field.geometry && field.fill) fillMaskedReference(seen, field.mask, field.geometry);
    fillMasked(field.values, field.mask, field.fill);
    // Of other modes than those with stencils over classes the block is seen as it is.
    fields[FIRST_VARIABLE + variable] = field.geometry ? seen : bitsOf(field.values);
    for (let step = 0; step < steps; step++) {
      const size = part * values.BYTES_PER_ELEMENT;
      const from = new Uint8Array(field.values.buffer, step * size, size);
      bytes.set(from, (step * entries.length + variable) * size);
    }
  }
  return values;
}

/** The values before masked ones get theirs, and which are masked. `fields` are those of a joint chunk. */
function decodeFieldReference(
  section: Sections,
  type: FloatType,
  count: number,
  fields: (bigint[] | undefined)[],
): { values: FloatArray; mask: Uint8Array; fill?: Uint8Array; geometry?: Geometry } {
  const sideBytes = section(sectionKinds.sideInformation);
  if (sideBytes[0] === MODE_MIXED) {
    const values = arrayOf(new ArrayBuffer(count * (type === "float32" ? 4 : 8)), type);
    const mask = new Uint8Array(count);
    const others = fields.map((bits) => bits && floatsOf(bits, type));
    decodeMixedReference(values, mask, sideBytes, section(sectionKinds.mixedCode), others);
    const patched = patch(bitsOf(values), type, section(sectionKinds.exceptions));
    return { values: patched, mask, fill: readMixed(sideBytes, values.BYTES_PER_ELEMENT).fill };
  }
  const side = readSideInformation(sideBytes, type);
  if (side.mode === "stencil" && side.law) {
    fields[LAW_FIELD] = lawReference(fields, side.law, count, type);
  }
  if (side.mode === "constant") {
    const bytes = new Uint8Array(count * side.bits.length);
    for (let i = 0; i < count; i++) bytes.set(side.bits, i * side.bits.length);
    return { values: arrayOf(bytes.buffer, type), mask: new Uint8Array(count) };
  }
  const { fill, lattices, copies } = side.mapping;
  const patched = (bits: readonly bigint[]) => patch(bits, type, section(sectionKinds.exceptions));
  if (side.mode === "packed") {
    const mask = fill
      ? decodeRunsReference(section(sectionKinds.mask), count)
      : new Uint8Array(count);
    const free = mask.reduce((sum, bit) => sum - bit, count);
    const width = type === "float32" ? 32 : 64;
    const blocks = section(sectionKinds.residualBlocks);
    const { residuals } = decodeBlocksReference(blocks, free, width);
    const { geometry } = side;
    const field = packedFieldReference(residuals, side.plan, geometry, type, {
      mask,
      indexed: lattices?.map((lattice) => lattice !== undefined),
    });
    const bits = field.map((number, i) => {
      const lattice = lattices?.[Math.floor(i / (geometry.height * geometry.width))];
      return lattice && !mask[i] ? packedValueReference(number, lattice, type) : number;
    });
    return { values: patched(bits), mask, fill };
  }
  const pure = fill
    ? decodeMaskReference(section(sectionKinds.mask), side.geometry, count)
    : new Uint8Array(count);
  const mask = pure.slice();
  const distances = copies
    ? decodeCopiesReference(section(sectionKinds.copies), mask, side.geometry)
    : undefined;
  const contexts = {
    map: activityMap(side.model),
    frequencies: side.model.contexts.map(({ frequencies }) => frequencies),
  };
  const classes = decodeClassesReference(
    section(sectionKinds.residualClasses),
    side.geometry,
    contexts,
    mask,
  );
  const residuals = unpackBitsReference(section(sectionKinds.residualBits), classes);
  const mapping = { mask, lattices, distances };
  const bits = restoreReference(residuals, side.plan, side.geometry, type, mapping, fields);
  return { values: patched(bits), mask: pure, fill, geometry: side.geometry };
}

/** Puts exceptions in their places. */
function patch(bits: readonly bigint[], type: FloatType, exceptions: Uint8Array): FloatArray {
  const values =
    type === "float32"
      ? new Float32Array(Uint32Array.from(bits, Number).buffer)
      : new Float64Array(BigUint64Array.from(bits).buffer);
  const bytes = new Uint8Array(values.buffer);
  const size = values.BYTES_PER_ELEMENT;
  for (let at = 0, place = 0; at < exceptions.length; at += size) {
    let distance = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = exceptions[at++];
      distance += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    place += distance;
    bytes.set(exceptions.subarray(at, at + size), place * size);
  }
  return values;
}
