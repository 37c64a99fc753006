import { FieldzipError, type Json } from "@fieldzip/core";

/** JSON whose integers may be larger than a JavaScript number holds; other programs read them exactly. */
export type WideJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly WideJson[]
  | { readonly [key: string]: WideJson | undefined };

/** `JSON.stringify` without spaces that also writes bigints, as plain integers. */
export function stringifyWide(value: WideJson): string {
  if (typeof value === "bigint") return value.toString();
  // All digits of 1e20 would say an integer to Python, and another number than the float.
  if (typeof value === "number" && Math.abs(value) >= 2 ** 53) {
    return Number.isFinite(value) ? value.toExponential() : "null";
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stringifyWide).join(",")}]`;
  const parts: string[] = [];
  for (const [key, entry] of Object.entries(value as Record<string, WideJson | undefined>)) {
    if (entry !== undefined) parts.push(`${JSON.stringify(key)}:${stringifyWide(entry)}`);
  }
  return `{${parts.join(",")}}`;
}

export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of an object's own; what lies on its prototype does not count. */
export function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The error for metadata that does not say what it must. */
export function badMetadata(where: string, expected: string, found: unknown): FieldzipError {
  const text = found === undefined ? "nothing" : (JSON.stringify(found) ?? String(found));
  return new FieldzipError("format", {
    where,
    expected,
    found: text.length > 80 ? `${text.slice(0, 77)}...` : text,
    remedy: "the archive's metadata is damaged; restore zarr.json or write the archive again",
  });
}

export function expectObject(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw badMetadata(where, "an object", value);
}

export function expectArray(value: unknown, where: string): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw badMetadata(where, "a list", value);
}

export function expectString(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw badMetadata(where, "a string", value);
}

/** An integer that a JavaScript number holds exactly, at least `least`. */
export function expectCount(value: unknown, least: number, where: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw badMetadata(where, `an integer of at least ${least}`, value);
}

export function expectCounts(value: unknown, least: number, where: string): number[] {
  return expectArray(value, where).map((entry, i) => expectCount(entry, least, `${where}[${i}]`));
}
