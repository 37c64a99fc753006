/** Where values are wanted, and what stands around there. */
import { FieldzipError } from "@fieldzip/core";

/**
 * Places in an array, in index positions: 0 is the first value of an axis, fractions lie between two.
 * Axes: every combination of the axes' positions, the last axis fastest. Points: the positions of one
 * point after another.
 */
export type Places = { readonly axes: readonly Float64Array[] } | { readonly points: Float64Array };

export function countOfPlaces(places: Places, rank: number): number {
  return "axes" in places
    ? places.axes.reduce((product, { length }) => product * length, 1)
    : places.points.length / rank;
}

/**
 * Positions of `count` cells that fill the same space as `length` cells do, from `start` on: new cell j
 * lies at start + (j + 0.5) length / count - 0.5. As many as before lie where they lay.
 */
export function cellPositions(length: number, count: number, start = 0): Float64Array {
  if (count === length) return Float64Array.from({ length }, (_, j) => start + j);
  return Float64Array.from({ length: count }, (_, j) => start + ((j + 0.5) * length) / count - 0.5);
}

/** Refuses places that do not fit the array. Positions beyond its ends count as the ends. */
export function checkPlaces(places: Places, shape: readonly number[], where: string): void {
  const rank = shape.length;
  const lists = "axes" in places ? places.axes : [places.points];
  const fits =
    "axes" in places
      ? places.axes.length === rank
      : rank > 0 && Number.isInteger(places.points.length / rank);
  if (fits && lists.every((list) => list.every(Number.isFinite))) return;
  throw new FieldzipError("usage", {
    where,
    expected: `finite positions on ${rank} axes`,
    found: fits ? "a position that is no number" : "other axes",
    remedy: "give every axis of the variable a position",
  });
}

export function clampPosition(position: number, length: number): number {
  return Math.min(Math.max(position, 0), length - 1);
}
