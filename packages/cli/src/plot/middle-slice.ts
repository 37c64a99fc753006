import {
  type Box,
  baseName,
  countOf,
  type DataArray,
  type Dataset,
  FieldzipError,
  type Variable,
} from "@fieldzip/core";

/** Where a 2-D part of a variable lies. */
export interface MiddleSlice {
  readonly box: Box;
  /** Extents of the picture: rows (slow axis) and columns. */
  readonly height: number;
  readonly width: number;
  /** Names of these two axes, and where the picture starts on them. */
  readonly axes: readonly [SliceAxis, SliceAxis];
  /** The other axes: `z = 40 of 80`. */
  readonly place: string;
}

export interface SliceAxis {
  readonly name: string;
  readonly start: number;
  /** Whether the axis' coordinate falls: it is drawn from the other end. */
  readonly falling: boolean;
}

/** Rows and columns of a picture, at most: of a larger slice its middle is shown. */
const mostExtent = 2048;

/** Whether a variable has a slice: numbers with two axes that extend. */
export function hasSlice(variable: Variable): boolean {
  const { shape } = variable;
  return (
    shape.filter((extent) => extent > 1).length >= 2 && countOf(shape) > 0 && isNumeric(variable)
  );
}

/**
 * The middle slice of a variable: the last two axes that extend, at most 2048 x 2048 of it. Errors: `usage`
 * for what is no field of two axes.
 */
export async function middleSlice(dataset: Dataset, variable: Variable): Promise<MiddleSlice> {
  const { shape } = variable;
  if (!hasSlice(variable)) {
    throw new FieldzipError("usage", {
      where: `${dataset.location}, variable ${variable.name}`,
      expected: "a variable of numbers with two axes or more",
      found: `${variable.dataType} of shape ${shape.join(" x ") || "()"}`,
      remedy: "choose another one with --variable",
    });
  }
  const extended = shape.flatMap((extent, axis) => (extent > 1 ? [axis] : []));
  const shown = extended.slice(-2) as [number, number];
  const box: Box = {
    start: shape.map((extent, axis) =>
      shown.includes(axis) ? Math.max(0, (extent - mostExtent) >> 1) : extent >> 1,
    ),
    shape: shape.map((extent, axis) => (shown.includes(axis) ? Math.min(extent, mostExtent) : 1)),
  };
  const [height, width] = shown.map((axis) => box.shape[axis]);
  return {
    ...{ box, height, width },
    axes: [
      await axisOf(dataset, variable, shown[0], box),
      await axisOf(dataset, variable, shown[1], box),
    ],
    place: placeOf(variable, shown, box),
  };
}

function isNumeric({ dataType }: Variable): boolean {
  return dataType !== "char" && dataType !== "string";
}

/** Its name, and whether its coordinate variable falls (latitudes from north to south). */
async function axisOf(
  dataset: Dataset,
  variable: Variable,
  axis: number,
  box: Box,
): Promise<SliceAxis> {
  const path = variable.dimensions[axis];
  const name = baseName(path);
  const coordinate = dataset.variables.find(
    (one) => one.name === path && one.shape.length === 1 && isNumeric(one),
  );
  let falling = false;
  if (coordinate && coordinate.shape[0] > 1) {
    const at = (index: number) => coordinate.readBox({ start: [index], shape: [1] });
    const [[first], [last]] = [await at(0), await at(coordinate.shape[0] - 1)] as DataArray[];
    falling = Number(first) > Number(last);
  }
  return { name, start: box.start[axis], falling };
}

function placeOf({ shape, dimensions }: Variable, shown: readonly number[], box: Box): string {
  const parts = shape.flatMap((extent, axis) => {
    const name = baseName(dimensions[axis]);
    if (shown.includes(axis)) {
      const [start, size] = [box.start[axis], box.shape[axis]];
      return size < extent ? [`${name} = ${start} to ${start + size - 1} of ${extent}`] : [];
    }
    return extent > 1 ? [`${name} = ${box.start[axis]} of ${extent}`] : [];
  });
  return parts.join(", ");
}
