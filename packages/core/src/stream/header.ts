import type { FloatType } from "../array/data-type.js";
import { FieldzipError } from "../errors.js";
import type { Guarantee } from "../options.js";
import { crc32c } from "./crc32c.js";
import { limits } from "./limits.js";

/** The frame of a stream: what stands before its sections. `spec/stream.md` is normative. */
export interface StreamHeader {
  readonly version: number;
  readonly dataType: FloatType;
  /** Place of its name in `guaranteeNames`. */
  readonly guarantee: number;
  /** Number of the predictor; `predictors/registry.ts` gives it a name. */
  readonly predictor: number;
  /** Extents of the box that the stream holds, slowest axis first. */
  readonly shape: readonly number[];
  readonly sections: readonly SectionEntry[];
}

export interface SectionEntry {
  readonly kind: number;
  /** Offset of the payload in the stream, in bytes. */
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
}

export interface Section {
  readonly kind: number;
  /** May be memory of the kernels: good until the encoder that made them is used again. */
  readonly bytes: Uint8Array;
  /** CRC-32C of the bytes, where a kernel has computed it already. */
  readonly checksum?: number;
}

/** Guarantees in the order of their numbers in the header. */
export const guaranteeNames: readonly Guarantee["kind"][] = ["exact", "bounded", "best-effort"];

export const VERSION = 1;
const MAGIC = 0x50495a46; // "FZIP", little-endian

export const sectionKinds = {
  sideInformation: 1,
  residualClasses: 2,
  residualBits: 3,
  exceptions: 4,
  values: 5,
  sourceTerm: 6,
  boundaryData: 7,
  mask: 8,
  copies: 9,
  mixedCode: 10,
  residualBlocks: 11,
  model: 12,
} as const;

export function sectionName(kind: number): string {
  const names: Readonly<Record<number, string>> = {
    1: "side information",
    2: "residual classes",
    3: "residual bits",
    4: "exceptions",
    5: "values",
    6: "source term",
    7: "boundary data",
    8: "mask",
    9: "copies",
    10: "mixed code",
    11: "residual blocks",
    12: "model",
  };
  return names[kind] || `section kind ${kind}`;
}

/** Bytes of a stream's sections and of their entries in its header. */
export function sizeOfSections(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + 12 + section.bytes.length, 0);
}

/** Puts a stream together: header, section table, checksum of both, payloads. */
export function writeStream(
  dataType: FloatType,
  predictor: number,
  shape: readonly number[],
  sections: readonly Section[],
  guarantee: Guarantee["kind"] = "exact",
): Uint8Array {
  const headerLength = 12 + 4 * shape.length + 12 * sections.length + 4;
  const length = sections.reduce((sum, section) => sum + section.bytes.length, headerLength);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  const type = dataType === "float32" ? 1 : 2;
  const promise = guaranteeNames.indexOf(guarantee);
  bytes.set([VERSION, type, promise, predictor, shape.length, sections.length], 4);
  shape.forEach((extent, axis) => {
    view.setUint32(12 + 4 * axis, extent, true);
  });
  let offset = headerLength;
  sections.forEach((section, k) => {
    const entry = 12 + 4 * shape.length + 12 * k;
    view.setUint32(entry, section.kind, true);
    view.setUint32(entry + 4, section.bytes.length, true);
    view.setUint32(entry + 8, section.checksum ?? crc32c(section.bytes), true);
    bytes.set(section.bytes, offset);
    offset += section.bytes.length;
  });
  view.setUint32(headerLength - 4, crc32c(bytes.subarray(0, headerLength - 4)), true);
  return bytes;
}

/** Reads and checks the header; sections are bounded but their checksums are the decoder's work. */
export function readHeader(bytes: Uint8Array, where: string): StreamHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 16) {
    throw new FieldzipError("truncated", {
      where,
      expected: "a stream of at least 16 bytes",
      found: `${bytes.length}`,
      remedy: "the chunk is incomplete; restore the archive from a copy",
    });
  }
  if (view.getUint32(0, true) !== MAGIC) {
    throw new FieldzipError("format", {
      where,
      expected: "the four bytes FZIP",
      found: [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
      remedy: "this is not a fieldzip stream; check what was given",
    });
  }
  if (bytes[4] !== VERSION) {
    throw new FieldzipError("unsupported", {
      where,
      expected: `stream version ${VERSION}`,
      found: `version ${bytes[4]}`,
      remedy: "read it with a newer release of fieldzip",
    });
  }
  const rank = bytes[8];
  const count = bytes[9];
  const headerLength = 12 + 4 * rank + 12 * count + 4;
  const damaged = (found: string) =>
    new FieldzipError("checksum", {
      where: `${where}, stream header`,
      expected: "an undamaged header",
      found,
      remedy: "the archive is damaged; restore it from a copy",
    });
  if (rank > limits.rank || count > limits.sections)
    throw damaged(`rank ${rank} with ${count} sections`);
  if (bytes.length < headerLength)
    throw damaged(`${bytes.length} bytes instead of ${headerLength} or more`);
  const stored = view.getUint32(headerLength - 4, true);
  const computed = crc32c(bytes.subarray(0, headerLength - 4));
  if (stored !== computed)
    throw damaged(`checksum 0x${stored.toString(16)} stored, 0x${computed.toString(16)} computed`);
  if (bytes[5] !== 1 && bytes[5] !== 2) {
    throw new FieldzipError("unsupported", {
      where,
      expected: "data type 1 (float32) or 2 (float64)",
      found: `data type ${bytes[5]}`,
      remedy: "read it with a newer release of fieldzip",
    });
  }
  const sections: SectionEntry[] = [];
  let offset = headerLength;
  for (let k = 0; k < count; k++) {
    const entry = 12 + 4 * rank + 12 * k;
    const length = view.getUint32(entry + 4, true);
    sections.push({
      kind: view.getUint32(entry, true),
      offset,
      length,
      checksum: view.getUint32(entry + 8, true),
    });
    offset += length;
  }
  if (offset !== bytes.length) {
    throw new FieldzipError(offset > bytes.length ? "truncated" : "format", {
      where,
      expected: `${offset} bytes`,
      found: `${bytes.length}`,
      remedy: "the chunk is incomplete or damaged; restore the archive from a copy",
    });
  }
  return {
    version: bytes[4],
    dataType: bytes[5] === 1 ? "float32" : "float64",
    guarantee: bytes[6],
    predictor: bytes[7],
    shape: Array.from({ length: rank }, (_, axis) => view.getUint32(12 + 4 * axis, true)),
    sections,
  };
}

/** Refuses a stream that is not that of such a chunk. */
export function checkChunk(
  header: StreamHeader,
  chunk: {
    readonly dataType: FloatType;
    readonly shape: readonly number[];
    readonly where: string;
  },
): void {
  const { dataType, shape, where } = chunk;
  if (header.dataType === dataType && header.shape.join() === shape.join()) return;
  throw new FieldzipError("shape", {
    where,
    expected: `${dataType} of shape ${shape.join(" x ") || "()"}`,
    found: `${header.dataType} of shape ${header.shape.join(" x ") || "()"}`,
    remedy: "the chunk belongs elsewhere; restore the archive from a copy",
  });
}
