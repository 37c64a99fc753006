import type { DataType } from "@fieldzip/core";
import { type Hdf5Metadata, typeClass } from "./library.js";

/** How a stored type is carried, or why it is not. */
export type Carried =
  | { readonly dataType: DataType; readonly unsupported?: undefined }
  | { readonly dataType: DataType; readonly unsupported: string };

const classNames: Record<number, string> = {
  [typeClass.time]: "time",
  [typeClass.opaque]: "opaque",
  [typeClass.compound]: "compound",
  [typeClass.reference]: "reference",
  [typeClass.vlen]: "variable-length",
  [typeClass.array]: "array",
};

/**
 * The data type that carries the values of an HDF5 type. Enumerations are carried as their
 * integers, bit fields as unsigned ones. Text of fixed length 1 is `char`, other text `string`.
 * What cannot be carried has the type `uint8` in its place, so that the variable can be listed.
 */
export function carriedType(metadata: Hdf5Metadata): Carried {
  const { type, size, signed } = metadata;
  if (type === typeClass.string) {
    return { dataType: !metadata.vlen && size === 1 ? "char" : "string" };
  }
  if (type === typeClass.float) {
    if (size === 4) return { dataType: "float32" };
    if (size === 8) return { dataType: "float64" };
    return { dataType: "uint8", unsupported: `${size * 8}-bit float` };
  }
  const integer =
    type === typeClass.integer ||
    type === typeClass.bitfield ||
    (type === typeClass.enumeration && metadata.enum_type?.type === typeClass.integer);
  if (integer) {
    const bits = size * 8;
    if (size !== 1 && size !== 2 && size !== 4 && size !== 8) {
      return { dataType: "uint8", unsupported: `${bits}-bit integer` };
    }
    const name = `${signed && type !== typeClass.bitfield ? "int" : "uint"}${bits}`;
    return { dataType: name as DataType };
  }
  return { dataType: "uint8", unsupported: classNames[type] ?? `class ${type}` };
}

/** Filters that the HDF5 library has built in and whose values come back in full. */
const builtInFilters = new Set([1, 2, 3, 6]);

const filterNames: Record<number, string> = {
  4: "szip",
  5: "n-bit",
  307: "bzip2",
  32000: "lzf",
  32001: "blosc",
  32004: "lz4",
  32008: "bitshuffle",
  32013: "zfp",
  32015: "zstd",
  32017: "sz",
  32022: "granular bit rounding",
  32024: "sz3",
  32026: "blosc2",
};

/** `32001 (blosc)` for the first filter that cannot be undone here. */
export function missingFilter(ids: readonly number[]): string | undefined {
  const id = ids.find((filter) => !builtInFilters.has(filter));
  if (id === undefined) return undefined;
  return filterNames[id] ? `${id} (${filterNames[id]})` : `${id}`;
}

export const deflateFilter = 1;
