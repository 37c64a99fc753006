import { type DataType, FieldzipError } from "@fieldzip/core";
import type { ByteOrder } from "../files/flat.js";

/** Data types of flat files: everything that has a fixed size. */
export type FlatType = Exclude<DataType, "string">;

const byName: Record<string, FlatType> = {
  f32: "float32",
  f4: "float32",
  float: "float32",
  float32: "float32",
  single: "float32",
  f64: "float64",
  f8: "float64",
  float64: "float64",
  double: "float64",
  char: "char",
  c: "char",
};
for (const bytes of [1, 2, 4, 8]) {
  const bits = bytes * 8;
  for (const [letter, word] of [
    ["i", "int"],
    ["u", "uint"],
  ] as const) {
    const type = `${word}${bits}` as FlatType;
    // `i8` is read as NumPy reads it only behind a byte-order mark (`<i8`): alone it counts bits.
    byName[`${letter}${bits}`] = type;
    byName[`${word}${bits}`] = type;
  }
}
const byNumpyCode: Record<string, FlatType> = {
  f4: "float32",
  f8: "float64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  b1: "uint8",
  S1: "char",
};

/** NumPy's code for a data type, without the byte order. */
export function numpyCodeOf(type: FlatType): string {
  if (type === "uint8") return "u1";
  return Object.keys(byNumpyCode).find((code) => byNumpyCode[code] === type) ?? "u1";
}

/** `f4` -> float32, as NumPy names types; undefined where fieldzip has no such type. */
export function typeOfNumpyCode(code: string): FlatType | undefined {
  return Object.hasOwn(byNumpyCode, code) ? byNumpyCode[code] : undefined;
}

/**
 * Data type (and byte order, where the name says it) from what a person writes: `f32`, `float64`,
 * `i16`, `uint8`, `double`, or NumPy's `<f4`, `>i2`.
 */
export function parseDataType(name: string): { dataType: FlatType; byteOrder?: ByteOrder } {
  const numpy = /^([<>|=])(.+)$/.exec(name);
  const found = numpy
    ? typeOfNumpyCode(numpy[2])
    : Object.hasOwn(byName, name.toLowerCase())
      ? byName[name.toLowerCase()]
      : undefined;
  if (!found) {
    throw new FieldzipError("usage", {
      where: "data type",
      expected: "one of f32, f64, i8, i16, i32, i64, u8, u16, u32, u64 (or float32, <f4, …)",
      found: JSON.stringify(name),
      remedy: "name the type of the values, as in --dtype f32",
    });
  }
  if (numpy?.[1] === "<") return { dataType: found, byteOrder: "little" };
  if (numpy?.[1] === ">") return { dataType: found, byteOrder: "big" };
  return { dataType: found };
}
