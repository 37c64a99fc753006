import {
  type Attributes,
  baseName,
  type Dataset,
  groupOf,
  type VariableSource,
} from "./dataset.js";

/** A 1-d variable named after its dimension. */
export function isCoordinate({
  name,
  dimensions,
}: Pick<VariableSource, "name" | "dimensions">): boolean {
  return dimensions.length === 1 && dimensions[0] === name;
}

/** Whether steps stand along a dimension: it is unlimited, or its name says so. */
export function isStepAxis(dataset: Dataset, dimension: string): boolean {
  const found = dataset.dimensions.find(({ name }) => name === dimension);
  return found?.unlimited === true || /^(step|time|t)(_.*)?$/i.test(baseName(dimension));
}

/** A text attribute; undefined where there is none or it is no text. */
export function textOf(
  { attributes }: { readonly attributes: Attributes },
  name: string,
): string | undefined {
  const value = attributes[name]?.values[0];
  return typeof value === "string" ? value : undefined;
}

/** The variable with the edges of a coordinate's cells, `[cells, 2]`, as CF's attribute `bounds` names it. */
export function boundsOf(
  variables: readonly VariableSource[],
  coordinate: VariableSource,
): VariableSource | undefined {
  const name = textOf(coordinate, "bounds");
  if (name === undefined) return undefined;
  const group = groupOf(coordinate.name);
  const path = group === "" ? name : `${group}/${name}`;
  return variables.find(
    (variable) =>
      variable.name === path &&
      variable.shape.length === 2 &&
      variable.dimensions[0] === coordinate.dimensions[0] &&
      variable.shape[1] === 2,
  );
}

/**
 * The dimension that a variable says something about and is no field on: its coordinate, the bounds of that, or the times
 * of steps that are numbered. Undefined for every other variable.
 */
export function describedDimension(dataset: Dataset, source: VariableSource): string | undefined {
  const [dimension] = source.dimensions;
  if (isCoordinate(source)) return dimension;
  const isTime = source.shape.length === 1 && baseName(source.name) === "time";
  if (isTime && isStepAxis(dataset, dimension)) return dimension;
  const sources = dataset.variables.map((variable) => variable.source);
  const coordinate = sources.find((other) => isCoordinate(other) && other.name === dimension);
  return coordinate && boundsOf(sources, coordinate) === source ? dimension : undefined;
}

/** Names of the variables that a variable's attribute `coordinates` (CF) names and that are there: where its values lie. */
export function auxiliaryCoordinates(dataset: Dataset, source: VariableSource): string[] {
  const names = textOf(source, "coordinates")?.split(/\s+/) ?? [];
  return names.flatMap((name) => {
    const found = pathsOf(name, groupOf(source.name)).find((path) =>
      dataset.variables.some((other) => other.name === path),
    );
    return found === undefined ? [] : [found];
  });
}

/** CF's attributes that name variables which say where values lie, or how far their cells reach; UGRID's likewise. */
const namingAttributes = ["coordinates", "bounds", "climatology"];
const meshAttribute = /^(node|edge|face|volume)_coordinates$/;
/** By its units a variable is a latitude or a longitude, as CF has it. */
const positionUnits = /^degrees?_?(north|east|south|west|[NESW])$/;

/**
 * Names of the variables that say where others lie: what a dataset's `coordinates` (CF), `bounds`, `climatology` or UGRID
 * attributes name, and all that has the units of a latitude or a longitude. No bound makes these less exact.
 */
export function positionNames(dataset: Dataset): Set<string> {
  const names = new Set<string>();
  const present = new Set(dataset.variables.map(({ name }) => name));
  const owners = [
    ...dataset.variables.map(({ name, attributes }) => ({ group: groupOf(name), attributes })),
    ...dataset.source.groups.map(({ path, attributes }) => ({ group: path, attributes })),
  ];
  for (const { group, attributes } of owners) {
    const naming = Object.keys(attributes).filter(
      (key) => namingAttributes.includes(key) || meshAttribute.test(key),
    );
    for (const key of naming) {
      for (const name of (textOf({ attributes }, key) ?? "").split(/\s+/)) {
        const found = pathsOf(name, group).find((path) => present.has(path));
        if (found !== undefined) names.add(found);
      }
    }
  }
  for (const { name, attributes } of dataset.variables) {
    if (positionUnits.test(textOf({ attributes }, "units") ?? "")) names.add(name);
  }
  return names;
}

/** Where a name may be found that stands in a group: there, or in one of those around it. */
function pathsOf(name: string, group: string): string[] {
  const paths: string[] = [];
  for (let place = group; place !== ""; place = groupOf(place)) paths.push(`${place}/${name}`);
  return [...paths, name.replace(/^\//, "")];
}
