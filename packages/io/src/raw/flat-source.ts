import { basename } from "node:path";
import {
  type Attributes,
  allocate,
  bytesOf,
  bytesPerValue,
  countOf,
  type DatasetSource,
  FieldzipError,
  type Json,
  type NumericArray,
  type VariableSource,
} from "@fieldzip/core";
import { openFile, type RandomAccessFile } from "../files/file.js";
import { type FlatArray, readFlat } from "../files/flat.js";
import { openPool } from "../files/pool.js";

/** What is known about the one variable of a flat file. */
export interface FlatVariable {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly attributes?: Attributes;
  readonly array: FlatArray;
  readonly original: Json;
}

/** A dataset of one variable that lies flat in one file. The file's size has been checked. */
export function flatSource(format: string, path: string, variable: FlatVariable): DatasetSource {
  const { array } = variable;
  // The file is opened when it is read: a directory of a thousand steps needs no thousand handles.
  const files = openPool<string, RandomAccessFile>(1, openFile, (file) => file.close());
  const source: VariableSource = {
    name: variable.name,
    dataType: array.dataType,
    shape: array.shape,
    dimensions: variable.dimensions,
    attributes: variable.attributes ?? {},
    original: variable.original,
    readBox: (box, signal) =>
      files.use(path, async (file) => {
        const data = allocate(array.dataType, countOf(box.shape)) as NumericArray;
        await readFlat(file, array, box, bytesOf(data), signal);
        return data;
      }),
  };
  return {
    format,
    location: path,
    dimensions: variable.dimensions.map((name, axis) => ({ name, size: array.shape[axis] })),
    groups: [{ path: "", attributes: {} }],
    variables: [source],
    close: () => files.close(),
  };
}

/** Refuses a file whose size is not exactly what its description says. */
export function checkFlatSize(path: string, array: FlatArray, size: number, remedy: string): void {
  const count = countOf(array.shape);
  const expected = array.offset + count * bytesPerValue(array.dataType);
  if (expected === size) return;
  throw new FieldzipError(expected > size ? "truncated" : "shape", {
    where: path,
    expected: `${expected} bytes (${array.offset} before the values, ${array.shape.join(" x ")} ${array.dataType})`,
    found: `${size} bytes`,
    remedy,
  });
}

/** A variable name from a file name: what stands before the first dot, as a plain word. */
export function nameFromFile(path: string): string {
  const stem = basename(path).replace(/\..*$/, "");
  return stem.replace(/[^A-Za-z0-9_+-]+/g, "_") || "data";
}
