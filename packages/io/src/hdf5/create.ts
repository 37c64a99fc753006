import {
  type Attribute,
  allocate,
  bytesOf,
  type DataArray,
  type DataType,
  FieldzipError,
  type NumericArray,
} from "@fieldzip/core";
import { encodeText } from "../netcdf/text.js";
import { type Hdf5Creation, type Hdf5Library, typeClass } from "./library.js";

/** A file that is being written, and its name for messages. */
export interface TargetFile {
  readonly library: Hdf5Library;
  readonly id: bigint;
  readonly location: string;
}

const unlimitedExtent = 2n ** 64n - 1n;
const ascii = 0;
const utf8 = 1;

type StoredType = Pick<Hdf5Creation, "type" | "size" | "signed" | "vlen" | "cset">;

/** The HDF5 type of a data type; text is variable-length UTF-8 unless `fixedText` gives its bytes. */
export function storedType(dataType: DataType, fixedText?: number): StoredType {
  switch (dataType) {
    case "char":
      return { type: typeClass.string, size: 1, cset: ascii };
    case "string":
      return fixedText === undefined
        ? { type: typeClass.string, size: 4, vlen: true, cset: utf8 }
        : { type: typeClass.string, size: fixedText, cset: ascii };
    case "float32":
      return { type: typeClass.float, size: 4 };
    case "float64":
      return { type: typeClass.float, size: 8 };
    default: {
      const signed = dataType.startsWith("int");
      const bits = Number(dataType.slice(signed ? 3 : 4));
      return { type: typeClass.integer, size: bits / 8, signed };
    }
  }
}

function creation(
  stored: StoredType,
  shape: readonly number[],
  layout: {
    maxshape?: bigint[];
    chunk?: readonly number[];
    deflate?: number;
  } = {},
): Hdf5Creation {
  const extent = shape.map(BigInt);
  return {
    ...stored,
    shape: extent,
    maxshape: layout.maxshape ?? extent,
    chunks: layout.chunk ? layout.chunk.map(BigInt) : null,
    compression: layout.deflate === undefined || !layout.chunk ? 0 : 1,
    compression_opts: layout.deflate === undefined ? [] : [layout.deflate],
    track_order: true,
  };
}

/** Creates a dataset whose values lie in one piece, and writes them. */
export function createWhole(
  file: TargetFile,
  path: string,
  stored: StoredType,
  shape: readonly number[],
  data: DataArray,
  where: string,
): void {
  withValues(file, stored, data, where, (pointer) =>
    file.library.call(where, (h5) =>
      h5.create_dataset(file.id, `/${path}`, BigInt(pointer), creation(stored, shape)),
    ),
  );
}

/**
 * Creates a chunked dataset without values. h5wasm writes values while it creates, so the dataset
 * starts empty and is then extended, which allocates nothing.
 */
export function createChunked(
  file: TargetFile,
  path: string,
  stored: StoredType,
  shape: readonly number[],
  layout: {
    readonly unlimited: readonly boolean[];
    readonly chunk: readonly number[];
    readonly deflate?: number;
  },
  where: string,
): void {
  const maxshape = shape.map((size, axis) =>
    layout.unlimited[axis] ? unlimitedExtent : BigInt(size),
  );
  const deflate = stored.vlen ? undefined : layout.deflate;
  const empty = creation(
    stored,
    shape.map(() => 0),
    { maxshape, chunk: layout.chunk, deflate },
  );
  file.library.withMemory(where, 8, (pointer) =>
    file.library.call(where, (h5) =>
      h5.create_dataset(file.id, `/${path}`, BigInt(pointer), empty),
    ),
  );
  file.library.call(where, (h5) => h5.resize_dataset(file.id, `/${path}`, shape.map(BigInt)));
}

/** Writes the values of a box into a dataset. */
export function writePart(
  file: TargetFile,
  path: string,
  stored: StoredType,
  box: { readonly start: readonly number[]; readonly shape: readonly number[] },
  data: DataArray,
  where: string,
): void {
  withValues(file, stored, data, where, (pointer) =>
    file.library.call(where, (h5) =>
      h5.set_dataset_data(
        file.id,
        `/${path}`,
        box.shape.map(BigInt),
        box.start.map(BigInt),
        box.shape.map(() => 1n),
        BigInt(pointer),
      ),
    ),
  );
}

/** Creates an attribute; `shape` is given where it has more than one axis. */
export function createAttribute(
  file: TargetFile,
  path: string,
  name: string,
  attribute: Attribute,
  shape?: readonly number[],
): void {
  const where = `${file.location}, attribute ${name} of /${path}`;
  const { type, values, scalar } = attribute;
  const text = type === "char" || type === "string";
  const texts = text ? values.map(String) : [];
  // NetCDF's text is one scalar, however it was read; HDF5 has none of length 0, a NUL stands in.
  if (type === "char" && texts.length === 0) texts.push("");
  const fixed =
    type === "char" ? Math.max(1, ...texts.map((value) => encodeText(value).length)) : undefined;
  const stored = text ? storedType("string", fixed) : storedType(type);
  const single = text ? texts.length === 1 : values.length === 1;
  const isScalar = single && (scalar ?? type === "char");
  const extent = shape ?? (isScalar ? [] : [text ? texts.length : values.length]);
  const data = text ? texts : numbersOf(type, values, where);
  withValues(file, stored, data, where, (pointer) =>
    file.library.call(where, (h5) =>
      h5.create_attribute(file.id, `/${path}`, name, BigInt(pointer), creation(stored, extent)),
    ),
  );
}

function numbersOf(
  type: DataType,
  values: readonly (number | bigint | string)[],
  where: string,
): NumericArray {
  const data = allocate(type, values.length) as NumericArray;
  const big = type === "int64" || type === "uint64";
  try {
    values.forEach((value, i) => {
      if (big) (data as BigInt64Array)[i] = BigInt(value);
      else (data as Float64Array)[i] = Number(value);
    });
  } catch (error) {
    throw new FieldzipError(
      "format",
      { where, expected: `values of type ${type}`, found: values.join(", "), remedy: "change it" },
      error,
    );
  }
  return data;
}

/** Puts values where the library reads them: bytes, padded texts, or pointers to texts. */
function withValues<T>(
  file: TargetFile,
  stored: StoredType,
  data: DataArray,
  where: string,
  action: (pointer: number) => T,
): T {
  const { library } = file;
  if (!Array.isArray(data)) {
    return library.withMemory(where, data.byteLength, (pointer) => {
      library.functions.HEAPU8.set(bytesOf(data), pointer);
      return action(pointer);
    });
  }
  const texts = data.map(encodeText);
  if (!stored.vlen) {
    const { size } = stored;
    return library.withMemory(where, texts.length * size, (pointer) => {
      const heap = library.functions.HEAPU8;
      heap.fill(0, pointer, pointer + texts.length * size);
      texts.forEach((bytes, i) => {
        if (bytes.length > size) throw tooLong(where, `at most ${size} bytes`, bytes.length);
        heap.set(bytes, pointer + i * size);
      });
      return action(pointer);
    });
  }
  const table = 4 * texts.length;
  const total = texts.reduce((sum, bytes) => sum + bytes.length + 1, table);
  return library.withMemory(where, total, (pointer) => {
    const heap = library.functions.HEAPU8;
    const pointers = new DataView(heap.buffer, heap.byteOffset + pointer, table);
    let at = pointer + table;
    texts.forEach((bytes, i) => {
      if (bytes.includes(0)) throw tooLong(where, "text without NUL", bytes.length);
      pointers.setUint32(4 * i, at, true);
      heap.set(bytes, at);
      heap[at + bytes.length] = 0;
      at += bytes.length + 1;
    });
    return action(pointer);
  });
}

function tooLong(where: string, expected: string, length: number): FieldzipError {
  return new FieldzipError("unsupported", {
    where,
    expected,
    found: `a text of ${length} bytes that HDF5 cannot store there`,
    remedy: "write another format",
  });
}
