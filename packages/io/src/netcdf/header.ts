import {
  type Attribute,
  type Attributes,
  bytesPerValue,
  type DataType,
  FieldzipError,
  type NumericType,
  viewBytes,
} from "@fieldzip/core";
import type { RandomAccessFile } from "../files/file.js";
import { swapInPlace } from "./byte-order.js";
import { HeaderCursor, paddingOf } from "./header-cursor.js";
import { decodeText } from "./text.js";

/** CDF-1 (classic), CDF-2 (64-bit offset) and CDF-5 (64-bit data). */
export type ClassicVersion = 1 | 2 | 5;

export interface ClassicDimension {
  readonly name: string;
  /** Length; of the record dimension, the number of records. */
  readonly size: number;
  readonly record: boolean;
}

export interface ClassicVariable {
  readonly name: string;
  readonly dataType: Exclude<DataType, "string">;
  readonly dimensions: readonly ClassicDimension[];
  readonly attributes: Attributes;
  /** File offset of the first value. */
  readonly begin: number;
  /** Whether the first dimension is the record dimension. */
  readonly record: boolean;
}

export interface ClassicHeader {
  readonly version: ClassicVersion;
  readonly dimensions: readonly ClassicDimension[];
  readonly attributes: Attributes;
  readonly variables: readonly ClassicVariable[];
  /** Bytes from one record to the next. */
  readonly recordBytes: number;
}

const dimensionTag = 0x0a;
const variableTag = 0x0b;
const attributeTag = 0x0c;

/** External types by their number; those from `uint8` on exist in CDF-5 only. */
const types: readonly (Exclude<DataType, "string"> | undefined)[] = [
  undefined,
  "int8",
  "char",
  "int16",
  "int32",
  "float32",
  "float64",
  "uint8",
  "uint16",
  "uint32",
  "int64",
  "uint64",
];
const lastClassicType = 6;

interface RawVariable {
  readonly name: string;
  readonly dataType: Exclude<DataType, "string">;
  readonly dimensionIds: readonly number[];
  readonly attributes: Attributes;
  readonly begin: number;
}

/**
 * Parses the header of a NetCDF classic file as the NetCDF file format specification has it.
 * Sizes of variables are computed from their shapes; the stored `vsize` wraps above 4 GiB and is
 * not used, as the specification advises.
 */
export async function readHeader(
  file: RandomAccessFile,
  signal?: AbortSignal,
): Promise<ClassicHeader> {
  const cursor = new HeaderCursor(file, signal);
  const magic = await cursor.take(4);
  const version = magic[3];
  if (magic[0] !== 0x43 || magic[1] !== 0x44 || magic[2] !== 0x46) {
    throw cursor.error("the signature", "CDF", `bytes ${[...magic].join(" ")}`, 0);
  }
  if (version !== 1 && version !== 2 && version !== 5) {
    throw new FieldzipError("unsupported", {
      where: file.path,
      expected: "NetCDF classic version 1, 2 or 5",
      found: `version ${version}`,
      remedy: "convert the file with nccopy -k cdf5",
    });
  }
  cursor.countBytes = version === 5 ? 8 : 4;
  const records = await readRecordCount(cursor);
  const rawDimensions = await readDimensions(cursor);
  const attributes = await readAttributes(cursor, version);
  const rawVariables = await readVariables(cursor, version, rawDimensions);

  const recordId = rawDimensions.findIndex((dimension) => dimension.length === 0);
  const recordVariables = rawVariables.filter(
    (variable) => variable.dimensionIds.length > 0 && variable.dimensionIds[0] === recordId,
  );
  const bytesOf = (variable: RawVariable) =>
    variable.dimensionIds
      .slice(1)
      .reduce((bytes, id) => bytes * rawDimensions[id].length, bytesPerValue(variable.dataType));
  // One record variable alone lies unpadded; several are padded to 4 bytes each.
  const recordBytes =
    recordVariables.length === 1
      ? bytesOf(recordVariables[0])
      : recordVariables.reduce((sum, v) => sum + bytesOf(v) + paddingOf(bytesOf(v)), 0);
  const firstRecord = Math.min(...recordVariables.map((variable) => variable.begin));
  const recordCount =
    records ??
    (recordBytes > 0 ? Math.max(0, Math.floor((file.size - firstRecord) / recordBytes)) : 0);

  const dimensions = rawDimensions.map(({ name, length }) => ({
    name,
    size: length === 0 ? recordCount : length,
    record: length === 0,
  }));
  return {
    version,
    dimensions,
    attributes,
    recordBytes,
    variables: rawVariables.map(({ name, dataType, dimensionIds, attributes, begin }) => ({
      name,
      dataType,
      attributes,
      begin,
      dimensions: dimensionIds.map((id) => dimensions[id]),
      record: dimensionIds.length > 0 && dimensionIds[0] === recordId,
    })),
  };
}

/** The number of records, or undefined where the file was streamed and does not say. */
async function readRecordCount(cursor: HeaderCursor): Promise<number | undefined> {
  if (cursor.countBytes === 4) {
    const count = await cursor.uint32();
    return count === 0xffffffff ? undefined : count;
  }
  const count = await cursor.uint64();
  if (count === 2n ** 64n - 1n) return undefined;
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw cursor.error("the number of records", "at most 2^53", `${count}`, 4);
  }
  return Number(count);
}

/** Reads a list's tag and length; an absent list has two zeros in their place. */
async function readListLength(
  cursor: HeaderCursor,
  tag: number,
  what: string,
  leastBytes: number,
): Promise<number> {
  const at = cursor.offset;
  const found = await cursor.uint32();
  const count = await cursor.count(what, leastBytes);
  if (found !== tag && (found !== 0 || count !== 0)) {
    throw cursor.error(`the list of ${what}`, `tag ${tag} or an absent list`, `tag ${found}`, at);
  }
  return count;
}

async function readDimensions(cursor: HeaderCursor): Promise<{ name: string; length: number }[]> {
  const count = await readListLength(cursor, dimensionTag, "dimensions", 12);
  const dimensions: { name: string; length: number }[] = [];
  const names = new Set<string>();
  for (let id = 0; id < count; id++) {
    const at = cursor.offset;
    const name = await cursor.name("dimension");
    const length = await cursor.size(`the length of dimension ${name}`);
    if (names.has(name)) throw cursor.error("dimensions", "distinct names", `${name} twice`, at);
    if (length === 0 && dimensions.some((dimension) => dimension.length === 0)) {
      throw cursor.error("dimensions", "one record dimension", `a second one, ${name}`, at);
    }
    names.add(name);
    dimensions.push({ name, length });
  }
  return dimensions;
}

async function readType(
  cursor: HeaderCursor,
  version: ClassicVersion,
  what: string,
): Promise<Exclude<DataType, "string">> {
  const at = cursor.offset;
  const number = await cursor.uint32();
  const type = version === 5 || number <= lastClassicType ? types[number] : undefined;
  if (type) return type;
  const last = version === 5 ? types.length - 1 : lastClassicType;
  throw cursor.error(`the type of ${what}`, `1 to ${last}`, `${number}`, at);
}

async function readAttributes(cursor: HeaderCursor, version: ClassicVersion): Promise<Attributes> {
  const count = await readListLength(cursor, attributeTag, "attributes", 16);
  const attributes = new Map<string, Attribute>();
  for (let id = 0; id < count; id++) {
    const at = cursor.offset;
    const name = await cursor.name("attribute");
    if (attributes.has(name)) {
      throw cursor.error("attributes", "distinct names", `${name} twice`, at);
    }
    const type = await readType(cursor, version, `attribute ${name}`);
    const size = bytesPerValue(type);
    const length = await cursor.count(`values of attribute ${name}`, size);
    const bytes = await cursor.take(length * size);
    await cursor.take(paddingOf(length * size));
    attributes.set(name, attributeOf(type, bytes.slice()));
  }
  return Object.fromEntries(attributes);
}

/** NetCDF text attributes are one text, however long; the others are lists of numbers. */
function attributeOf(type: NumericType | "char", bytes: Uint8Array): Attribute {
  // NetCDF-4 stores text as a scalar; the classic format does not tell the two apart.
  if (type === "char") return { type, values: [decodeText(bytes)], scalar: true };
  swapInPlace(bytes, bytesPerValue(type));
  return { type, values: Array.from<number | bigint>(viewBytes(type, bytes)) };
}

async function readVariables(
  cursor: HeaderCursor,
  version: ClassicVersion,
  dimensions: readonly { name: string; length: number }[],
): Promise<RawVariable[]> {
  const count = await readListLength(cursor, variableTag, "variables", 28);
  const variables: RawVariable[] = [];
  const names = new Set<string>();
  for (let id = 0; id < count; id++) {
    const at = cursor.offset;
    const name = await cursor.name("variable");
    if (names.has(name)) throw cursor.error("variables", "distinct names", `${name} twice`, at);
    names.add(name);
    const rank = await cursor.count(`dimensions of variable ${name}`, cursor.countBytes);
    const dimensionIds: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      const idAt = cursor.offset;
      const dimension = await cursor.size(`a dimension of variable ${name}`);
      if (dimension >= dimensions.length) {
        const expected = `a number below ${dimensions.length}`;
        throw cursor.error(`variable ${name}, axis ${axis}`, expected, `${dimension}`, idAt);
      }
      if (axis > 0 && dimensions[dimension].length === 0) {
        const expected = "the record dimension on the first axis only";
        throw cursor.error(`variable ${name}`, expected, `it on axis ${axis}`, idAt);
      }
      dimensionIds.push(dimension);
    }
    const attributes = await readAttributes(cursor, version);
    const dataType = await readType(cursor, version, `variable ${name}`);
    const values = dimensionIds.reduce((all, d) => all * (dimensions[d].length || 1), 1);
    if (values * bytesPerValue(dataType) > Number.MAX_SAFE_INTEGER) {
      throw cursor.error(`variable ${name}`, "at most 2^53 bytes", `${values} values`, at);
    }
    await cursor.size(`the size of variable ${name}`);
    const beginAt = cursor.offset;
    const begin = version === 1 ? await cursor.uint32() : Number(await cursor.uint64());
    if (begin >= (version === 1 ? 2 ** 31 : Number.MAX_SAFE_INTEGER)) {
      throw cursor.error(`variable ${name}`, "a file offset", `a negative one`, beginAt);
    }
    variables.push({ name, dataType, dimensionIds, attributes, begin });
  }
  return variables;
}
