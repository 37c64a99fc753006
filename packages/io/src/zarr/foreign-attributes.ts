import {
  type Attribute,
  type Attributes,
  type DataType,
  isFloatType,
  type Json,
} from "@fieldzip/core";
import type { JsonObject } from "./json.js";

/** Attributes that carry what the dataset says in another way. */
const structural = new Set(["_ARRAY_DIMENSIONS"]);
/** CF attributes whose values have the type of the array. */
const typedAsArray = new Set([
  "_FillValue",
  "missing_value",
  "valid_min",
  "valid_max",
  "valid_range",
]);

/**
 * JSON attributes with types: text, int32 (int64 where it must be) and float64; a list of one kind
 * stays a list; what is neither is kept as JSON text.
 */
export function foreignAttributes(attributes: JsonObject, arrayType?: DataType): Attributes {
  const result: [string, Attribute][] = [];
  for (const [name, value] of Object.entries(attributes)) {
    if (structural.has(name)) continue;
    const typed = arrayType && typedAsArray.has(name) ? valuesAsArray(value, arrayType) : undefined;
    result.push([name, typed ?? attributeOf(value)]);
  }
  return Object.fromEntries(result);
}

function attributeOf(value: Json): Attribute {
  const scalar = !Array.isArray(value);
  const values = Array.isArray(value) ? value : [value];
  const shape = scalar ? { scalar } : {};
  if (values.length > 0 && values.every((item) => typeof item === "string")) {
    return { type: scalar ? "char" : "string", values: values as string[], ...shape };
  }
  if (values.every((item) => typeof item === "boolean")) {
    return { type: "int8", values: values.map(Number), ...shape };
  }
  if (values.length > 0 && values.every((item) => typeof item === "number")) {
    const numbers = values as number[];
    if (numbers.every((item) => Number.isInteger(item) && Math.abs(item) < 2 ** 31)) {
      return { type: "int32", values: numbers, ...shape };
    }
    if (numbers.every((item) => Number.isSafeInteger(item))) {
      return { type: "int64", values: numbers.map(BigInt), ...shape };
    }
    return { type: "float64", values: numbers, ...shape };
  }
  return { type: "char", values: [JSON.stringify(value)], scalar: true };
}

function valuesAsArray(value: Json, type: DataType): Attribute | undefined {
  const scalar = !Array.isArray(value);
  const values = (Array.isArray(value) ? value : [value]).map((item) => scalarOf(item, type));
  if (values.some((item) => item === undefined)) return undefined;
  return { type, values: values as (number | bigint)[], ...(scalar ? { scalar } : {}) };
}

function scalarOf(value: Json, type: DataType): number | bigint | undefined {
  if (isFloatType(type)) {
    const number = floatOf(value);
    return number === undefined || type === "float64" ? number : Math.fround(number);
  }
  if (type === "string" || type === "char" || !Number.isSafeInteger(value)) return undefined;
  return type === "int64" || type === "uint64" ? BigInt(value as number) : (value as number);
}

/** A float as JSON gives it: a number, `NaN` and infinities by name, or xarray's base64 of a float64. */
function floatOf(value: Json): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (/^(NaN|-?Infinity)$/.test(value)) return Number(value);
  if (!/^[A-Za-z0-9+/]{11}=$/.test(value)) return undefined;
  return Buffer.from(value, "base64").readDoubleLE(0);
}

/**
 * The bytes of the value that chunks which were never written read as, in the machine's byte order;
 * undefined for text. Zarr v3 may give a float's bits as `0x7fc00000`.
 */
export function fillBytes(value: Json | undefined, type: Exclude<DataType, "string">): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  const little = true;
  if (isFloatType(type)) {
    const size = type === "float32" ? 4 : 8;
    if (typeof value === "string" && /^0x[0-9a-f]{1,16}$/i.test(value)) {
      view.setBigUint64(0, BigInt(value), little);
    } else if (size === 4) view.setFloat32(0, floatOf(value ?? 0) ?? 0, little);
    else view.setFloat64(0, floatOf(value ?? 0) ?? 0, little);
    return bytes.slice(0, size);
  }
  const number = value === true ? 1 : typeof value === "number" ? Math.trunc(value) : 0;
  view.setBigInt64(0, BigInt.asIntN(64, BigInt(Number.isFinite(number) ? number : 0)), little);
  return bytes.slice(0, type === "char" ? 1 : Number(type.replace(/\D+/, "")) / 8);
}
