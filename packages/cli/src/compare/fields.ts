import {
  type Box,
  baseName,
  countOf,
  type Dataset,
  type FloatArray,
  fillValuesOf,
  indicesOf,
  isFloatType,
  isStepAxis,
  type NumericArray,
  numbersOf,
  type Variable,
  withoutFillValues,
} from "@fieldzip/core";

/** One field of a variable: what is measured and drawn at a time. */
export interface Field {
  /** Where it stands on the leading axes: `{ step: 3 }`. */
  readonly at: Readonly<Record<string, number>>;
  /** Its box in the variable. */
  readonly box: Box;
  /** Extents of its axes, with 1 in front where there are fewer than three. */
  readonly shape: readonly [number, number, number];
  /** Names of these axes, "" for one that was put in front. */
  readonly axes: readonly [string, string, string];
}

/**
 * How many axes of a variable lead to fields: the steps, and all before the last three. None where what is
 * left would be no field but a line.
 */
function leadingAxes(dataset: Dataset, { shape, dimensions }: Variable): number {
  const stepped = dimensions.length > 0 && isStepAxis(dataset, dimensions[0]);
  const leading = Math.max(stepped ? 1 : 0, shape.length - 3);
  const extended = shape.slice(leading).filter((extent) => extent > 1);
  return extended.length >= 2 || shape.length > 3 ? leading : 0;
}

/** The fields of a variable, in order. */
export function fieldsOf(dataset: Dataset, variable: Variable): Field[] {
  const { shape, dimensions } = variable;
  if (countOf(shape) === 0) return [];
  const leading = leadingAxes(dataset, variable);
  const front = new Array<number>(3 - (shape.length - leading)).fill(1);
  const [planes, rows, columns] = [...front, ...shape.slice(leading)];
  const names = dimensions.map(baseName);
  const [a, b, c] = [...front.map(() => ""), ...names.slice(leading)];
  return [...indicesOf(shape.slice(0, leading))].map((index) => ({
    at: Object.fromEntries(index.map((place, axis) => [names[axis], place])),
    box: {
      start: shape.map((_, axis) => index[axis] ?? 0),
      shape: shape.map((extent, axis) => (axis < leading ? 1 : extent)),
    },
    shape: [planes, rows, columns],
    axes: [a, b, c],
  }));
}

/** Reads a part of a field, given by its place in the field's three axes. */
export async function readPart(
  variable: Variable,
  field: Field,
  part: Box,
  signal?: AbortSignal,
): Promise<FloatArray> {
  const { box } = field;
  const rank = box.start.length;
  const own = (axis: number) => axis - (rank - 3);
  const data = await variable.readBox(
    {
      start: box.start.map((start, axis) => start + (own(axis) >= 0 ? part.start[own(axis)] : 0)),
      shape: box.shape.map((extent, axis) => (own(axis) >= 0 ? part.shape[own(axis)] : extent)),
    },
    signal,
  );
  return floatsOf(variable, data as NumericArray);
}

/** Values as floats; what the attributes call missing is NaN. */
export function floatsOf(variable: Variable, data: NumericArray): FloatArray {
  const floats = isFloatType(variable.dataType) ? (data as FloatArray) : numbersOf(data);
  return withoutFillValues(floats, fillValuesOf(variable));
}
