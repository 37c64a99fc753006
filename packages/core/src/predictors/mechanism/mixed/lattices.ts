import type { Lattice } from "@fieldzip/kernels";
import type { FloatArray } from "../../../array/data-type.js";
import { writeExceptions } from "../../../entropy/exceptions.js";
import { unitInLastPlace } from "../digits.js";
import { type LatticeField, nearest, pointOf, standIn } from "../lattice.js";

/** A lattice finer than this many units in the last place of its largest value saves nothing. */
const LEAST_STEP_ULPS = 2.5;
/** More of the distinct values than this off the lattice, and it is none. */
const MOST_EXCEPTIONS = 1 / 64;
const LEAST_DISTINCT = 32;
/** A lattice that is coarser by less than this is the same, and the one before has rounder numbers. */
const SAME = 1 + 1e-6;
/** Indices stay far from the ends of their range. */
const MOST_POINTS = 1e9;
/** Of the smallest magnitudes so many tell the step of a lattice through zero. */
const SMALLEST = 4000;

/** Lattices, and the values with every exception moved to a lattice point. */
export interface FineLattices extends LatticeField {
  readonly field: FloatArray;
}

/**
 * Finds integers in disguise, slice by slice, from all distinct values: decimals, multiples of a step from
 * zero (k / 24400: means of decimals, too), and from the smallest value (packed integers that were unpacked).
 * Takes longer than `findLattices`, and finds steps that a small sample does not show. Undefined where
 * no slice has a lattice. Where one is `known`, it is taken.
 */
export function findFineLattices(
  values: FloatArray,
  mask: Uint8Array | undefined,
  slices: number,
  known?: Lattice,
): FineLattices | undefined {
  const length = values.length / slices;
  const lattices: (Lattice | undefined)[] = [];
  let field: FloatArray | undefined;
  const places: number[] = [];
  const size = values.BYTES_PER_ELEMENT;
  for (let slice = 0; slice < slices; slice++) {
    const from = slice * length;
    const distinct = known ? undefined : distinctOf(values, mask, from, length);
    const lattice = known ?? (distinct && coarsest(distinct, values));
    lattices.push(lattice);
    if (!lattice) continue;
    field ??= values.slice();
    for (let i = from; i < from + length; i++) {
      const value = values[i];
      // NaN has no lattice point, and its payload is not to be lost.
      if (
        mask?.[i] === 1 ||
        (!Number.isNaN(value) && Object.is(pointOf(lattice, value, size), value))
      )
        continue;
      field[i] = standIn(lattice, value, size);
      places.push(i);
    }
  }
  if (!field) return undefined;
  return { lattices, field, exceptions: writeExceptions(values, places) };
}

/** Distinct values of a slice, ascending, what is masked or not finite left out; undefined where they are few. */
function distinctOf(
  values: FloatArray,
  mask: Uint8Array | undefined,
  from: number,
  length: number,
): Float64Array | undefined {
  const all = new Float64Array(length);
  let count = 0;
  for (let i = from; i < from + length; i++) {
    if (mask?.[i] !== 1 && Math.abs(values[i]) < 1e19) all[count++] = values[i];
  }
  return distinctIn(all.subarray(0, count).sort());
}

function distinctIn(sorted: Float64Array): Float64Array | undefined {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  }
  return count < LEAST_DISTINCT ? undefined : sorted.subarray(0, count);
}

/** The coarsest lattice on which nearly all of the values lie. */
function coarsest(distinct: Float64Array, values: FloatArray): Lattice | undefined {
  const [least, largest] = [distinct[0], distinct[distinct.length - 1]];
  const ulp = unitInLastPlace(Math.max(Math.abs(least), Math.abs(largest)), values);
  const size = values.BYTES_PER_ELEMENT;
  let best: Lattice | undefined;
  let bestStep = Math.max(LEAST_STEP_ULPS * ulp, (largest - least) / MOST_POINTS);
  for (const lattice of candidates(distinct, ulp)) {
    const step = "step" in lattice ? lattice.step : 1 / lattice.divisor;
    if (!(step > bestStep * SAME) || !holds(lattice, distinct, size)) continue;
    best = lattice;
    bestStep = step;
  }
  return best;
}

function holds(lattice: Lattice, distinct: Float64Array, size: number): boolean {
  let left = distinct.length * MOST_EXCEPTIONS;
  for (let i = 0; i < distinct.length && left >= 0; i++) {
    if (!Object.is(pointOf(lattice, distinct[i], size), distinct[i])) left--;
  }
  return left >= 0;
}

function candidates(distinct: Float64Array, ulp: number): Lattice[] {
  const found: Lattice[] = [];
  for (let divisor = 1; divisor <= 1e6; divisor *= 10) found.push({ divisor });
  const offset = distinct[0];
  const difference = smallestDifference(distinct, distinct.length);
  if (difference > 1.5 * ulp) {
    const step = refine(difference, distinct, offset);
    const power = 2 ** Math.round(Math.log2(step));
    for (const close of [power, power * 2, power / 2, power / 4, step]) {
      found.push({ offset, step: close });
    }
  }
  const magnitudes = distinctIn(distinct.map(Math.abs).sort());
  if (!magnitudes) return found;
  const positive = magnitudes[0] === 0 ? magnitudes.subarray(1) : magnitudes;
  const apart = Math.min(positive[0], smallestDifference(positive, SMALLEST));
  if (apart > 0) {
    const step = refine(apart, positive, 0);
    const divisor = Math.round(1 / step);
    if (divisor > 1 && divisor < 1e9) found.push({ divisor });
    const power = 2 ** Math.round(Math.log2(step));
    for (const close of [power, power / 2, step]) found.push({ offset: 0, step: close });
  }
  return found.filter((lattice) => !("step" in lattice) || lattice.step > 0);
}

function smallestDifference(ascending: Float64Array, most: number): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < Math.min(ascending.length, most); i++) {
    smallest = Math.min(smallest, ascending[i] - ascending[i - 1]);
  }
  return smallest;
}

/** A step by least squares of value against index, from the values near the offset outwards. */
function refine(guess: number, ascending: Float64Array, offset: number): number {
  let step = guess;
  let products = 0;
  let squares = 0;
  let i = 0;
  for (let limit = 8; ; limit *= 2) {
    for (; i < Math.min(limit, ascending.length); i++) {
      const k = nearest((ascending[i] - offset) / step);
      products += k * (ascending[i] - offset);
      squares += k * k;
    }
    if (squares > 0) step = products / squares;
    if (limit >= ascending.length) return step;
  }
}
