/** Between index positions and a dataset's own coordinates. */
import { type Dataset, FieldzipError, isStepAxis, textOf, type Variable } from "@fieldzip/core";
import { clampPosition } from "./places.js";
import { storedValues } from "./stored-values.js";

/** Coordinates along one dimension; without `values` they are the index positions. */
export interface AxisCoordinates {
  readonly dimension: string;
  readonly size: number;
  /** Strictly rising or falling. */
  readonly values?: Float64Array;
  readonly units?: string;
}

/** Reads the coordinate variable of a dimension, where there is one that can be used. */
export async function readCoordinates(
  dataset: Dataset,
  dimension: string,
  signal?: AbortSignal,
): Promise<AxisCoordinates> {
  const size = dataset.dimensions.find(({ name }) => name === dimension)?.size ?? 0;
  const variable = coordinateOf(dataset, dimension);
  if (!variable || size < 2) return { dimension, size };
  const values = await storedValues(variable).read({ start: [0], shape: [size] }, signal);
  const rising = values[1] > values[0];
  const ordered = values.every(
    (value, i) =>
      Number.isFinite(value) &&
      (i === 0 || (rising ? value > values[i - 1] : value < values[i - 1])),
  );
  if (!ordered) return { dimension, size };
  return { dimension, size, values, units: textOf(variable, "units") };
}

/** The coordinate variable of a dimension: 1-d, numbers, of its name. */
export function coordinateOf(dataset: Dataset, dimension: string): Variable | undefined {
  return dataset.variables.find(
    ({ name, shape, dataType }) =>
      name === dimension && shape.length === 1 && dataType !== "char" && dataType !== "string",
  );
}

/** The coordinate at a position; beyond the ends straight on. */
export function coordinateAt({ values }: AxisCoordinates, position: number): number {
  if (!values) return position;
  const low = Math.min(Math.max(Math.floor(position), 0), values.length - 2);
  const rest = position - low;
  return rest === 0 ? values[low] : values[low] + rest * (values[low + 1] - values[low]);
}

/** The position of a coordinate; undefined for one that lies more than half a cell outside. */
export function positionOf(
  { values, size }: AxisCoordinates,
  coordinate: number,
): number | undefined {
  let position = coordinate;
  if (values) {
    const sign = values[1] > values[0] ? 1 : -1;
    let [low, high] = [0, values.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sign * values[middle] <= sign * coordinate) low = middle;
      else high = middle;
    }
    // What is stored is found at its very place.
    if (coordinate === values[high]) position = high;
    else position = low + (coordinate - values[low]) / (values[high] - values[low]);
  }
  return position >= -0.5 && position <= size - 0.5 ? position : undefined;
}

/** Coordinate by index position: central differences at stored places, straight between them. */
export function spacingAt({ values }: AxisCoordinates, position: number): number {
  if (!values) return 1;
  const place = clampPosition(position, values.length);
  const low = Math.floor(place);
  const at = (index: number) => {
    const [below, above] = [Math.max(index - 1, 0), Math.min(index + 1, values.length - 1)];
    return (values[above] - values[below]) / (above - below);
  };
  return place === low ? at(low) : at(low) + (place - low) * (at(low + 1) - at(low));
}

/** Axes of a variable that space runs along: all but that of steps, three at most, slowest first. */
export function spatialAxes(dataset: Dataset, variable: Variable): number[] {
  const axes = variable.dimensions.flatMap((name, axis) =>
    isStepAxis(dataset, name) ? [] : [axis],
  );
  if (axes.length <= 3) return axes;
  throw new FieldzipError("unsupported", {
    where: `${dataset.location}, variable ${variable.name}`,
    expected: "one to three axes of space",
    found: variable.dimensions.join(", "),
    remedy: "choose a variable on a grid in space",
  });
}
