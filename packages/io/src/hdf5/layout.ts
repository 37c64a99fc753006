import {
  bytesPerValue,
  countOf,
  type Dataset,
  type DataType,
  type Dimension,
  groupOf,
  type Json,
  type Variable,
} from "@fieldzip/core";
import { nonCoordinatePrefix } from "./dimensions.js";

/** Where a dimension is kept: in a coordinate variable's dataset or in a scale of its own. */
export interface PlannedDimension {
  readonly dimension: Dimension;
  readonly id: number;
  /** The variable that is the scale; undefined where the dimension needs a dataset of its own. */
  readonly variable?: PlannedVariable;
}

export interface PlannedVariable {
  readonly variable: Variable;
  /** Path of the dataset. */
  readonly path: string;
  readonly unlimited: readonly boolean[];
  /** Chunk shape; undefined where the values lie in one piece. */
  readonly chunk?: readonly number[];
  readonly deflate?: number;
  /** Bytes of each text where they are stored with a fixed length. */
  readonly fixedText?: number;
  /** Name of the dimension scale that the variable is, where it is one. */
  readonly scale?: string;
}

export interface Plan {
  /** Groups below the root, parents first. */
  readonly groups: readonly string[];
  readonly dimensions: readonly PlannedDimension[];
  readonly variables: readonly PlannedVariable[];
}

/** Variables up to this size are written in one piece where nothing asks for chunks. */
const wholeBytes = 4 * 2 ** 20;
/** Values per chunk where the source names none. */
const chunkValues = 2 ** 18;
/** HDF5 stores chunks below 4 GiB; a chunk has to fit into the library's memory as well. */
const largestChunkBytes = 2 ** 28;

/** Decides what is written where, before anything is. */
export function planFile(dataset: Dataset, netcdf: boolean): Plan {
  const byName = new Map(dataset.dimensions.map((dimension) => [dimension.name, dimension]));
  const variables = dataset.variables.map((variable): PlannedVariable => {
    const { name, source } = variable;
    const original = asRecord(source.original);
    const coordinate = byName.has(name) && variable.dimensions[0] === name;
    const unlimited = variable.dimensions.map((path) => byName.get(path)?.unlimited ?? false);
    const clash = netcdf && byName.has(name) && !coordinate;
    return {
      variable,
      path: clash ? withPrefix(name) : name,
      unlimited,
      chunk: chunkOf(variable, unlimited, original),
      deflate: numberIn(original.deflate, 0, 9),
      fixedText:
        variable.dataType === "string" ? numberIn(original.fixedText, 2, 2 ** 20) : undefined,
      scale: scaleNameOf(name, coordinate, netcdf, original.scale),
    };
  });
  const scales = new Map(
    variables
      .filter((planned) => planned.scale !== undefined)
      .map((planned) => [planned.variable.name, planned]),
  );
  return {
    groups: groupsOf(dataset),
    variables,
    dimensions: dataset.dimensions.map((dimension, id) => ({
      dimension,
      id,
      variable: scales.get(dimension.name),
    })),
  };
}

function scaleNameOf(
  name: string,
  coordinate: boolean,
  netcdf: boolean,
  original: Json | undefined,
): string | undefined {
  if (!coordinate) return undefined;
  // NetCDF-4 names the scale like its variable; plain HDF5 says what the file said.
  if (netcdf) return name.slice(name.lastIndexOf("/") + 1);
  return typeof original === "string" ? original : undefined;
}

function chunkOf(
  variable: Variable,
  unlimited: readonly boolean[],
  original: Readonly<Record<string, Json>>,
): readonly number[] | undefined {
  const { shape, dataType } = variable;
  if (shape.length === 0) return undefined;
  const mustChunk = unlimited.includes(true);
  if (countOf(shape) === 0 && !mustChunk) return undefined;
  const size = bytesPerValue(dataType);
  const fit = (chunk: readonly number[]) =>
    chunk.map((value, axis) => (unlimited[axis] ? value : Math.min(value, shape[axis])));
  const stored = original.chunk;
  if (isChunk(stored, shape.length) && countOf(fit(stored)) * size <= largestChunkBytes) {
    return fit(stored);
  }
  if (!mustChunk && countOf(shape) * size <= wholeBytes) return undefined;
  return defaultChunk(shape, unlimited);
}

/** As many of the fastest axes as fit; along an unlimited axis that is not the only one, 1. */
function defaultChunk(shape: readonly number[], unlimited: readonly boolean[]): number[] {
  const chunk = shape.map(() => 1);
  let room = chunkValues;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = Math.max(1, shape[axis]);
    if (unlimited[axis] && shape.length > 1) continue;
    // Pieces of equal size, so that the last one is not mostly padding.
    chunk[axis] = Math.ceil(size / Math.ceil(size / room));
    room = Math.max(1, Math.floor(room / chunk[axis]));
  }
  return chunk;
}

function isChunk(value: Json | undefined, rank: number): value is number[] {
  return (
    Array.isArray(value) &&
    value.length === rank &&
    value.every((size) => typeof size === "number" && Number.isInteger(size) && size >= 1)
  );
}

/**
 * The box in units of which a variable is moved: whole chunks of the source and of the target, so
 * that no chunk is decoded or encoded twice, where that stays below `limit` values.
 */
export function moveUnit(planned: PlannedVariable, limit: number): readonly number[] {
  const { variable, chunk } = planned;
  const source = variable.source.storedChunk;
  const target = chunk ?? variable.shape.map(() => 1);
  if (!source || source.length !== target.length) return target;
  const unit = target.map((size, axis) => {
    const least = leastCommonMultiple(size, Math.max(1, source[axis]));
    return Math.min(least, Math.max(size, variable.shape[axis]));
  });
  if (countOf(unit) <= limit) return unit;
  // A chunk that is compressed must be written whole; otherwise the source's decides.
  return planned.deflate === undefined && countOf(source) <= limit ? source : target;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

function groupsOf(dataset: Dataset): string[] {
  const groups = new Set<string>();
  const add = (path: string) => {
    if (path === "" || groups.has(path)) return;
    add(groupOf(path));
    groups.add(path);
  };
  for (const { path } of dataset.source.groups) add(path);
  for (const { name } of dataset.dimensions) add(groupOf(name));
  for (const { name } of dataset.variables) add(groupOf(name));
  return [...groups];
}

function withPrefix(name: string): string {
  const group = groupOf(name);
  const base = `${nonCoordinatePrefix}${name.slice(name.lastIndexOf("/") + 1)}`;
  return group === "" ? base : `${group}/${base}`;
}

/** The fields of `original`, which comes from an archive and may be anything. */
export function asRecord(original: Json | undefined): Readonly<Record<string, Json>> {
  return original !== null && typeof original === "object" && !Array.isArray(original)
    ? original
    : {};
}

function numberIn(value: Json | undefined, low: number, high: number): number | undefined {
  const fits = typeof value === "number" && Number.isInteger(value) && value >= low;
  return fits && value <= high ? value : undefined;
}

/** Bytes of a variable as progress counts them. */
export function bytesOfVariable(shape: readonly number[], dataType: DataType): number {
  return countOf(shape) * bytesPerValue(dataType);
}
