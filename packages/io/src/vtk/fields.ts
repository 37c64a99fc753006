import {
  auxiliaryCoordinates,
  countOf,
  type Dataset,
  describedDimension,
  FieldzipError,
  isStepAxis,
  type VariableSource,
} from "@fieldzip/core";

/** A variable as one array a step on three axes or fewer. */
export interface GridField {
  readonly source: VariableSource;
  /** Whether its first axis is that of the steps. */
  readonly stepped: boolean;
  /** Names of its axes in space, slowest first. */
  readonly axes: readonly string[];
}

export interface GridFields {
  /** On one grid, all of them. */
  readonly fields: readonly GridField[];
  /** Axes in space, slowest first: one to three. */
  readonly axes: readonly string[];
  /** The dimension of the steps, if any field has one. */
  readonly steps?: string;
  /** Names of variables that are on no grid: lists along a step, text. */
  readonly leftOut: readonly string[];
}

/**
 * The variables that make up a grid's data. Typed errors where that cannot be said without a choice: several grids, axes
 * beyond three, curvilinear coordinates.
 */
export function gridFields(dataset: Dataset): GridFields {
  const found: GridField[] = [];
  const leftOut: string[] = [];
  for (const { source } of dataset.variables) {
    if (describedDimension(dataset, source) !== undefined) continue;
    const field = fieldOf(dataset, source);
    if (field) found.push(field);
    else leftOut.push(source.name);
  }
  // Lists along one axis are data of their own where there is nothing else.
  const wide = found.filter(({ axes }) => axes.length > 1);
  const fields = wide.length > 0 ? wide : found;
  leftOut.push(
    ...found.filter((field) => !fields.includes(field)).map(({ source }) => source.name),
  );
  if (fields.length === 0) throw noFields(dataset);
  const curvilinear = fields.find(({ source, axes }) => curvedBy(dataset, source, axes).length > 0);
  if (curvilinear) throw curved(dataset, curvilinear);
  checkOneGrid(dataset, fields);
  const steps = new Set(
    fields.flatMap(({ source, stepped }) => (stepped ? [source.dimensions[0]] : [])),
  );
  if (steps.size > 1) throw severalSteps(dataset, [...steps]);
  return { fields, axes: fields[0].axes, steps: [...steps][0], leftOut };
}

function fieldOf(dataset: Dataset, source: VariableSource): GridField | undefined {
  const { dimensions, dataType, shape } = source;
  if (dataType === "string" || dataType === "char" || shape.length === 0) return undefined;
  const stepped = isStepAxis(dataset, dimensions[0]) || (shape.length === 4 && shape[0] > 1);
  const all = dimensions.map((name, axis) => ({ name, size: shape[axis] })).slice(stepped ? 1 : 0);
  // An axis of one place needs no room in space where room is short.
  let surplus = all.length - 3;
  const axes = all.filter(({ size }) => size > 1 || surplus-- <= 0).map(({ name }) => name);
  if (axes.length === 0) return undefined;
  if (axes.length > 3) throw tooManyAxes(dataset, source, axes);
  return { source, stepped, axes };
}

/** Coordinates on two axes or more that say where the values of a field are. */
function curvedBy(dataset: Dataset, source: VariableSource, axes: readonly string[]): string[] {
  return auxiliaryCoordinates(dataset, source).filter(
    (name) => dataset.variable(name).dimensions.filter((axis) => axes.includes(axis)).length > 1,
  );
}

function checkOneGrid(dataset: Dataset, fields: readonly GridField[]): void {
  const grids = new Map<string, string[]>();
  for (const { source, axes } of fields) {
    const key = axes.join(", ");
    grids.set(key, [...(grids.get(key) ?? []), source.name]);
  }
  if (grids.size === 1) return;
  const size = (names: readonly string[]) => countOf(dataset.variable(names[0]).shape);
  const all = [...grids.values()];
  const largest = all.reduce((most, names) => (size(names) > size(most) ? names : most));
  const list = (names: readonly string[]) =>
    names.length > 6
      ? `${names.slice(0, 6).join(", ")} and ${names.length - 6} more`
      : names.join(", ");
  throw new FieldzipError("usage", {
    where: dataset.location,
    expected: "variables on one grid, as a file of VTK has one",
    found: [...grids].map(([axes, names]) => `[${axes}]: ${list(names)}`).join("; "),
    remedy: `write one grid at a time, such as --variable ${largest.join(",")}`,
  });
}

function tooManyAxes(dataset: Dataset, { name }: VariableSource, axes: readonly string[]) {
  return new FieldzipError("unsupported", {
    where: `${dataset.location}, variable ${name}`,
    expected: "at most three axes in space beside the steps",
    found: axes.join(", "),
    remedy: `choose a place on one of them, such as --select ${axes[0]}=0`,
  });
}

function curved(dataset: Dataset, { source, axes }: GridField) {
  return new FieldzipError("unsupported", {
    where: `${dataset.location}, variable ${source.name}`,
    expected: "a grid of straight axes",
    found: `a curvilinear one: ${curvedBy(dataset, source, axes).join(" and ")} say where its values are`,
    remedy:
      "write NetCDF (.nc) instead: ParaView's NetCDF reader places the values by these coordinates",
  });
}

function severalSteps(dataset: Dataset, steps: readonly string[]) {
  return new FieldzipError("usage", {
    where: dataset.location,
    expected: "one axis of steps",
    found: steps.join(", "),
    remedy: "write the variables of one of them at a time with --variable",
  });
}

function noFields({ location, variables }: Dataset) {
  return new FieldzipError("missing", {
    where: location,
    expected: "a variable of numbers on a grid",
    found: variables.map(({ name }) => name).join(", ") || "no variables",
    remedy: "there is nothing that VTK could draw",
  });
}
