import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type Attribute,
  type Attributes,
  bytesPerValue,
  countOf,
  type Dataset,
  type Dimension,
  type Variable,
} from "@fieldzip/core";
import { archiveIndex, type StoredVariable, storedVariables } from "@fieldzip/io";

/** What `inspect` finds in a file or archive without decoding a value. */
export interface Inspection {
  readonly location: string;
  /** Of the file, or of what was compressed. */
  readonly format: string;
  readonly archive: boolean;
  readonly dimensions: readonly Dimension[];
  readonly attributes: Readonly<Record<string, readonly AttributeValue[]>>;
  /** Bytes of all values. */
  readonly originalBytes: number;
  /** Bytes of the file, folder or archive; undefined behind a URL. */
  readonly storedBytes?: number;
  readonly variables: readonly InspectedVariable[];
}

export type AttributeValue = number | string;

export interface InspectedVariable {
  readonly name: string;
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly dimensions: readonly string[];
  readonly attributes: Readonly<Record<string, readonly AttributeValue[]>>;
  readonly originalBytes: number;
  /** Only in archives. */
  readonly stored?: StoredVariable;
}

/** Reads metadata, sizes and a few stream headers. Errors: `missing` for a variable, `format`. */
export async function inspect(
  dataset: Dataset,
  options: { variables?: readonly string[]; signal?: AbortSignal } = {},
): Promise<Inspection> {
  const { variables = dataset.variables.map(({ name }) => name), signal } = options;
  const reader = archiveIndex(dataset);
  const stored = reader && storedVariables(reader);
  const inspected: InspectedVariable[] = [];
  for (const name of variables) {
    const variable = dataset.variable(name);
    inspected.push({
      name,
      dataType: variable.dataType,
      shape: variable.shape,
      dimensions: variable.dimensions,
      attributes: plainAttributes(variable.attributes),
      originalBytes: bytesIn(variable),
      stored: await stored?.(name, signal),
    });
  }
  const original = dataset.source.original;
  const first = original && typeof original === "object" ? Reflect.get(original, "format") : "";
  return {
    location: dataset.location,
    format: reader ? String(first) : dataset.format,
    archive: reader !== undefined,
    dimensions: dataset.dimensions,
    attributes: plainAttributes(dataset.attributes),
    originalBytes: dataset.variables.reduce((sum, variable) => sum + bytesIn(variable), 0),
    storedBytes: await sizeOf(dataset.location),
    variables: inspected,
  };
}

function bytesIn(variable: Variable): number {
  return countOf(variable.shape) * bytesPerValue(variable.dataType);
}

function plainAttributes(attributes: Attributes): Record<string, AttributeValue[]> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { values }]) => [name, values.map(plainValue)]),
  );
}

/** As JSON can say it: integers beyond 2^53, NaN and infinities become text. */
function plainValue(value: Attribute["values"][number]): AttributeValue {
  return typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))
    ? String(value)
    : value;
}

/** Bytes of a file or of all files below a folder; undefined where that is not on this disk. */
async function sizeOf(location: string): Promise<number | undefined> {
  const found = await stat(location).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size;
  const entries = await readdir(location, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) => stat(join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
