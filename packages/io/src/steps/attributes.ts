import type { Attribute, Attributes, Json } from "@fieldzip/core";
import { recordOf } from "../original.js";
import { isDataType } from "../zarr/attributes.js";

/** Attributes as JSON that gives them back exactly: numbers as text. */
export function packAttributes(attributes: Attributes): Json {
  return Object.entries(attributes).map(([name, { type, values, scalar }]) => [
    name,
    type,
    values.map((value) => (Object.is(value, -0) ? "-0" : String(value))),
    scalar ?? false,
  ]);
}

/** Attributes again; what is no attribute is left out. */
export function unpackAttributes(packed: Json | undefined): Attributes {
  const result: [string, Attribute][] = [];
  for (const entry of Array.isArray(packed) ? packed : []) {
    if (!Array.isArray(entry)) continue;
    const [name, type, values, scalar] = entry;
    if (typeof name !== "string" || !isDataType(type) || !Array.isArray(values)) continue;
    const text = type === "char" || type === "string";
    const wide = type === "int64" || type === "uint64";
    const exact = values.map((value) =>
      text ? String(value) : wide ? wideOf(String(value)) : Number(value),
    );
    result.push([name, { type, values: exact, ...(scalar === true ? { scalar } : {}) }]);
  }
  return Object.fromEntries(result);
}

function wideOf(text: string): bigint {
  return /^-?\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

/** The attributes of a group or variable that one file has unlike the first: by key, packed. */
export function unpackOverride(
  overrides: Json | undefined,
  file: number,
  key: string,
): Attributes | undefined {
  const own = recordOf(recordOf(overrides)?.[String(file)]);
  return own && Object.hasOwn(own, key) ? unpackAttributes(own[key]) : undefined;
}
