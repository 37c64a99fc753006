import type { Geometry } from "@fieldzip/kernels";
import type { FloatArray } from "../../../array/data-type.js";

/** Points of a chunk that have neighbours on both sides of every axis that is used. */
export interface JointSample {
  /** Place of every point in a variable. */
  readonly places: Int32Array;
  /** Distance to the next value along each axis of three or more, fastest first. */
  readonly strides: readonly number[];
}

/** Random points at which all fields and their neighbours are finite; undefined where there are too few. */
export function samplePoints(
  fields: readonly FloatArray[],
  geometry: Geometry,
  wanted: number,
): JointSample | undefined {
  const { outer, depth, height, width } = geometry;
  const extents = [width, height, depth, outer];
  const used = extents.map((extent) => extent >= 3);
  const all = [1, width, width * height, width * height * depth];
  const strides = all.filter((_, axis) => used[axis]);
  if (strides.length === 0) return undefined;
  const places = new Int32Array(wanted);
  let count = 0;
  // Numerical Recipes' linear congruential generator: the same points on every machine.
  let seed = 54321;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let attempt = 0; attempt < 2 * wanted && count < wanted; attempt++) {
    let place = 0;
    for (let axis = 3; axis >= 0; axis--) {
      const at = used[axis] ? 1 + random(extents[axis] - 2) : random(extents[axis]);
      place += at * all[axis];
    }
    if (fields.every((field) => finiteAround(field, place, strides))) places[count++] = place;
  }
  return count < 64 ? undefined : { places: places.subarray(0, count), strides };
}

function finiteAround(field: FloatArray, place: number, strides: readonly number[]): boolean {
  let sum = field[place];
  for (const stride of strides) sum += field[place - stride] + field[place + stride];
  return sum - sum === 0;
}

/** A number for every place. */
export function columnOf(places: Int32Array, at: (place: number) => number): Float64Array {
  const values = new Float64Array(places.length);
  for (let r = 0; r < values.length; r++) values[r] = at(places[r]);
  return values;
}
