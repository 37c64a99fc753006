/** Values of variables at a list of points, given by their coordinates. */
import {
  baseName,
  bytesPerValue,
  type Dataset,
  FieldzipError,
  type Variable,
  type WorkOptions,
} from "@fieldzip/core";
import { positionOf, readCoordinates } from "./coordinates.js";
import type { Method, Sampler } from "./sampler.js";

export interface PointRequest extends WorkOptions {
  /** By name of a dimension: a number for every point. An axis of one value needs none. */
  readonly points: Readonly<Record<string, Float64Array>>;
  /** Names. Default: all of numbers that have dimensions, coordinates aside. */
  readonly variables: readonly string[];
  /**
   * `physical` (default): points are in the dataset's coordinates; in index positions, which count from 0, along
   * axes without any. `index`: in index positions everywhere.
   */
  readonly by?: "physical" | "index";
}

/** Points that are worked on together. */
const BATCH = 2 ** 17;

export interface PointValues {
  readonly name: string;
  readonly method: Method;
  /** By point; NaN where nothing is stored. */
  readonly values: Float64Array;
}

/** Throws `usage` for a point outside the grid, and says which. */
export async function samplePoints(
  sampler: Sampler,
  { points, variables, by = "physical", signal, onProgress }: PointRequest,
): Promise<PointValues[]> {
  const { dataset } = sampler;
  const chosen = variables.map((name) => dataset.variable(name));
  checkColumns(dataset, Object.keys(points), chosen);
  const count = Object.values(points)[0].length;
  const positions = new Map<string, Float64Array>();
  const results: PointValues[] = [];
  for (const { dimensions, shape } of chosen) {
    for (const [axis, dimension] of dimensions.entries()) {
      if (positions.has(dimension)) continue;
      const column = points[dimension] ?? points[baseName(dimension)];
      if (!column && shape[axis] !== 1) throw missingColumn(dataset, dimension, points);
      positions.set(
        dimension,
        column
          ? await toPositions(dataset, dimension, column, by, signal)
          : new Float64Array(count),
      );
    }
  }
  const total = chosen.reduce((sum, { dataType }) => sum + count * bytesPerValue(dataType), 0);
  let done = 0;
  for (const group of groupsOf(chosen)) {
    const names = group.map(({ name }) => name);
    const values = names.map(() => new Float64Array(count));
    for (let first = 0; first < count; first += BATCH) {
      const list = pointsOf(group[0], positions, first, Math.min(first + BATCH, count));
      const found = await sampler.sample(names, { points: list }, { signal });
      values.forEach((all, k) => {
        all.set(found[k].values, first);
        done += found[k].values.length * bytesPerValue(group[k].dataType);
      });
      onProgress?.({ stage: "sample", done, total, variable: names[names.length - 1] });
    }
    for (const [k, name] of names.entries()) {
      results.push({ name, method: sampler.method(name), values: values[k] });
    }
  }
  return variables.map((name) => results.find((result) => result.name === name)!);
}

/** Positions of some points on the axes of a variable, point by point. */
function pointsOf(
  { dimensions }: Variable,
  positions: ReadonlyMap<string, Float64Array>,
  from: number,
  to: number,
): Float64Array {
  const list = new Float64Array((to - from) * dimensions.length);
  dimensions.forEach((dimension, axis) => {
    const column = positions.get(dimension)!;
    for (let point = from; point < to; point++) {
      list[(point - from) * dimensions.length + axis] = column[point];
    }
  });
  return list;
}

async function toPositions(
  dataset: Dataset,
  dimension: string,
  column: Float64Array,
  by: "physical" | "index",
  signal?: AbortSignal,
): Promise<Float64Array> {
  const coordinates = await readCoordinates(dataset, dimension, signal);
  const { size, values } = coordinates;
  const axis = by === "index" ? { dimension, size } : coordinates;
  return column.map((coordinate, point) => {
    const position = positionOf(axis, coordinate);
    if (position !== undefined) return position;
    const [first, last] =
      axis.values && values ? [values[0], values[size - 1]] : ["0", `${size - 1}`];
    throw new FieldzipError("usage", {
      where: `${dataset.location}, point ${point + 1}`,
      expected: `${dimension} within half a cell of ${first} to ${last}`,
      found: `${coordinate}`,
      remedy: "leave out points outside the grid",
    });
  });
}

/** Variables of one grid. */
function groupsOf(variables: readonly Variable[]): Variable[][] {
  const groups = new Map<string, Variable[]>();
  for (const variable of variables) {
    const key = `${variable.dimensions}`;
    groups.set(key, [...(groups.get(key) ?? []), variable]);
  }
  return [...groups.values()];
}

function checkColumns(
  dataset: Dataset,
  columns: readonly string[],
  variables: readonly Variable[],
): void {
  const known = new Set(
    variables.flatMap(({ dimensions }) => dimensions.flatMap((name) => [name, baseName(name)])),
  );
  const odd = columns.find((name) => !known.has(name));
  if (odd === undefined && columns.length > 0) return;
  throw new FieldzipError("usage", {
    where: `${dataset.location}, points`,
    expected: `columns out of ${[...known].join(", ")}`,
    found: odd ?? "none",
    remedy: "name the columns after the dimensions of the variables",
  });
}

function missingColumn(dataset: Dataset, dimension: string, points: PointRequest["points"]) {
  return new FieldzipError("missing", {
    where: `${dataset.location}, points`,
    expected: `a column ${baseName(dimension)}`,
    found: Object.keys(points).join(", "),
    remedy: "give every point a place on every axis of the variable",
  });
}
