import {
  baseName,
  bytesOf,
  bytesPerValue,
  countOf,
  type DataArray,
  type DatasetSource,
  type Dimension,
  FieldzipError,
  type Json,
  type NumericArray,
  throwIfAborted,
  type VariableSource,
} from "@fieldzip/core";
import type { OpenPool } from "../files/pool.js";
import { packAttributes } from "./attributes.js";

/** Coordinates, and other small variables, are compared by value up to these sizes in bytes. */
const coordinateLimit = 1 << 20;
const smallLimit = 1 << 16;

/**
 * How a variable of the files becomes one of the dataset. `once`: the same in every file, kept
 * once. `joined`: along the unlimited dimension that the files have. `stacked`: along a new
 * leading axis.
 */
export type Role = "once" | "joined" | "stacked";

/** What the files of a series have in common, and in what they differ. */
export interface SeriesStructure {
  readonly first: DatasetSource;
  /** The dimension along which the files are joined. */
  readonly joined: Dimension | undefined;
  /** Size of the joined dimension in every file. */
  readonly records: readonly number[];
  readonly roles: ReadonlyMap<string, Role>;
  /** Per file (by index), what differs from the first file. */
  readonly attributes: { [file: string]: Json };
  readonly originals: { [file: string]: Json };
  /** Per variable name, then file. */
  readonly variableOriginals: ReadonlyMap<string, { [file: string]: Json }>;
}

/** Opens every file of a series once and compares it with the first. */
export async function inspectSeries(
  paths: readonly string[],
  pool: OpenPool<string, DatasetSource>,
  signal?: AbortSignal,
): Promise<SeriesStructure> {
  // What was opened is a plain object: its structure can be looked at after the pool has closed it.
  const first = await pool.use(paths[0], async (source) => source);
  const joined = joinedDimension(first);
  const roles = new Map<string, Role>();
  const kept = new Map<string, DataArray>();
  for (const variable of first.variables) {
    const role =
      joined && variable.dimensions[0] === joined.name
        ? "joined"
        : paths.length === 1
          ? "once"
          : "stacked";
    roles.set(variable.name, role);
    if (role !== "stacked" || !isSmall(variable)) continue;
    roles.set(variable.name, "once");
    kept.set(variable.name, await readWhole(pool, paths[0], variable.name, signal));
  }
  const records: number[] = [];
  const attributes: { [file: string]: Json } = {};
  const originals: { [file: string]: Json } = {};
  const variableOriginals = new Map<string, { [file: string]: Json }>();
  for (const [index, path] of paths.entries()) {
    throwIfAborted(signal);
    await pool.use(path, async (source) => {
      records.push(compare(first, source, joined, path));
      const different = differentAttributes(first, source);
      if (Object.keys(different).length > 0) attributes[index] = different;
      if (differs(first.original, source.original)) originals[index] = source.original ?? null;
      for (const variable of source.variables) {
        const model = first.variables.find(({ name }) => name === variable.name);
        if (differs(model?.original, variable.original)) {
          const own = variableOriginals.get(variable.name) ?? {};
          own[index] = variable.original ?? null;
          variableOriginals.set(variable.name, own);
        }
      }
    });
    for (const [name, values] of kept) {
      if (index === 0 || sameValues(values, await readWhole(pool, path, name, signal))) continue;
      kept.delete(name);
      roles.set(name, "stacked");
    }
  }
  return { first, joined, records, roles, attributes, originals, variableOriginals };
}

/** The one unlimited dimension that is a leading axis, and never another, if there is one. */
function joinedDimension(source: DatasetSource): Dimension | undefined {
  const leading = source.dimensions.filter(
    ({ name, unlimited }) =>
      unlimited &&
      source.variables.some(({ dimensions }) => dimensions[0] === name) &&
      source.variables.every(({ dimensions }) => !dimensions.slice(1).includes(name)),
  );
  return leading.length === 1 ? leading[0] : undefined;
}

function isSmall(variable: VariableSource): boolean {
  const coordinate = variable.dimensions.length === 1 && variable.dimensions[0] === variable.name;
  const bytes = countOf(variable.shape) * bytesPerValue(variable.dataType);
  return bytes <= (coordinate ? coordinateLimit : smallLimit);
}

async function readWhole(
  pool: OpenPool<string, DatasetSource>,
  path: string,
  name: string,
  signal?: AbortSignal,
): Promise<DataArray> {
  return pool.use(path, (source) => {
    const variable = variableOf(source, name, path);
    return variable.readBox({ start: variable.shape.map(() => 0), shape: variable.shape }, signal);
  });
}

/** A variable of one file; a typed error where the file has changed since it was compared. */
export function variableOf(source: DatasetSource, name: string, path: string): VariableSource {
  const found = source.variables.find((variable) => variable.name === name);
  if (found) return found;
  throw mismatch(path, name, "a variable of that name, as in the first file", "none");
}

/** Refuses a file that is not built as the first; resolves to its size along the joined dimension. */
function compare(
  first: DatasetSource,
  source: DatasetSource,
  joined: Dimension | undefined,
  path: string,
): number {
  for (const model of first.variables) {
    const variable = variableOf(source, model.name, path);
    const skip = joined && model.dimensions[0] === joined.name ? 1 : 0;
    const describe = ({ dataType, shape, dimensions }: VariableSource) =>
      `${dataType} [${dimensions.map((name, axis) => `${baseName(name)}${axis < skip ? "" : ` ${shape[axis]}`}`).join(", ")}]`;
    if (describe(model) !== describe(variable)) {
      throw mismatch(path, model.name, describe(model), describe(variable));
    }
  }
  const extra = source.variables.find(
    ({ name }) => !first.variables.some((model) => model.name === name),
  );
  if (extra) throw mismatch(path, extra.name, "no such variable, as in the first file", "one");
  return joined ? (source.dimensions.find(({ name }) => name === joined.name)?.size ?? 0) : 1;
}

function mismatch(path: string, name: string, expected: string, found: string): FieldzipError {
  return new FieldzipError("shape", {
    where: `${path}, variable ${name}`,
    expected,
    found,
    remedy: "the files of one dataset must be built alike; keep others in a folder of their own",
  });
}

function differentAttributes(first: DatasetSource, source: DatasetSource): { [key: string]: Json } {
  const different: { [key: string]: Json } = {};
  for (const model of first.variables) {
    const own = source.variables.find(({ name }) => name === model.name);
    const packed = packAttributes(own?.attributes ?? {});
    if (differs(packAttributes(model.attributes), packed)) different[`v:${model.name}`] = packed;
  }
  for (const model of first.groups) {
    const own = source.groups.find(({ path }) => path === model.path);
    const packed = packAttributes(own?.attributes ?? {});
    if (differs(packAttributes(model.attributes), packed)) different[`g:${model.path}`] = packed;
  }
  return different;
}

function differs(a: Json | undefined, b: Json | undefined): boolean {
  return a !== b && JSON.stringify(a) !== JSON.stringify(b);
}

function sameValues(a: DataArray, b: DataArray): boolean {
  if (Array.isArray(a) || Array.isArray(b)) return JSON.stringify(a) === JSON.stringify(b);
  return Buffer.from(bytesOf(a as NumericArray)).equals(bytesOf(b as NumericArray));
}
