import { type DataType, FieldzipError } from "@fieldzip/core";
import type { ByteOrder } from "../files/flat.js";
import { type FlatType, numpyCodeOf, typeOfNumpyCode } from "../raw/data-type-name.js";
import { type Literal, parseLiteral } from "./literal.js";

export const npyMagic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
/** NumPy refuses headers above 10 000 bytes by default; structured types may be longer. */
export const npyHeaderLimit = 1 << 20;

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  readonly dataType: FlatType;
  readonly byteOrder: ByteOrder;
  /** As the header gives it. */
  readonly shape: readonly number[];
  /** First axis fastest. */
  readonly fortranOrder: boolean;
  /** The values are pairs: real and imaginary part. */
  readonly complex: boolean;
}

/** Bytes before the values and of the header text, from the first 12 bytes of the file. */
export function npyHeaderExtent(prefix: Uint8Array, path: string): { text: number; end: number } {
  if (prefix.length < 12) {
    throw new FieldzipError("truncated", {
      where: path,
      expected: "a header of at least 12 bytes",
      found: `${prefix.length}`,
      remedy: "the file is incomplete; write it again",
    });
  }
  const [major, minor] = [prefix[6], prefix[7]];
  if (npyMagic.some((byte, k) => prefix[k] !== byte)) {
    throw new FieldzipError("format", {
      where: `${path}, offset 0`,
      expected: "the bytes \\x93NUMPY",
      found: Buffer.from(prefix.subarray(0, 6)).toString("latin1"),
      remedy: "this is not a .npy file",
    });
  }
  if (major < 1 || major > 3 || minor !== 0) {
    throw new FieldzipError("unsupported", {
      where: `${path}, offset 6`,
      expected: "version 1.0, 2.0 or 3.0 of the .npy format",
      found: `${major}.${minor}`,
      remedy: "write the array again with a NumPy of today",
    });
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const text = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > npyHeaderLimit) {
    throw new FieldzipError("limit", {
      where: `${path}, offset 8`,
      expected: `a header of at most ${npyHeaderLimit} bytes`,
      found: `${length}`,
      remedy: "the file is damaged, or its type is a structure too large for fieldzip",
    });
  }
  return { text, end: text + length };
}

/** Parses the header text (a Python dictionary) strictly; nothing is evaluated. */
export function parseNpyHeader(text: string, path: string): NpyHeader {
  const where = `${path}, header`;
  const value = parseLiteral(text, where);
  const entries = value instanceof Map ? value : new Map<string, Literal>();
  const keys = [...entries.keys()].sort().join(", ");
  if (keys !== "descr, fortran_order, shape") {
    throw wrong(where, "a dictionary of descr, fortran_order and shape", keys || "something else");
  }
  const descr = entries.get("descr");
  const fortranOrder = entries.get("fortran_order");
  const shape = entries.get("shape");
  if (typeof fortranOrder !== "boolean") {
    throw wrong(where, "fortran_order True or False", JSON.stringify(fortranOrder));
  }
  if (!Array.isArray(shape) || !shape.every((size) => typeof size === "number")) {
    throw wrong(where, "a tuple of whole numbers as shape", JSON.stringify(shape));
  }
  if (shape.length > 32) throw wrong(where, "at most 32 axes", `${shape.length}`);
  return { ...parseDescr(descr, where), shape: shape as number[], fortranOrder };
}

function parseDescr(
  descr: Literal | undefined,
  where: string,
): Pick<NpyHeader, "dataType" | "byteOrder" | "complex"> {
  if (Array.isArray(descr)) {
    throw unsupported(where, "a structured type", "save each of its fields in a file of its own");
  }
  const parts = typeof descr === "string" ? /^([<>|=])([a-zA-Z])(\d*)/.exec(descr) : null;
  if (!parts || typeof descr !== "string") {
    throw wrong(where, "a type such as '<f4'", JSON.stringify(descr));
  }
  const [, mark, kind, size] = parts;
  const complex = kind === "c";
  const dataType =
    parts[0] === descr
      ? typeOfNumpyCode(complex ? `f${Number(size) / 2}` : `${kind}${size}`)
      : undefined;
  if (!dataType || (mark === "|" && Number(size) > 1)) {
    const advice = kind === "f" ? "convert it to float32 or float64" : "convert it to numbers";
    throw unsupported(where, `the type ${descr}`, `${advice} and save it again`);
  }
  // `=` means the writer's own order: little-endian everywhere that NumPy is used today.
  return { dataType, byteOrder: mark === ">" ? "big" : "little", complex };
}

/** A version 1.0 header, padded so that the values start at a multiple of 64 bytes as NumPy does it. */
export function makeNpyHeader(dataType: DataType, shape: readonly number[]): Uint8Array {
  const code = numpyCodeOf(dataType as FlatType);
  const mark = code.endsWith("1") ? "|" : "<";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${mark}${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const end = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = Buffer.alloc(end, " ");
  header.set(npyMagic, 0);
  header[6] = 1;
  header[7] = 0;
  header.writeUInt16LE(end - 10, 8);
  header.write(text, 10, "latin1");
  header[end - 1] = 0x0a;
  return header;
}

function wrong(where: string, expected: string, found: string): FieldzipError {
  return new FieldzipError("format", {
    where,
    expected,
    found: found.slice(0, 120),
    remedy: "the file is damaged or was not written by NumPy",
  });
}

function unsupported(where: string, found: string, remedy: string): FieldzipError {
  return new FieldzipError("unsupported", { where, expected: "numbers", found, remedy });
}
