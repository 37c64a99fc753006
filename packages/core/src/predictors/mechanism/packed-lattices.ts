import type { Geometry, Lattice, PackedChunk } from "@fieldzip/kernels";
import type { FloatArray } from "../../array/data-type.js";
import { unitInLastPlace } from "./digits.js";

/** Values of a slice that a lattice is guessed from, and the least that it takes. */
const SAMPLE = 64;
const LEAST_SAMPLE = 16;
/** Values in each of three rows that a guess is tried on, and how many may be off the lattice. */
const WINDOW = 128;
const MOST_OFF = 16;
/** A lattice finer than this many units in the last place of its largest value saves nothing. */
const LEAST_STEP_ULPS = 2.5;
/** More values than this off the lattice, and it is none. */
const MOST_EXCEPTIONS = 1 / 64;

/** The lattices that the slices of a chunk were put on. */
export interface PackedLattices {
  readonly lattices: readonly (Lattice | undefined)[];
  /** Byte per slice: 1 where it holds indices. */
  readonly indexed: Uint8Array;
  /** Whether all slices count in the same steps, so that one says something about the next. */
  readonly alike: boolean;
  /** The section "exceptions". */
  readonly exceptions: Uint8Array;
}

/**
 * Puts the slices of an opened chunk on their lattices: decimals (k / 10^d) and multiples of a power of two from zero or from
 * a reference value. Looks at a sample of three slices first; fields of full precision end there. Undefined where there are none.
 * Where one is `known`, it is taken.
 */
export function findPackedLattices(
  values: FloatArray,
  chunk: PackedChunk,
  geometry: Geometry,
  known?: Lattice,
): PackedLattices | undefined {
  const slices = geometry.outer * geometry.depth;
  const length = geometry.height * geometry.width;
  const mask = chunk.masked();
  // Where few slices have a lattice, predicting each from the others is worth more.
  const looked = slices > 2 ? [0, slices >> 1, slices - 1] : [0];
  const guesses = new Map(
    looked.map((slice) => [slice, known ?? guess(values, mask, slice * length, length)] as const),
  );
  const many = looked.filter((slice) => guesses.get(slice)).length;
  if (2 * many < looked.length) return undefined;
  const lattices: (Lattice | undefined)[] = [];
  const indexed = new Uint8Array(slices);
  const exceptions: number[] = [];
  const writer = exceptionWriter(values, exceptions);
  const most = Math.floor(length * MOST_EXCEPTIONS);
  let last: Lattice | undefined;
  for (let slice = 0; slice < slices; slice++) {
    const from = slice * length;
    // That of the slice before, unless the sample sees a coarser one.
    const seen = guesses.has(slice)
      ? guesses.get(slice)
      : (known ?? guess(values, mask, from, length));
    let found: Lattice | undefined;
    for (const candidate of last && seen && sameStep(last, seen) ? [last, seen] : [seen]) {
      const off = candidate && chunk.toIndices(from, length, candidate, most);
      if (!off) continue;
      for (const place of off) writer(place);
      found = candidate;
      break;
    }
    lattices.push(found);
    if (found) {
      indexed[slice] = 1;
      last = found;
    }
  }
  if (!last) return undefined;
  const alike = lattices.every((lattice) => lattice && sameStep(lattice, last));
  return { lattices, indexed, alike, exceptions: Uint8Array.from(exceptions) };
}

function sameStep(a: Lattice, b: Lattice): boolean {
  return "step" in a ? "step" in b && a.step === b.step : "divisor" in b && a.divisor === b.divisor;
}

/** Appends varint distances and bits of exceptions, in order of place (`spec/stream.md`). */
function exceptionWriter(values: FloatArray, bytes: number[]): (place: number) => void {
  const size = values.BYTES_PER_ELEMENT;
  const original = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let before = 0;
  return (place) => {
    let distance = place - before;
    before = place;
    for (; distance >= 128; distance >>>= 7) bytes.push((distance & 127) | 128);
    bytes.push(distance);
    for (let k = place * size; k < (place + 1) * size; k++) bytes.push(original[k]);
  };
}

const sample = new Float64Array(SAMPLE);

/** The coarsest lattice that a sample of the slice does not speak against. */
function guess(
  values: FloatArray,
  mask: Uint8Array | undefined,
  from: number,
  length: number,
): Lattice | undefined {
  let count = 0;
  let largest = 0;
  const stride = Math.max(1, Math.floor(length / (SAMPLE * 2))) | 1;
  for (let i = from; i < from + length && count < SAMPLE; i += stride) {
    const value = values[i];
    const magnitude = Math.abs(value);
    if (mask?.[i] || !(magnitude < 1e30)) continue;
    sample[count++] = value;
    if (magnitude > largest) largest = magnitude;
  }
  if (count < LEAST_SAMPLE) return undefined;
  const unit = unitInLastPlace(largest, values);
  const least = LEAST_STEP_ULPS * unit;
  if (!(least > 0)) return undefined;
  let found: Lattice | undefined;
  let finest = 0;
  for (let divisor = 1; divisor <= 1e6 && 1 / divisor > least; divisor *= 10) {
    if (!isDecimal(values, count, divisor)) continue;
    found = { divisor };
    finest = 1 / divisor;
    break;
  }
  const fromZero = coarsestPowerOfTwo(count, 0, least, 0);
  if (fromZero > finest) {
    found = { offset: 0, step: fromZero };
    finest = fromZero;
  }
  // Any value of the lattice would do as its reference, but for the rounding of the stored type: the smallest is what files count from.
  if (coarsestPowerOfTwo(count, sample[count >> 1], least, unit) > finest) {
    const reference = smallest(values, mask, from, length);
    const step = coarsestPowerOfTwo(count, reference, least, unit);
    if (step > finest) found = { offset: reference, step };
  }
  return found && mayHold(values, mask, from, length, found) ? found : undefined;
}

/** Whether three windows of the slice are on the lattice, but for a few: what a small sample missed ends here. */
function mayHold(
  values: FloatArray,
  mask: Uint8Array | undefined,
  from: number,
  length: number,
  lattice: Lattice,
): boolean {
  const single = values instanceof Float32Array;
  let off = 0;
  for (const part of [1 / 6, 1 / 2, 5 / 6]) {
    const start = from + Math.floor(part * Math.max(0, length - WINDOW));
    const end = Math.min(from + length, start + WINDOW);
    for (let i = start; i < end; i++) {
      if (mask?.[i]) continue;
      const point =
        "step" in lattice
          ? lattice.offset + Math.round((values[i] - lattice.offset) / lattice.step) * lattice.step
          : Math.round(values[i] * lattice.divisor) / lattice.divisor;
      if ((single ? Math.fround(point) : point) !== values[i]) off++;
    }
  }
  return off <= MOST_OFF;
}

function isDecimal(values: FloatArray, count: number, divisor: number): boolean {
  const single = values instanceof Float32Array;
  for (let k = 0; k < count; k++) {
    const point = Math.round(sample[k] * divisor) / divisor;
    if ((single ? Math.fround(point) : point) !== sample[k]) return false;
  }
  return true;
}

/** The largest 2^E, at least `least`, of which all sample values are multiples from `offset` on, within `tolerance`; 0 if none. */
function coarsestPowerOfTwo(
  count: number,
  offset: number,
  least: number,
  tolerance: number,
): number {
  let range = 0;
  for (let k = 0; k < count; k++) range = Math.max(range, Math.abs(sample[k] - offset));
  let step = 1;
  while (step < range) step *= 2;
  while (step > range) step /= 2;
  // Each value halves the step until it is a multiple: full precision ends at the first few.
  for (let k = 0; k < count && step > least; k++) {
    const distance = sample[k] - offset;
    while (Math.abs(distance - Math.round(distance / step) * step) > tolerance) {
      step /= 2;
      if (step <= least) return 0;
    }
  }
  return step > least ? step : 0;
}

function smallest(
  values: FloatArray,
  mask: Uint8Array | undefined,
  from: number,
  length: number,
): number {
  let reference = Number.POSITIVE_INFINITY;
  for (let i = from; i < from + length; i++) {
    if (!mask?.[i] && values[i] < reference && values[i] > -1e30) reference = values[i];
  }
  return Number.isFinite(reference) ? reference : 0;
}
