import { type ChunkEncoder, countOfGeometry, type Geometry, type Lattice } from "@fieldzip/kernels";
import type { FloatArray } from "../../array/data-type.js";
import { writeExceptions } from "../../entropy/exceptions.js";
import { unitInLastPlace } from "./digits.js";
import type { Mask } from "./mask.js";

/** Values of a slice that a lattice is guessed from. */
const SAMPLE = 96;
const LEAST_SAMPLE = 16;
/** Values in a row whose differences are looked at for the scale of unpacked integers. */
const NEIGHBOURS = 2048;
/** The first of them, of which some must stand there more than once. */
const FEW = 512;
/** A lattice finer than this many units in the last place of its largest value saves nothing. */
const LEAST_STEP_ULPS = 2.5;
/** More values than this off the lattice, and it is none. */
const MOST_EXCEPTIONS = 1 / 64;
/** The same where the lattice is known: values were moved to it. */
const MOST_KNOWN_EXCEPTIONS = 1 / 4;

/** The lattices of all slices, and the values that are on none. */
export interface LatticeField {
  readonly lattices: readonly (Lattice | undefined)[];
  /** The section "exceptions": varint distance to the exception before, and its bits. */
  readonly exceptions: Uint8Array;
}

/**
 * Finds integers in disguise, slice by slice: decimals (k / 10^d), multiples of a power of two from zero
 * or from a reference value (GRIB: reference + k 2^E), and scaled integers (offset + k * scale, packed
 * data that were unpacked). MeLLoC's precision control, put to work on the values themselves. `chunk`
 * holds the values as they are: exceptions are moved to lattice points there. Undefined where no slice
 * has a lattice. Where one is `known`, it is taken.
 */
export function findLattices(
  chunk: Pick<ChunkEncoder, "misfits" | "putLattices">,
  values: FloatArray,
  mask: Mask | undefined,
  geometry: Geometry,
  known?: Lattice,
): LatticeField | undefined {
  if (!known && !mayHaveLattices(values, mask, geometry)) return undefined;
  const slices = geometry.outer * geometry.depth;
  const length = countOfGeometry(geometry) / slices;
  const most = Math.floor(length * (known ? MOST_KNOWN_EXCEPTIONS : MOST_EXCEPTIONS));
  const lattices: (Lattice | undefined)[] = [];
  const places: number[] = [];
  const points: number[] = [];
  let before: Lattice | undefined;
  /** The coarsest candidate with few exceptions. */
  const settle = (slice: number, candidates: readonly Lattice[]) => {
    for (const lattice of candidates) {
      const off = chunk.misfits(slice, lattice, most);
      if (!off) continue;
      const from = slice * length;
      for (const place of off) {
        places.push(from + place);
        points.push(standIn(lattice, values[from + place], values.BYTES_PER_ELEMENT));
      }
      return lattice;
    }
    return undefined;
  };
  for (let slice = 0; slice < slices; slice++) {
    if (known) {
      lattices.push(settle(slice, [known]));
      continue;
    }
    const from = slice * length;
    const simple = guessSimple(values, mask, from, length);
    // That of the slice before is as good, unless a coarser one shows itself.
    const again =
      before &&
      !simple.some((lattice) => stepOf(lattice) > stepOf(before!)) &&
      chunk.misfits(slice, before, 0);
    const found = again
      ? before
      : (settle(slice, simple) ?? settle(slice, guessScaled(values, mask, from, length)));
    lattices.push(found);
    before = found ?? before;
  }
  if (lattices.every((lattice) => lattice === undefined)) return undefined;
  chunk.putLattices(lattices, places, points);
  return { lattices, exceptions: writeExceptions(values, places) };
}

/** What stands in for a value off the lattice must be coded as itself; index 0 always is. */
export function standIn(lattice: Lattice, value: number, size: number): number {
  const point = pointOf(lattice, value, size);
  const safe = Object.is(pointOf(lattice, point, size), point) && !Number.isNaN(point);
  return safe ? point : "step" in lattice ? lattice.offset : 0;
}

/** Whether one of three slices looks like a lattice: what full-precision fields cost here. */
export function mayHaveLattices(
  values: FloatArray,
  mask: Mask | undefined,
  geometry: Geometry,
): boolean {
  const slices = geometry.outer * geometry.depth;
  const length = countOfGeometry(geometry) / slices;
  return [...new Set([0, slices >> 1, slices - 1])].some(
    (slice) =>
      guessSimple(values, mask, slice * length, length, () => 0).length > 0 ||
      guessScaled(values, mask, slice * length, length, () => 0).length > 0,
  );
}

/** A few values of a slice, what is masked or not finite left out. */
function sampleOf(
  values: FloatArray,
  mask: Mask | undefined,
  from: number,
  length: number,
): Float64Array {
  const sample = new Float64Array(SAMPLE);
  const fill = mask?.fill;
  const take = (stride: number) => {
    let taken = 0;
    for (let i = from; i < from + length && taken < SAMPLE; i += stride) {
      const value = values[i];
      if (value !== fill && Math.abs(value) < 1e30) sample[taken++] = value;
    }
    return taken;
  };
  let taken = take(Math.max(1, Math.floor(length / (SAMPLE * 2))) | 1);
  // Where most is masked a few values need a closer look.
  if (mask && taken < LEAST_SAMPLE) taken = take(1);
  return sample.subarray(0, taken);
}

/** The finest step that saves something; 0 where there can be none. */
function leastStep(sample: Float64Array, values: FloatArray): number {
  let largest = 0;
  for (const value of sample) largest = Math.max(largest, Math.abs(value));
  return sample.length < LEAST_SAMPLE ? 0 : LEAST_STEP_ULPS * unitInLastPlace(largest, values);
}

/** Decimals and multiples of powers of two that a sample of the slice does not speak against, the coarsest first. */
function guessSimple(
  values: FloatArray,
  mask: Mask | undefined,
  from: number,
  length: number,
  reference: typeof referenceOf = referenceOf,
): Lattice[] {
  const sample = sampleOf(values, mask, from, length);
  const least = leastStep(sample, values);
  if (!(least > 0)) return [];
  const size = values.BYTES_PER_ELEMENT;
  const candidates: Lattice[] = [];
  const fits = (lattice: Lattice) =>
    sample.every((value) => Object.is(pointOf(lattice, value, size), value + 0));

  for (let divisor = 1; divisor <= 1e6 && 1 / divisor > least; divisor *= 10) {
    if (fits({ divisor })) {
      candidates.push({ divisor });
      break;
    }
  }
  const addMultiples = (offset: number) => {
    const step = coarsestPowerOfTwo(sample, offset, least);
    if (step > 0) candidates.push({ offset, step });
    return step > 0;
  };
  addMultiples(0);
  // A stray below all others would hide the reference: any other value of the lattice serves, too.
  const middle = sample.slice().sort()[sample.length >> 1];
  if (middle !== 0 && addMultiples(middle)) {
    const smallest = reference(values, mask, from, length);
    if (smallest !== 0 && smallest !== middle) addMultiples(smallest);
  }
  return candidates.sort((a, b) => stepOf(b) - stepOf(a));
}

/** The lattice of unpacked integers that the slice may have. */
function guessScaled(
  values: FloatArray,
  mask: Mask | undefined,
  from: number,
  length: number,
  reference: typeof referenceOf = referenceOf,
): Lattice[] {
  const least = leastStep(sampleOf(values, mask, from, length), values);
  const step = least > 0 ? scaleOf(values, mask, from, length, least) : 0;
  return step > 0 ? [{ offset: reference(values, mask, from, length), step }] : [];
}

function stepOf(lattice: Lattice): number {
  return "step" in lattice ? lattice.step : 1 / lattice.divisor;
}

/**
 * The lattice point nearest to a value, by the decoder's arithmetic; NaN where the index would come near
 * the end of its range, or the value is not finite.
 */
export function pointOf(lattice: Lattice, value: number, size: number): number {
  const scale = "divisor" in lattice ? lattice.divisor : 1 / lattice.step;
  const offset = "divisor" in lattice ? 0 : lattice.offset;
  const index = nearest((value - offset) * scale);
  if (!(Math.abs(index) < (size === 4 ? 2 ** 30 : 2 ** 52))) return Number.NaN;
  const point = "divisor" in lattice ? index / lattice.divisor : offset + index * lattice.step;
  return size === 4 ? Math.fround(point) : point;
}

/** Where a double's steps are 1: what is added and taken off again comes back rounded. */
const ROUNDER = 1.5 * 2 ** 52;

/** Nearest integer, ties to even, as WebAssembly rounds; never -0, which no integer is. */
export function nearest(x: number): number {
  return Math.abs(x) < 2 ** 51 ? x + ROUNDER - ROUNDER : Math.round(x);
}

/** Smallest value: what GRIB and packed files count from. */
function referenceOf(
  values: FloatArray,
  mask: Mask | undefined,
  from: number,
  length: number,
): number {
  const fill = mask?.fill;
  let reference = Number.POSITIVE_INFINITY;
  for (let i = from; i < from + length; i++) {
    const value = values[i];
    if (value < reference && value > -1e30 && value !== fill) reference = value;
  }
  return Number.isFinite(reference) ? reference : 0;
}

/** The largest 2^E, at least `least`, of which all sample values are multiples from `offset` on; 0 if none. */
function coarsestPowerOfTwo(sample: Float64Array, offset: number, least: number): number {
  let step = 1;
  let range = 0;
  for (const value of sample) range = Math.max(range, Math.abs(value - offset));
  while (step < range) step *= 2;
  while (step > range) step /= 2;
  // Every value counts from the reference only to within the rounding of the stored type.
  const tolerance = offset === 0 ? 0 : least / LEAST_STEP_ULPS;
  for (; step > least; step /= 2) {
    if (
      sample.every(
        (value) => Math.abs(value - offset - nearest((value - offset) / step) * step) <= tolerance,
      )
    ) {
      return step;
    }
  }
  return 0;
}

/** The scale of unpacked integers, from the smallest difference of distinct values; 0 if there is none. */
function scaleOf(
  values: FloatArray,
  mask: Mask | undefined,
  from: number,
  length: number,
  least: number,
): number {
  const sorted = new Float64Array(NEIGHBOURS);
  let taken = 0;
  for (let i = from; i < from + length && taken < NEIGHBOURS; i++) {
    const value = values[i];
    if (value === mask?.fill || !(Math.abs(value) < 1e30)) continue;
    sorted[taken++] = value;
    // Integers of 16 bits repeat; full-precision values hardly do.
    if (taken === FEW && distinctOf(sorted.slice(0, FEW)).length > FEW - 4) return 0;
  }
  const distinct = distinctOf(sorted.subarray(0, taken));
  if (distinct.length < 8 || distinct.length > 0.75 * taken) return 0;
  let step = Number.POSITIVE_INFINITY;
  for (let k = 1; k < distinct.length; k++) step = Math.min(step, distinct[k] - distinct[k - 1]);
  if (!(step > least)) return 0;
  // Refine by least squares of value against index, from the values near the reference outwards.
  const [reference] = distinct;
  for (let reach = 16; ; reach *= 2) {
    let products = 0;
    let squares = 0;
    for (const value of distinct) {
      const k = nearest((value - reference) / step);
      if (k > reach) break;
      products += k * (value - reference);
      squares += k * k;
    }
    if (squares > 0) step = products / squares;
    if (reach * step > distinct[distinct.length - 1] - reference) return step;
  }
}

/** Sorts numbers in place; returns each once. */
function distinctOf(numbers: Float64Array): Float64Array {
  numbers.sort();
  let count = 0;
  for (let k = 0; k < numbers.length; k++) {
    if (k === 0 || numbers[k] !== numbers[count - 1]) numbers[count++] = numbers[k];
  }
  return numbers.subarray(0, count);
}
