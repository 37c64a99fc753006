import {
  allocate,
  type Box,
  bytesOf,
  countOf,
  type DataArray,
  type DataType,
  FieldzipError,
  insertBox,
  type NumericArray,
  slabsOf,
  throwIfAborted,
} from "@fieldzip/core";
import { type Hdf5Metadata, typeClass } from "./library.js";
import { readFixedTexts, readTexts } from "./memory.js";
import type { OpenHdf5, StoredDataset } from "./tree.js";
import { missingFilter } from "./types.js";

/** Bytes read in one call of the library, which holds them twice; more where a chunk is larger. */
const callBytes = 32 * 2 ** 20;

/** Throws where the values of a dataset cannot be read here, before any is. */
export function checkReadable(file: OpenHdf5, dataset: StoredDataset, where: string): void {
  const filters = file.library.call(where, (h5) =>
    h5.get_dataset_filters(file.id, `/${dataset.path}`),
  );
  const missing = missingFilter(filters.map((filter) => filter.id));
  if (missing) {
    throw new FieldzipError("unsupported", {
      where,
      expected: "the filters deflate, shuffle, fletcher32 or scale-offset",
      found: `filter ${missing}`,
      remedy: "rewrite the file with deflate (h5repack -f GZIP=4 in.h5 out.h5)",
    });
  }
  if (dataset.metadata.virtual_sources) {
    throw new FieldzipError("unsupported", {
      where,
      expected: "values stored in this file",
      found: "a virtual dataset, which shows parts of other files",
      remedy: "compress those files, or copy the values into one (h5repack -l CONTI in.h5 out.h5)",
    });
  }
}

/** Reads a box that lies inside the stored extent. */
export async function readStoredBox(
  file: OpenHdf5,
  dataset: StoredDataset,
  dataType: DataType,
  box: Box,
  where: string,
  signal?: AbortSignal,
): Promise<DataArray> {
  throwIfAborted(signal);
  const count = countOf(box.shape);
  if (count === 0) return allocate(dataType, 0);
  const limit = Math.max(1, Math.floor(callBytes / Math.max(8, dataset.metadata.size)));
  const chunk = dataset.metadata.chunks ?? box.shape.map(() => 1);
  if (count <= limit) return readPart(file, dataset, dataType, box, where);
  const data = allocate(dataType, count);
  for (const slab of slabsOf(box.shape, chunk, limit)) {
    throwIfAborted(signal);
    const start = slab.start.map((value, axis) => value + box.start[axis]);
    const part = readPart(file, dataset, dataType, { start, shape: slab.shape }, where);
    insertBox(data, box.shape, slab, part);
    // The library works synchronously; let the signal and others get a word in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return data;
}

function readPart(
  file: OpenHdf5,
  { path, metadata }: StoredDataset,
  dataType: DataType,
  box: Box,
  where: string,
): DataArray {
  const { library, id } = file;
  const count = countOf(box.shape);
  const bytes = count * metadata.size;
  // A scalar has no hyperslabs: null asks for the whole.
  const scalar = box.shape.length === 0;
  const counts = scalar ? null : box.shape.map(BigInt);
  const offsets = scalar ? null : box.start.map(BigInt);
  const strides = scalar ? null : box.shape.map(() => 1n);
  return library.withMemory(where, bytes, (pointer) => {
    // What HDF5 leaves unwritten must not be what lay there before.
    library.functions.HEAPU8.fill(0, pointer, pointer + bytes);
    const address = BigInt(pointer);
    library.call(where, (h5) =>
      h5.get_dataset_data(id, `/${path}`, counts, offsets, strides, address),
    );
    if (dataType !== "string") {
      const data = allocate(dataType, count) as NumericArray;
      bytesOf(data).set(library.functions.HEAPU8.subarray(pointer, pointer + bytes));
      return data;
    }
    if (!metadata.vlen) {
      const raw = library.functions.HEAPU8.slice(pointer, pointer + bytes);
      return readFixedTexts(raw, metadata.size, true);
    }
    const texts = readTexts(library.functions, pointer, count);
    library.call(where, (h5) =>
      counts
        ? h5.reclaim_vlen_memory_count(id, `/${path}`, "", address, counts)
        : h5.reclaim_vlen_memory(id, `/${path}`, "", address),
    );
    return texts;
  });
}

/** NetCDF's default fill values, as little-endian bytes. */
function defaultFill(dataType: DataType): DataArray {
  switch (dataType) {
    case "int8":
      return Int8Array.of(-127);
    case "uint8":
      return Uint8Array.of(255);
    case "int16":
      return Int16Array.of(-32767);
    case "uint16":
      return Uint16Array.of(65535);
    case "int32":
      return Int32Array.of(-2147483647);
    case "uint32":
      return Uint32Array.of(4294967295);
    case "int64":
      return BigInt64Array.of(-9223372036854775806n);
    case "uint64":
      return BigUint64Array.of(18446744073709551614n);
    case "float32":
      return Float32Array.of(9.969209968386869e36);
    case "float64":
      return Float64Array.of(9.969209968386869e36);
    case "char":
      return Uint8Array.of(0);
    case "string":
      return [""];
  }
}

/** An array of the values that NetCDF shows where a variable was not written. */
export function filled(
  dataType: DataType,
  count: number,
  fillValue: number | bigint | string | undefined,
): DataArray {
  const data = allocate(dataType, count);
  const fill = defaultFill(dataType);
  if (Array.isArray(data)) {
    return data.fill(typeof fillValue === "string" ? fillValue : "");
  }
  if (typeof fillValue === "number" || typeof fillValue === "bigint") {
    (fill as Float64Array)[0] = fillValue as number;
  } else if (dataType === "char" && typeof fillValue === "string") {
    (fill as Uint8Array)[0] = fillValue.charCodeAt(0) || 0;
  }
  (data as Float64Array).fill((fill as Float64Array)[0]);
  return data;
}

/** Whether a dataset holds text of a fixed length above 1, and which. */
export function fixedTextLength(metadata: Hdf5Metadata): number | undefined {
  const fixed = metadata.type === typeClass.string && !metadata.vlen && metadata.size > 1;
  return fixed ? metadata.size : undefined;
}
