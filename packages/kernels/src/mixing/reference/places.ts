import type { MixedSide } from "./parameters.js";

/** What is noted of a value: what the predictors missed, and its residual's logarithm, class and sign + 1. */
export interface Note {
  readonly errors: Float32Array;
  logarithm: number;
  kind: number;
  sign: number;
}

/** Places of a value's neighbours in C order; undefined where there are none. */
export interface Neighbours {
  readonly west?: number;
  readonly west2?: number;
  readonly above?: number;
  readonly above2?: number;
  readonly northWest?: number;
  readonly northEast?: number;
  readonly before?: number;
  readonly beforeEast?: number;
  readonly beforeSouth?: number;
}

export function neighboursOf(
  side: MixedSide,
  t: number,
  z: number,
  y: number,
  x: number,
): Neighbours {
  const { outer, depth, height, width, stride, north, previous } = side;
  const place = ((t * depth + z) * height + y) * width + x;
  const west = x >= stride ? place - stride : undefined;
  const west2 = x >= 2 * stride ? place - 2 * stride : undefined;
  if (outer * depth * height === 1) {
    return {
      west,
      west2,
      above: north > 0 && place >= north ? place - north : undefined,
      before: previous > 0 && place >= previous ? place - previous : undefined,
    };
  }
  const above = y > 0 ? place - width : undefined;
  const before = (depth > 1 ? z : t) > 0 ? place - height * width : undefined;
  const east = x + stride < width;
  return {
    west,
    west2,
    above,
    above2: y > 1 ? place - 2 * width : undefined,
    northWest: above !== undefined && west !== undefined ? above - stride : undefined,
    northEast: above !== undefined && east ? above + stride : undefined,
    before,
    beforeEast: before !== undefined && east ? before + stride : undefined,
    beforeSouth: before !== undefined && y + 1 < height ? before + width : undefined,
  };
}

/** The regressors, relative to their field's reference; 0 outside the chunk. */
export function regressorsOf(
  side: MixedSide,
  valueAt: (place: number, field: number) => number,
  referenceOf: (field: number) => number,
  [t, z, y, x]: readonly [number, number, number, number],
): number[] {
  const { outer, depth, height, width } = side;
  return side.regressors.map(([dt, dz, dy, dx, field]) => {
    const inside =
      t + dt >= 0 &&
      t + dt < outer &&
      z + dz >= 0 &&
      z + dz < depth &&
      y + dy >= 0 &&
      y + dy < height &&
      x + dx >= 0 &&
      x + dx < width;
    if (!inside) return 0;
    const place = (((t + dt) * depth + z + dz) * height + y + dy) * width + x + dx;
    return valueAt(place, field) - referenceOf(field);
  });
}
