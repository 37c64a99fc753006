/** Values of variables at a list of points, given by their coordinates. */
import { baseName, type Dataset, FieldzipError, type Variable } from "@fieldzip/core";
import { positionOf, readCoordinates } from "./coordinates.js";
import type { Method, Sampler } from "./sampler.js";

export interface PointRequest {
  /** By name of a dimension: a number for every point. An axis of one value needs none. */
  readonly points: Readonly<Record<string, Float64Array>>;
  /** Names. Default: all of numbers that have dimensions, coordinates aside. */
  readonly variables: readonly string[];
  /**
   * `physical` (default): points are in the dataset's coordinates; in index positions, which count from 0, along
   * axes without any. `index`: in index positions everywhere.
   */
  readonly by?: "physical" | "index";
  readonly signal?: AbortSignal;
}

export interface PointValues {
  readonly name: string;
  readonly method: Method;
  /** By point; NaN where nothing is stored. */
  readonly values: Float64Array;
}

/** Throws `usage` for a point outside the grid, and says which. */
export async function samplePoints(
  sampler: Sampler,
  { points, variables, by = "physical", signal }: PointRequest,
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
  for (const group of groupsOf(chosen)) {
    const { dimensions } = group[0];
    const list = new Float64Array(count * dimensions.length);
    dimensions.forEach((dimension, axis) => {
      positions.get(dimension)!.forEach((position, point) => {
        list[point * dimensions.length + axis] = position;
      });
    });
    const names = group.map(({ name }) => name);
    const found = await sampler.sample(names, { points: list }, { signal });
    for (const [k, name] of names.entries()) {
      const method = await sampler.method(name, signal);
      results.push({ name, method, values: found[k].values });
    }
  }
  return variables.map((name) => results.find((result) => result.name === name)!);
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
