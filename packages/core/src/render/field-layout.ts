import { isStepAxis, textOf } from "../array/axes.js";
import { type FloatArray, type NumericArray, numbersOf } from "../array/data-type.js";
import { type Attributes, baseName, type Dataset, type Variable } from "../array/dataset.js";
import { fillValuesOf, withoutFillValues } from "../ranges.js";
import { boxEdges, type Vector } from "./camera.js";

/** One axis of a variable with what the dataset says of it. */
export interface Axis {
  /** Its place in the variable's shape; undefined for an axis that was added to make three. */
  readonly place: number | undefined;
  readonly name: string;
  readonly size: number;
  readonly units: string;
  /** Coordinates of the places, where the dataset has them: increasing, unlike the file's where `flipped`. */
  readonly coordinates?: Float64Array;
  /** The file has it the other way round: place k of ours is `size - 1 - k` of the file's. */
  readonly flipped: boolean;
}

/** A variable as the page shows it: up to three axes in space, one in time, the rest held at one place. */
export interface FieldLayout {
  readonly variable: Variable;
  readonly title: string;
  readonly units: string;
  /** z, y, x; an axis of one place stands for what is not there. */
  readonly space: readonly [Axis, Axis, Axis];
  readonly time?: Axis;
  /** Axes that are neither space nor time: members of an ensemble, levels beyond three dimensions. */
  readonly others: readonly Axis[];
}

const timeNames = /^(steps|times?|date|year|month|day|record|xtime)\d*$/i;
const timeUnits = /\bsince\b/i;

/** The variables that have a picture: numbers on at least two axes of two places and more. */
export function shownVariables(dataset: Dataset): Variable[] {
  return dataset.variables.filter((variable) => {
    const { dataType, shape } = variable;
    if (dataType === "string" || dataType === "char" || isCoordinate(dataset, variable)) {
      return false;
    }
    const isTime = timeAxisOf(dataset, variable);
    return shape.filter((size, axis) => size > 1 && axis !== isTime).length >= 2;
  });
}

/** Reads the coordinates that belong to a variable; no values of its own. */
export async function layoutOf(
  dataset: Dataset,
  variable: Variable,
  signal?: AbortSignal,
): Promise<FieldLayout> {
  const { shape } = variable;
  const time = timeAxisOf(dataset, variable);
  const all = shape.map((_, place) => place);
  const inSpace = all.filter((place) => place !== time).slice(-3);
  const axes = await Promise.all(
    all.map((place) => axisOf(dataset, variable, place, inSpace.includes(place), signal)),
  );
  const space = inSpace.map((place) => axes[place]);
  while (space.length < 3) {
    space.unshift({ place: undefined, name: "", size: 1, units: "", flipped: false });
  }
  return {
    variable,
    title: textOf(variable, "long_name") || textOf(variable, "standard_name") || "",
    units: textOf(variable, "units") ?? "",
    space: space as [Axis, Axis, Axis],
    time: time === undefined ? undefined : axes[time],
    others: all
      .filter((place) => place !== time && !inSpace.includes(place))
      .map((place) => axes[place]),
  };
}

/** A coordinate at a place, or the place itself. */
export function coordinateOf(axis: Axis, place: number): number {
  return axis.coordinates?.[place] ?? place;
}

/**
 * Lengths of axes against each other: in the units of their coordinates where all have the same, else in places, since
 * degrees and pascals have no common length.
 */
export function lengthsOf(axes: readonly Axis[]): number[] {
  const real = axes.filter(({ size }) => size > 1);
  const units = new Set(
    real.map((axis) => (/^degrees?_?/i.test(axis.units) ? "degree" : axis.units)),
  );
  const haveLength = units.size <= 1 && real.every(({ coordinates }) => coordinates !== undefined);
  return axes.map(({ coordinates, size }) => {
    if (!haveLength || !coordinates || size < 2) return size;
    return (Math.abs(coordinates[size - 1] - coordinates[0]) * size) / (size - 1);
  });
}

/** Edges of the box in which a field is drawn, x, y, z: as its coordinates have them. */
export function edgesOf(space: FieldLayout["space"]): Vector {
  const [z, y, x] = lengthsOf(space);
  return boxEdges([x, y, z]);
}

async function axisOf(
  dataset: Dataset,
  { dimensions, shape }: Variable,
  place: number,
  mayFlip: boolean,
  signal?: AbortSignal,
): Promise<Axis> {
  const path = dimensions[place] ?? `dim_${place}`;
  const size = shape[place];
  const found = coordinateVariable(dataset, path, size);
  const plain: Axis = { place, name: baseName(path), size, units: "", flipped: false };
  if (!found) return plain;
  const units = textOf(found, "units") ?? "";
  // A coordinate that cannot be read is missed, not fatal: the field can be shown without.
  const read = await found.readBox(undefined, signal).catch(() => undefined);
  const numbers = read ? Float64Array.from(read as Float64Array, Number) : undefined;
  if (!numbers?.every(Number.isFinite) || !isMonotone(numbers)) return { ...plain, units };
  const flipped = mayFlip && size > 1 && numbers[0] > numbers[size - 1];
  return { ...plain, units, flipped, coordinates: flipped ? numbers.reverse() : numbers };
}

function coordinateVariable(dataset: Dataset, path: string, size: number): Variable | undefined {
  return dataset.variables.find(
    ({ name, shape, dataType }) =>
      name === path &&
      shape.length === 1 &&
      shape[0] === size &&
      dataType !== "string" &&
      dataType !== "char",
  );
}

/** Coordinates, and the bounds of their cells: what describes the axes of others. */
function isCoordinate(dataset: Dataset, { name, shape, dimensions }: Variable): boolean {
  if (shape.length < 2 || dataset.dimensions.some((dimension) => dimension.name === name))
    return true;
  if (/^(bounds|bnds?|nv|nbnds?|vertices)$/i.test(baseName(dimensions.at(-1) ?? ""))) return true;
  return dataset.variables.some((variable) => textOf(variable, "bounds") === baseName(name));
}

/** The axis along which a film plays: that of the steps, one marked as time, or the slowest of four. */
function timeAxisOf(dataset: Dataset, { dimensions, shape }: Variable): number | undefined {
  const isTime = (path: string) => {
    const coordinate = dataset.variables.find((variable) => variable.name === path);
    const says =
      coordinate !== undefined &&
      (textOf(coordinate, "axis") === "T" || timeUnits.test(textOf(coordinate, "units") ?? ""));
    return says || isStepAxis(dataset, path) || timeNames.test(baseName(path));
  };
  const named = dimensions.findIndex(isTime);
  if (named >= 0) return named;
  return shape.length === 4 ? 0 : undefined;
}

function isMonotone(numbers: Float64Array): boolean {
  const rises = numbers.every((value, k) => k === 0 || value > numbers[k - 1]);
  return rises || numbers.every((value, k) => k === 0 || value < numbers[k - 1]);
}

/** Numbers of an attribute; `undefined` where it is none. */
function numbersIn(attributes: Attributes, name: string): number[] | undefined {
  const values = attributes[name]?.values;
  if (!values || values.some((value) => typeof value === "string")) return undefined;
  return values.map(Number);
}

/** How stored numbers become values, after the CF conventions: masked ones become NaN, packed ones are scaled. */
export function unpacking(variable: Variable): (data: NumericArray) => FloatArray {
  const { attributes, dataType } = variable;
  const scale = numbersIn(attributes, "scale_factor")?.[0] ?? 1;
  const offset = numbersIn(attributes, "add_offset")?.[0] ?? 0;
  const [low, high] = numbersIn(attributes, "valid_range") ?? [
    numbersIn(attributes, "valid_min")?.[0] ?? Number.NEGATIVE_INFINITY,
    numbersIn(attributes, "valid_max")?.[0] ?? Number.POSITIVE_INFINITY,
  ];
  const fills = fillValuesOf(variable);
  const isPlain = scale === 1 && offset === 0 && low === -Infinity && high === Infinity;
  // Integers of 16 bits and fewer lose nothing that is seen in single precision.
  const isWide = /^(float64|u?int(32|64))$/.test(dataType);
  return (data) => {
    const isFloat = data instanceof Float32Array || data instanceof Float64Array;
    const stored = withoutFillValues(isFloat ? data : numbersOf(data), fills);
    if (isPlain && (isFloat || isWide)) return stored;
    const out = isWide ? new Float64Array(stored.length) : new Float32Array(stored.length);
    for (let i = 0; i < stored.length; i++) {
      const value = stored[i];
      out[i] = value < low || value > high ? Number.NaN : value * scale + offset;
    }
    return out;
  };
}
