/** A chunk as a network sees it: points and variables. */
import { limits } from "@fieldzip/core";
import type { Geometry } from "@fieldzip/kernels";

export interface ChunkLayout {
  /** Variables of the chunk, and points that each has values at. */
  readonly variables: number;
  readonly points: number;
  /** Points that stand together: value of point p of variable v is number (floor(p / inner) variables + v) inner + p mod inner. */
  readonly inner: number;
  /** The chunk's axes that are coordinates: those longer than 1 but for the variables'. */
  readonly axes: readonly number[];
  /** Values along them. */
  readonly lengths: readonly number[];
  /** Rows and slices, for the coders: the last axes longer than 1, the variables' included. */
  readonly box: Omit<Geometry, "bands">;
}

/** Undefined where a network has nothing to say: no axis longer than 1, more than 4, or too many variables. */
export function layoutOfChunk(
  shape: readonly number[],
  variableAxis?: number,
): ChunkLayout | undefined {
  const product = (extents: readonly number[]) => extents.reduce((all, extent) => all * extent, 1);
  const variables = variableAxis === undefined ? 1 : shape[variableAxis];
  const axes = shape.flatMap((extent, axis) => (extent > 1 && axis !== variableAxis ? [axis] : []));
  const lengths = axes.map((axis) => shape[axis]);
  const { dimensions, variables: most } = limits.network;
  if (shape.includes(0) || lengths.length < 1 || lengths.length > dimensions || variables > most) {
    return undefined;
  }
  const points = product(lengths);
  const long = shape.filter((extent) => extent > 1);
  return {
    ...{ variables, points, axes, lengths },
    inner: variableAxis === undefined ? points : product(shape.slice(variableAxis + 1)),
    box: {
      width: long.at(-1) ?? 1,
      height: long.at(-2) ?? 1,
      depth: long.at(-3) ?? 1,
      outer: product(long.slice(0, -3)),
    },
  };
}

/** Calls with stretches of points of a variable that stand together: first point, first value, length. */
export function eachStretch(
  { variables, points, inner }: Pick<ChunkLayout, "variables" | "points" | "inner">,
  variable: number,
  first: number,
  count: number,
  visit: (point: number, place: number, length: number) => void,
): void {
  const end = Math.min(points, first + count);
  for (let point = first; point < end; ) {
    const block = Math.floor(point / inner);
    const within = point - block * inner;
    const length = Math.min(inner - within, end - point);
    visit(point, (block * variables + variable) * inner + within, length);
    point += length;
  }
}
