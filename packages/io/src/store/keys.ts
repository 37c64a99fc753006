import { FieldzipError } from "@fieldzip/core";
import type { ByteRange } from "./store.js";

/** True for `a/b/zarr.json`: parts that name something, no way up, out or around. */
export function isSafeKey(key: string): boolean {
  if (key.length === 0 || key.length > 4096) return false;
  return key.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !odd(part));
}

/** Characters that mean something to a file system: NUL and other controls, backslash. */
function odd(part: string): boolean {
  for (let i = 0; i < part.length; i++) {
    const code = part.charCodeAt(i);
    if (code < 32 || code === 127 || code === 92) return true;
  }
  return false;
}

/** Refuses keys that could lead out of a store. */
export function checkKey(key: string, location: string): void {
  if (isSafeKey(key)) return;
  throw new FieldzipError("usage", {
    where: `${location}, key ${JSON.stringify(key)}`,
    expected: "a relative key such as rho/c/0/0, without empty parts, `.`, `..` or backslashes",
    remedy: "name an object inside the store",
  });
}

/** Where a range starts and how long it is in an object of `size` bytes, clipped to it. */
export function clipRange(range: ByteRange, size: number): { offset: number; length: number } {
  if ("suffixLength" in range) {
    const length = Math.min(range.suffixLength, size);
    return { offset: size - length, length };
  }
  const offset = Math.min(range.offset, size);
  return { offset, length: Math.min(range.length, size - offset) };
}

export function duplicateKey(key: string, location: string): FieldzipError {
  return new FieldzipError("exists", {
    where: `${location}, key ${key}`,
    found: "an object under that key already",
    remedy:
      "store every object once; names that differ only in case need a .zip on this file system",
  });
}

export function storeClosed(location: string): FieldzipError {
  return new FieldzipError("usage", {
    where: location,
    found: "a store that was published or discarded",
    remedy: "open it again",
  });
}
