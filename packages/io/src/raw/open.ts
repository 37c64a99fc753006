import { bytesPerValue, type DatasetSource, FieldzipError } from "@fieldzip/core";
import { openFile } from "../files/file.js";
import type { ByteOrder, FlatArray } from "../files/flat.js";
import { parseDataType } from "./data-type-name.js";
import { flatSource, nameFromFile } from "./flat-source.js";

/** What a file without a header does not say about itself. */
export interface RawOptions {
  /** Slowest axis first. */
  readonly shape: readonly number[];
  /** `f32`, `f64`, `i16`, `float32`, `<f4`, … */
  readonly dtype: string;
  /** Default: what `dtype` says (`>f4`), else little. */
  readonly byteOrder?: ByteOrder;
  /** Bytes before the first value. Default 0. */
  readonly offset?: number;
  /** Names of the axes. Default `dim_0`, `dim_1`, … */
  readonly dimensions?: readonly string[];
  /** Name of the variable. Default: from the file's name. */
  readonly name?: string;
}

/** Bytes before the values that are kept so that the file can be written again as it was. */
const headLimit = 1 << 20;

/**
 * Opens a file of bare values as a dataset of one variable. The file must be exactly as large as
 * `offset`, `shape` and `dtype` say.
 */
export async function openRaw(path: string, options: RawOptions): Promise<DatasetSource> {
  const { dataType, byteOrder } = parseDataType(options.dtype);
  const offset = options.offset ?? 0;
  const { shape } = options;
  for (const value of [offset, ...shape]) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new FieldzipError("usage", {
        where: path,
        expected: "a shape and an offset of whole numbers, 0 or more",
        found: `shape ${shape.join(",")}, offset ${offset}`,
        remedy: "give the shape slowest axis first, as in --shape 72,96,128",
      });
    }
  }
  const dimensions = options.dimensions ?? shape.map((_, axis) => `dim_${axis}`);
  if (dimensions.length !== shape.length || new Set(dimensions).size !== dimensions.length) {
    throw new FieldzipError("usage", {
      where: path,
      expected: `${shape.length} different dimension names`,
      found: dimensions.join(",") || "none",
      remedy: "name every axis of the shape once",
    });
  }
  const array: FlatArray = {
    offset,
    shape: [...shape],
    dataType,
    byteOrder: options.byteOrder ?? byteOrder ?? "little",
  };
  const file = await openFile(path);
  try {
    checkRawSize(path, array, file.size);
    const head =
      offset > 0 && offset <= headLimit
        ? Buffer.from(await file.read(0, offset)).toString("base64")
        : undefined;
    return flatSource("raw", path, {
      name: options.name ?? nameFromFile(path),
      dimensions: [...dimensions],
      array,
      original: {
        format: "raw",
        byteOrder: array.byteOrder,
        ...(head === undefined ? {} : { head }),
      },
    });
  } finally {
    await file.close();
  }
}

function checkRawSize(path: string, array: FlatArray, found: number): void {
  const size = bytesPerValue(array.dataType);
  const rest = array.shape.reduce((product, value) => product * value, 1) * size;
  const expected = array.offset + rest;
  if (expected === found) return;
  throw new FieldzipError("shape", {
    where: path,
    expected: `${expected} bytes (${array.offset > 0 ? `${array.offset} before the values, then ` : ""}${array.shape.join(" x ") || "one value of"} ${array.dataType})`,
    found: `${found} bytes`,
    remedy: remedyFor(array, size, rest, found),
  });
}

/** What the sizes suggest: another type, a header, more steps, or just a wrong shape. */
function remedyFor(array: FlatArray, size: number, rest: number, found: number): string {
  const values = found - array.offset;
  if (rest > 0 && size === 4 && values === 2 * rest) {
    return "the file is twice as large: perhaps the values are f64, not f32";
  }
  if (rest > 0 && size === 8 && 2 * values === rest) {
    return "the file is half as large: perhaps the values are f32, not f64";
  }
  if (rest > 0 && values > rest && values % rest === 0) {
    return `the file holds ${values / rest} times as much: perhaps a leading axis is missing, as in --shape ${[values / rest, ...array.shape].join(",")}`;
  }
  if (values > rest && values - rest < 1 << 16) {
    return `perhaps there are ${values - rest} more bytes before the values: pass --offset ${array.offset + values - rest}`;
  }
  return "give the shape (slowest axis first), type and offset that the file has";
}
