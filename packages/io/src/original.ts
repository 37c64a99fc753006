import type { Dataset, Json } from "@fieldzip/core";

/** The format a dataset first came in, and what that format's writer needs to give its files back. */
export interface Original {
  readonly format: string;
  readonly original: Json | undefined;
}

/**
 * Where the data came from: the dataset's own format, or, for an archive, the format of what was
 * compressed. Undefined where that is no longer known (a part of an archive).
 */
export function originalOf(dataset: Dataset): Original | undefined {
  const { format, original } = dataset.source;
  if (format !== "archive") return { format, original };
  const kept = recordOf(original);
  if (typeof kept?.format !== "string") return undefined;
  return { format: kept.format, original: kept.original };
}

/** A JSON object, or undefined: originals come out of archives, which may hold anything. */
export function recordOf(value: Json | undefined): { [key: string]: Json } | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

/** A variable's `original` if the writer of `format` left it. */
export function variableOriginal(
  value: Json | undefined,
  format: string,
): { [key: string]: Json } | undefined {
  const record = recordOf(value);
  return record?.format === format ? record : undefined;
}
