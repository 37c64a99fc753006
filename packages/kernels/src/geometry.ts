/**
 * A chunk as the kernels see it: `outer x depth x height x width` values, C order. A slice is one
 * `height x width`; only a chunk of a single slice is cut into 4 `bands` of rows that do not see
 * each other, so that four rows can be restored at once.
 */
export interface Geometry {
  readonly outer: number;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  readonly bands: 1 | 4;
}

export const MAX_SOURCES = 16;
/** Largest activity of a context plus one. */
export const ACTIVITIES = 193;
/** Magnitude classes 0 to 64. */
export const CLASSES = 65;
export const PROBABILITY_BITS = 11;
export const MAX_CONTEXTS = 16;

/** A row that a row is predicted from, relative to it: outer block, slice, row. */
export interface Source {
  readonly dt: number;
  readonly dz: number;
  readonly dy: number;
}

/** How rows of one kind are predicted. */
export interface Stencil {
  readonly sources: readonly Source[];
  /** Weights of the values one and two to the left. */
  readonly left: readonly [number, number];
  /** Per source the weights of its left, centre and right value. */
  readonly weights: readonly number[];
}

/** Sources of a stencil over several fields, at most; terms of a law, and factors of a term. */
export const MAX_JOINT_SOURCES = 64;
export const MAX_TERMS = 16;
export const MAX_FACTORS = 3;

/** Number of the law's field among those that a source may name; variable v is `FIRST_VARIABLE + v`. */
export const LAW_FIELD = 1;
export const FIRST_VARIABLE = 2;

/** A row of one of several fields: 0 the own one, then `LAW_FIELD`, then the variables. */
export interface JointSource extends Source {
  readonly field: number;
}

/** A stencil over several fields. */
export interface JointStencil extends Stencil {
  readonly sources: readonly JointSource[];
}

/** A product of variables, by number. */
export interface Term {
  readonly coefficient: number;
  readonly factors: readonly number[];
}

/** What a sum of products of other variables says about one. */
export type Law = readonly Term[];

/** Stencils by kind (bits: 1 has the row above, 2 the slice before, 4 the outer block before). */
export type Plan = readonly (Stencil | undefined)[];

/** The same over several fields. */
export type JointPlan = readonly (JointStencil | undefined)[];

export function bandHeight(geometry: Geometry): number {
  return Math.ceil(geometry.height / geometry.bands);
}

export function kindOf(geometry: Geometry, t: number, z: number, y: number): number {
  return (y % bandHeight(geometry) > 0 ? 1 : 0) | (z > 0 ? 2 : 0) | (t > 0 ? 4 : 0);
}

/** Kinds that occur in a chunk of this geometry, ascending: those that need a stencil. */
export function kindsOf(geometry: Geometry): number[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].filter(
    (kind) =>
      !(kind & 1 && bandHeight(geometry) === 1) &&
      !(kind & 2 && geometry.depth === 1) &&
      !(kind & 4 && geometry.outer === 1),
  );
}

export function countOfGeometry(geometry: Geometry): number {
  return geometry.outer * geometry.depth * geometry.height * geometry.width;
}
