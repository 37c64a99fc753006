import {
  decodeBlocksReference,
  decodeClassesReference,
  decodeCopiesReference,
  decodeMaskReference,
  decodeRunsReference,
  packedFieldReference,
  packedValueReference,
  restoreReference,
  unpackBitsReference,
} from "@fieldzip/kernels/reference";
import type { FloatArray, FloatType } from "../../src/array/data-type.js";
import { activityMap } from "../../src/entropy/class-model.js";
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
  const arrayOf = (buffer: ArrayBuffer) =>
    header.dataType === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  if (header.predictor === 0) return arrayOf(section(sectionKinds.values).buffer);
  if (header.predictor === 2) return decodeSolveReference(section, header.dataType);
  const side = readSideInformation(section(sectionKinds.sideInformation), header.dataType);
  if (side.mode === "constant") {
    const bytes = new Uint8Array(count * side.bits.length);
    for (let i = 0; i < count; i++) bytes.set(side.bits, i * side.bits.length);
    return arrayOf(bytes.buffer);
  }
  const { fill, lattices, copies } = side.mapping;
  const finished = (bits: readonly bigint[], mask: Uint8Array) =>
    finish(bits, header.dataType, section(sectionKinds.exceptions), mask, fill);
  if (side.mode === "packed") {
    const mask = fill
      ? decodeRunsReference(section(sectionKinds.mask), count)
      : new Uint8Array(count);
    const free = mask.reduce((sum, bit) => sum - bit, count);
    const width = header.dataType === "float32" ? 32 : 64;
    const blocks = section(sectionKinds.residualBlocks);
    const { residuals } = decodeBlocksReference(blocks, free, width);
    const { geometry } = side;
    const field = packedFieldReference(residuals, side.plan, geometry, header.dataType, {
      mask,
      indexed: lattices?.map((lattice) => lattice !== undefined),
    });
    const bits = field.map((number, i) => {
      const lattice = lattices?.[Math.floor(i / (geometry.height * geometry.width))];
      return lattice && !mask[i] ? packedValueReference(number, lattice, header.dataType) : number;
    });
    return finished(bits, mask);
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
  const bits = restoreReference(residuals, side.plan, side.geometry, header.dataType, {
    mask,
    lattices,
    distances,
  });
  return finished(bits, pure);
}

/** Puts exceptions and masked values in their places. */
function finish(
  bits: readonly bigint[],
  dataType: FloatType,
  exceptions: Uint8Array,
  mask: Uint8Array,
  fill: Uint8Array | undefined,
): FloatArray {
  const values =
    dataType === "float32"
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
  for (let i = 0; i < mask.length; i++) if (mask[i]) bytes.set(fill!, i * size);
  return values;
}
