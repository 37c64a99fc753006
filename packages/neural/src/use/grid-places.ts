/** Which places a dataset is wanted at: another resolution, a box, a time between two steps. */
import {
  countOf,
  type Dataset,
  FieldzipError,
  isCoordinate,
  isStepAxis,
  type Variable,
} from "@fieldzip/core";
import { cellPositions } from "./places.js";

/** New places along a dimension, in index positions. */
export interface AxisPlaces {
  readonly positions: Float64Array;
  /** Of a cell, in index positions. */
  readonly width: number;
}

/** By dimension; those that are not there stay as they are. */
export type GridPlaces = ReadonlyMap<string, AxisPlaces>;

export interface GridRequest {
  /** Cells along the last axes, as many as are given. */
  readonly shape?: readonly number[];
  /** Part of the last axes, in stored cells: from, and where it ends. */
  readonly box?: readonly (readonly [from: number, to: number])[];
  /** Step, counted from 0; a fraction lies between two. */
  readonly time?: number;
}

/** Cells along an axis at most. */
const MOST_CELLS = 2 ** 24;

/**
 * Turns a request into places along the dimensions of the largest of the variables. Throws `usage` for what the
 * grid does not have.
 */
export function gridPlaces(
  dataset: Dataset,
  { shape = [], box = [], time }: GridRequest,
  variables: readonly Variable[] = dataset.variables,
): GridPlaces {
  const main = mainVariable(dataset, variables);
  const rank = main.shape.length;
  const where = `${dataset.location}, variable ${main.name}`;
  const places = new Map<string, AxisPlaces>();
  const fail = (what: string, expected: string, found: string): never => {
    throw new FieldzipError("usage", {
      where: `${where}, ${what}`,
      ...{ expected, found },
      remedy: `the axes are ${main.dimensions.join(", ") || "none"}, ${main.shape.join(" x ") || "a single value"}`,
    });
  };
  for (const [what, { length }] of Object.entries({ shape, box })) {
    if (length > rank) fail(what, `at most ${rank} axes`, `${length}`);
  }
  main.dimensions.forEach((dimension, axis) => {
    const size = main.shape[axis];
    const range = box[axis - rank + box.length];
    const [from, to] = range ?? [0, size];
    const inside =
      Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from < to && to <= size;
    if (!inside) fail("box", `a part of 0:${size} along ${dimension}`, `${from}:${to}`);
    const cells = shape[axis - rank + shape.length];
    if (cells !== undefined && !(Number.isInteger(cells) && cells >= 1 && cells <= MOST_CELLS)) {
      fail("shape", `1 to ${MOST_CELLS} cells along ${dimension}`, `${cells}`);
    }
    if (range === undefined && cells === undefined) return;
    const positions = cellPositions(to - from, cells ?? to - from, from);
    places.set(dimension, { positions, width: (to - from) / positions.length });
  });
  if (time !== undefined) {
    const axis = main.dimensions.findIndex((dimension) => isStepAxis(dataset, dimension));
    const steps = main.shape[axis] ?? 0;
    if (!(time >= 0 && time <= steps - 1)) {
      fail("time", steps > 0 ? `a step from 0 to ${steps - 1}` : "an axis of steps", `${time}`);
    }
    if (places.has(main.dimensions[axis])) {
      fail("time", "no box or shape along the steps beside it", main.dimensions[axis]);
    }
    places.set(main.dimensions[axis], { positions: Float64Array.of(time), width: 1 });
  }
  return places;
}

/** The one with most values, coordinates aside. */
function mainVariable(dataset: Dataset, variables: readonly Variable[]): Variable {
  const [first, ...others] = variables.filter((variable) => !isCoordinate(variable));
  if (first) {
    return others.reduce((a, b) => (countOf(b.shape) > countOf(a.shape) ? b : a), first);
  }
  throw new FieldzipError("missing", {
    where: dataset.location,
    expected: "a variable on a grid",
    found: variables.map(({ name }) => name).join(", ") || "none",
    remedy: "there is nothing to compute",
  });
}
