import {
  type Attribute,
  type Attributes,
  type DataType,
  FieldzipError,
  isFloatType,
} from "@fieldzip/core";
import {
  badMetadata,
  expectArray,
  expectObject,
  expectString,
  isObject,
  type JsonObject,
  member,
  type WideJson,
} from "./json.js";

/**
 * Attributes in two places: plainly under their names, for every tool, and beside that a table that
 * gives each one's type and, where JSON cannot say the values exactly, the values as text.
 */
export interface EncodedAttributes {
  /** What stands under the node's `attributes`. */
  readonly plain: Record<string, WideJson>;
  /** What stands under `attributes.fieldzip.attribute_types`, one entry an attribute, in order. */
  readonly types: Record<string, WideJson>;
}

const integerRanges: Partial<Record<DataType, readonly [bigint, bigint]>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};
const dataTypes = new Set([...Object.keys(integerRanges), "float32", "float64", "char", "string"]);

export function isDataType(value: unknown): value is DataType {
  return typeof value === "string" && dataTypes.has(value);
}

/** `arrayType` is the data type of the array whose attributes they are; groups have none. */
export function encodeAttributes(attributes: Attributes, arrayType?: DataType): EncodedAttributes {
  const plain: [string, WideJson][] = [];
  const types: [string, WideJson][] = [];
  for (const [name, attribute] of Object.entries(attributes)) {
    const simple = plainOf(name, attribute, arrayType);
    if (simple !== undefined) plain.push([name, simple]);
    const same = simple !== undefined && saysExactly(name, attribute, arrayType);
    const entry = {
      type: attribute.type,
      scalar: attribute.scalar ? true : undefined,
      values: same ? undefined : attribute.values.map(exactText),
    };
    types.push([name, same && !attribute.scalar ? attribute.type : entry]);
  }
  // fromEntries, because an attribute may be named `__proto__`.
  return { plain: Object.fromEntries(plain), types: Object.fromEntries(types) };
}

/** True where reading the plain JSON gives the very same values. */
function saysExactly(name: string, { values }: Attribute, arrayType?: DataType): boolean {
  if (name === "_FillValue" && arrayType !== undefined) return false;
  return values.every((value) =>
    typeof value === "bigint"
      ? value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
      : typeof value === "string" || (Number.isFinite(value) && !Object.is(value, -0)),
  );
}

/** What other tools see; undefined where there is nothing that they would understand. */
function plainOf(name: string, attribute: Attribute, arrayType?: DataType): WideJson | undefined {
  // The name under which our own table stands.
  if (name === "fieldzip") return undefined;
  const { values } = attribute;
  if (name === "_FillValue" && arrayType !== undefined) return plainFillValue(values, arrayType);
  // JSON has no NaN: text in its place would break tools that compute with the attribute.
  if (values.some((value) => typeof value === "number" && !Number.isFinite(value))) {
    return undefined;
  }
  return values.length === 1 ? values[0] : [...values];
}

/** `_FillValue` as xarray expects it in Zarr v3: base64 of a little-endian float64, or an integer. */
function plainFillValue(values: Attribute["values"], arrayType: DataType): WideJson | undefined {
  if (values.length !== 1) return undefined;
  const [value] = values;
  if (arrayType === "string") return typeof value === "string" ? value : undefined;
  if (arrayType === "char") {
    const code = typeof value === "string" ? value.charCodeAt(0) || 0 : Number(value);
    return Number.isInteger(code) && code >= 0 && code < 256 ? code : undefined;
  }
  if (typeof value === "string") return undefined;
  if (isFloatType(arrayType)) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, Number(value), true);
    return btoa(String.fromCharCode(...bytes));
  }
  if (typeof value === "bigint") return inRange(value, arrayType) ? value : undefined;
  if (!Number.isInteger(value) || !inRange(BigInt(value), arrayType)) return undefined;
  return BigInt(value);
}

function inRange(value: bigint, type: DataType): boolean {
  const range = integerRanges[type];
  return range !== undefined && value >= range[0] && value <= range[1];
}

/** `-0`, `NaN` and every digit included: `Number(text)` or `BigInt(text)` gives the value back. */
function exactText(value: number | bigint | string): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The attributes of a node again, exactly. Those that our table does not name are another tool's. */
export function decodeAttributes(node: JsonObject, types: unknown, where: string): Attributes {
  if (types === undefined) return {};
  const decoded: [string, Attribute][] = [];
  for (const [name, entry] of Object.entries(expectObject(types, where))) {
    const at = `${where}, attribute ${name}`;
    const type = isObject(entry) ? member(entry, "type") : entry;
    if (!isDataType(type)) throw badMetadata(at, "a data type", type);
    const exact = isObject(entry) ? member(entry, "values") : undefined;
    const plain = member(node, name);
    // Removed by another tool, which does not know our table.
    if (exact === undefined && plain === undefined) continue;
    const values =
      exact !== undefined
        ? expectArray(exact, at).map((text) => fromText(expectString(text, at), type, at))
        : (Array.isArray(plain) ? plain : [plain]).map((value) => fromPlain(value, type, at));
    const scalar = isObject(entry) && member(entry, "scalar") === true;
    if (scalar && values.length !== 1)
      throw badMetadata(at, "one value of a scalar", values.length);
    decoded.push([name, scalar ? { type, values, scalar } : { type, values }]);
  }
  return Object.fromEntries(decoded);
}

function fromText(text: string, type: DataType, where: string): number | bigint | string {
  if (type === "char" || type === "string") return text;
  if (integerRanges[type]) {
    if (!/^-?\d{1,20}$/.test(text)) throw badMetadata(where, "a decimal integer", text);
    return integer(BigInt(text), type, where);
  }
  if (!/^(NaN|-?Infinity|-?\d[\d.]*(e[+-]?\d+)?)$/.test(text) || text.length > 40) {
    throw badMetadata(where, "a number as text", text);
  }
  return type === "float32" ? Math.fround(Number(text)) : Number(text);
}

function fromPlain(value: unknown, type: DataType, where: string): number | bigint | string {
  if (type === "char" || type === "string") return expectString(value, where);
  if (typeof value !== "number") throw badMetadata(where, `a value of type ${type}`, value);
  if (!integerRanges[type]) return type === "float32" ? Math.fround(value) : value;
  if (!Number.isSafeInteger(value)) throw badMetadata(where, "an integer", value);
  return integer(BigInt(value), type, where);
}

function integer(value: bigint, type: DataType, where: string): number | bigint {
  if (!inRange(value, type)) throw badMetadata(where, `a value of type ${type}`, value.toString());
  return type === "int64" || type === "uint64" ? value : Number(value);
}

/** The value that damaged parts of a variable read as: its `_FillValue`, else NaN, 0 or "". */
export function fillValueOf(attributes: Attributes, type: DataType): number | bigint | string {
  const value = Object.hasOwn(attributes, "_FillValue")
    ? attributes._FillValue.values[0]
    : undefined;
  if (type === "string") return typeof value === "string" ? value : "";
  if (type === "char") return typeof value === "string" ? value.charCodeAt(0) & 255 : 0;
  if (isFloatType(type)) return value === undefined ? Number.NaN : Number(value);
  const wide = type === "int64" || type === "uint64";
  if (typeof value === "string" || value === undefined) return wide ? 0n : 0;
  if (typeof value === "number" && !Number.isInteger(value)) return wide ? 0n : 0;
  return wide ? BigInt(value) : Number(value);
}

/** Refuses attributes that cannot be stored exactly, before anything is written. */
export function checkAttributes(attributes: Attributes, where: string): void {
  for (const [name, { type, values }] of Object.entries(attributes)) {
    const text = type === "char" || type === "string";
    for (const value of values) {
      const fits = text
        ? typeof value === "string"
        : typeof value !== "string" &&
          (!integerRanges[type] ||
            (typeof value === "bigint" || Number.isInteger(value)
              ? inRange(BigInt(value), type)
              : false));
      if (fits) continue;
      throw new FieldzipError("usage", {
        where: `${where}, attribute ${name}`,
        expected: `values of type ${type}`,
        found: `${typeof value} ${String(value).slice(0, 40)}`,
        remedy: "give the attribute the type of its values",
      });
    }
  }
}
