import type { FieldLayout } from "./field-layout.js";
import type { ValueRange } from "./value-scale.js";

export type FieldValues = Float32Array | Float64Array;

/** Values of one variable at one step, on the page's z, y, x: as stored, or every so-manyth of them. */
export interface Field {
  readonly layout: FieldLayout;
  readonly step: number;
  /** Values along z, y, x. */
  readonly shape: readonly [number, number, number];
  /** Every how-manyth value of the variable stands in it, along z, y, x: 1 for all. */
  readonly every: readonly [number, number, number];
  /** C order; NaN where there is no value, or none yet. */
  readonly values: FieldValues;
  /** Least and largest finite value so far; NaN before there is one. */
  readonly range: ValueRange;
  /** Share of the parts that are here, 0 to 1. */
  readonly done: number;
  /** Whether values of a coarser look stand where there are none yet. */
  readonly standsIn: boolean;
  /** Grows with every chunk: whoever drew an earlier version draws again. */
  readonly version: number;
}

/** `every 2nd value`, along each axis; empty where all are there. */
export function thinnedOut({ every }: Pick<Field, "every">): string {
  const most = Math.max(...every);
  if (most === 1) return "";
  const ending = { 1: "st", 2: "nd", 3: "rd" }[most % 10] ?? "th";
  return `every ${most}${most % 100 > 10 && most % 100 < 14 ? "th" : ending} value`;
}

export function bytesOfField({ values }: Field): number {
  return values.byteLength;
}

/** The value at places z, y, x of the field; NaN outside. */
export function valueAt({ shape, values }: Field, place: readonly number[]): number {
  const [z, y, x] = place;
  if (!(z >= 0 && y >= 0 && x >= 0 && z < shape[0] && y < shape[1] && x < shape[2])) {
    return Number.NaN;
  }
  return values[(z * shape[1] + y) * shape[2] + x];
}

/** The values of a plane, row after row; its rows and columns are the remaining axes in their order. */
export function planeOf(
  { shape, values }: Pick<Field, "shape" | "values">,
  axis: 0 | 1 | 2,
  place: number,
): { values: FieldValues; rows: number; columns: number } {
  const [nz, ny, nx] = shape;
  if (axis === 0) {
    const from = place * ny * nx;
    return { values: values.subarray(from, from + ny * nx), rows: ny, columns: nx };
  }
  const rows = nz;
  const columns = axis === 1 ? nx : ny;
  const out =
    values instanceof Float32Array
      ? new Float32Array(rows * columns)
      : new Float64Array(rows * columns);
  for (let z = 0; z < nz; z++) {
    if (axis === 1) {
      const from = (z * ny + place) * nx;
      out.set(values.subarray(from, from + nx), z * nx);
    } else {
      for (let y = 0; y < ny; y++) out[z * ny + y] = values[(z * ny + y) * nx + place];
    }
  }
  return { values: out, rows, columns };
}

/** The values along an axis through a place. */
export function lineOf(
  { shape, values }: Field,
  axis: 0 | 1 | 2,
  place: readonly number[],
): Float64Array {
  const strides = [shape[1] * shape[2], shape[2], 1];
  let from = 0;
  for (let other = 0; other < 3; other++) {
    if (other !== axis) from += place[other] * strides[other];
  }
  return Float64Array.from({ length: shape[axis] }, (_, k) => values[from + k * strides[axis]]);
}
