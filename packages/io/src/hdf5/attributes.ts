import {
  type Attribute,
  type Attributes,
  type DataType,
  FieldzipError,
  viewBytes,
} from "@fieldzip/core";
import { type Hdf5Metadata, typeClass } from "./library.js";
import { readFixedTexts, readTexts } from "./memory.js";
import type { OpenHdf5 } from "./tree.js";
import { carriedType } from "./types.js";

/** Attributes with which NetCDF-4 keeps its books, on any object. */
export const netcdfBookkeeping = new Set([
  "_NCProperties",
  "_nc3_strict",
  "_Netcdf4Dimid",
  "_Netcdf4Coordinates",
]);
/** Attributes with which HDF5 ties dimension scales to datasets. */
const scaleBookkeeping = new Set(["DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS"]);

export interface ReadAttributes {
  readonly attributes: Attributes;
  /** Attributes of types that cannot be carried, as `name (type)`. */
  readonly leftOut: readonly string[];
  /** Shapes of attributes with more than one axis, whose values are carried as a list. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Names of the bookkeeping attributes that are there. */
  readonly bookkeeping: ReadonlySet<string>;
}

/** Reads the attributes of an object, without those that keep the books of NetCDF-4 and HDF5. */
export function readAttributes(file: OpenHdf5, path: string, isScale: boolean): ReadAttributes {
  const where = `${file.location}, attributes of /${path}`;
  const attributes = new Map<string, Attribute>();
  const shapes = new Map<string, readonly number[]>();
  const leftOut: string[] = [];
  const bookkeeping = new Set<string>();
  const names = file.library.call(where, (h5) => h5.get_attribute_names(file.id, `/${path}`));
  for (const name of names) {
    const scaleName = isScale && (name === "CLASS" || name === "NAME");
    if (netcdfBookkeeping.has(name) || scaleBookkeeping.has(name) || scaleName) {
      bookkeeping.add(name);
      continue;
    }
    const metadata = metadataOf(file, path, name);
    const { dataType, unsupported } = carriedType(metadata);
    if (unsupported) {
      leftOut.push(`${name} (${unsupported})`);
      continue;
    }
    attributes.set(name, readAttribute(file, path, name, metadata, dataType));
    if (metadata.shape && metadata.shape.length > 1) shapes.set(name, metadata.shape);
  }
  return {
    attributes: Object.fromEntries(attributes),
    shapes: Object.fromEntries(shapes),
    leftOut,
    bookkeeping,
  };
}

/** Integers of a bookkeeping attribute, or undefined where it holds something else. */
export function readIntegers(file: OpenHdf5, path: string, name: string): number[] | undefined {
  const metadata = metadataOf(file, path, name);
  if (metadata.type !== typeClass.integer || metadata.size !== 4) return undefined;
  return readAttribute(file, path, name, metadata, "int32").values.map(Number);
}

function metadataOf(file: OpenHdf5, path: string, name: string): Hdf5Metadata {
  return file.library.call(`${file.location}, attribute ${name} of /${path}`, (h5) =>
    h5.get_attribute_metadata(file.id, `/${path}`, name),
  );
}

function readAttribute(
  file: OpenHdf5,
  path: string,
  name: string,
  metadata: Hdf5Metadata,
  dataType: DataType,
): Attribute {
  const { library, id } = file;
  const where = `${file.location}, attribute ${name} of /${path}`;
  const text = metadata.type === typeClass.string;
  const type = text ? (metadata.vlen ? "string" : "char") : dataType;
  const scalar = metadata.shape?.length === 0;
  // NetCDF-4 has no values to show for an empty text; a list would read as several texts.
  if (!metadata.shape) return { type, values: type === "char" ? [""] : [] };
  const count = metadata.total_size;
  const bytes = count * metadata.size;
  if (bytes > file.fileBytes) {
    throw new FieldzipError("format", {
      where,
      expected: `at most the file's ${file.fileBytes} bytes`,
      found: `${bytes} bytes`,
      remedy: "the file is damaged; fetch or write it again",
    });
  }
  const values = library.withMemory(where, bytes, (pointer) => {
    library.functions.HEAPU8.fill(0, pointer, pointer + bytes);
    library.call(where, (h5) => h5.get_attribute_data(id, `/${path}`, name, BigInt(pointer)));
    if (type === "string" && metadata.vlen) {
      const texts = readTexts(library.functions, pointer, count);
      library.call(where, (h5) => h5.reclaim_vlen_memory(id, `/${path}`, name, BigInt(pointer)));
      return texts;
    }
    const data = library.functions.HEAPU8.slice(pointer, pointer + bytes);
    if (type === "char") {
      const texts = readFixedTexts(data, metadata.size, false);
      // HDF5 has no text of length 0: a lone NUL is how an empty one is written.
      return texts.map((value) => (value === "\0" ? "" : value));
    }
    return Array.from<number | bigint>(viewBytes(type as Exclude<DataType, "string">, data));
  });
  if (scalar) return { type, values, scalar: true };
  return type === "char" ? { type, values, scalar: false } : { type, values };
}
