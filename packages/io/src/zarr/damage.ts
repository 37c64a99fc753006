import { allocate, type DataArray, type FieldzipError, isFieldzipError } from "@fieldzip/core";
import type { ArrayMetadata } from "./parse.js";

/** What a restored copy would not have: the tags for which `skip` reads on. */
export function isDamage(error: unknown): error is FieldzipError {
  return (
    isFieldzipError(error) &&
    ["checksum", "truncated", "format", "shape", "limit"].includes(error.tag)
  );
}

/** What a chunk that was skipped reads as. */
export function filled(
  array: ArrayMetadata,
  count: number,
  fill: number | bigint | string,
): DataArray {
  const values = allocate(array.dataType, count);
  (values as unknown[] & { fill(value: unknown): unknown }).fill(fill);
  return values;
}
