/**
 * Where the neighbours of a value lie, what was noted about them, and the regressors: values before it in
 * C order, less a reference near them; 0 outside the chunk.
 */
import { depth, height, north, outer, previous, REGRESSORS, regressors, stride, width } from "./parameters";

/** Notes of a value: errors of eight predictors (f32, scaled), log2 of its residual (f32), class, sign + 1. */
export const NOTE: usize = 48;
export const NOTE_LOGARITHM: usize = 32;
export const NOTE_CLASS: usize = 36;
export const NOTE_SIGN: usize = 40;

/** A ring of notes: as many as the farthest neighbour is away. */
let notes: usize = 0, ringMask: i32 = 0;
/** x of the regressors, then the regressand and a zero. */
export const X: usize = memory.data(34 * 8, 16);
/** Of the regressors that the row has, 32 bytes: number, distance in values, first and last + 1 column, field's address (0: this one). */
const ACTIVE: usize = memory.data(32 * 32, 16);
/** Of them, those of other fields come last. */
let own: i32 = 0;
let active: i32 = 0;
/** Columns at which all of them lie inside. */
let innerFrom: i32 = 0, innerTo: i32 = 0;

/** Places of neighbours in C order, -1 where there are none. */
export let west: i32 = -1, above: i32 = -1, before: i32 = -1, northWest: i32 = -1, northEast: i32 = -1;
export let west2: i32 = -1, above2: i32 = -1;
export let beforeEast: i32 = -1, beforeSouth: i32 = -1;
/** Distance to the slice before, to the row above; whether there is a row above, a slice before. */
let sliceDistance: i32 = 0, rowDistance: i32 = 0;
let hasAbove: bool = false, hasBefore: bool = false, hasAbove2: bool = false, hasBelow: bool = false;
let oneRow: bool = false;

/** Notes that are kept. */
export function ringLength(): u32 {
  let farthest = 2 * stride;
  if (height > 1) farthest = max(farthest, 2 * width + stride);
  if (height > 1 || depth > 1 || outer > 1) {
    if (outer * depth > 1) farthest = max(farthest, height * width);
  }
  farthest = max(farthest, max(north, previous) + stride);
  let length: u32 = 64;
  while (length <= <u32>farthest) length <<= 1;
  return length;
}

export function openPlaces(room: usize): void {
  notes = room;
  const length = ringLength();
  ringMask = <i32>length - 1;
  memory.fill(notes, 0, <usize>length * NOTE);
  memory.fill(X, 0, 34 * 8);
  oneRow = outer == 1 && depth == 1 && height == 1;
}

// @ts-ignore: decorator
@inline
export function noteOf(place: i32): usize {
  return notes + <usize>(place & ringMask) * NOTE;
}

/** Finds the regressors that a row has. */
export function openRow(t: i32, z: i32, y: i32): void {
  active = 0;
  innerFrom = 0;
  innerTo = width;
  takeRegressors(t, z, y, false);
  own = active;
  takeRegressors(t, z, y, true);
  hasAbove = y > 0;
  hasAbove2 = y > 1;
  hasBelow = y + 1 < height;
  hasBefore = depth > 1 ? z > 0 : t > 0;
  rowDistance = width;
  sliceDistance = height * width;
}

/** The regressors of the field at hand, or of others, that a row has. */
function takeRegressors(t: i32, z: i32, y: i32, others: bool): void {
  for (let k = 0; k < regressors; k++) {
    const from = REGRESSORS + (<usize>k << 5);
    const dt = load<i32>(from), dz = load<i32>(from, 4), dy = load<i32>(from, 8), dx = load<i32>(from, 12);
    const field = load<usize>(from, 16);
    if ((field != 0) != others) continue;
    store<f64>(X + (<usize>k << 3), 0);
    if (t + dt < 0 || t + dt >= outer || z + dz < 0 || z + dz >= depth || y + dy < 0 || y + dy >= height) continue;
    const first = max(0, -dx), last = min(width, width - dx);
    if (first >= last) continue;
    const to = ACTIVE + (<usize>active << 5);
    store<i32>(to, k);
    store<i32>(to, ((dt * depth + dz) * height + dy) * width + dx, 4);
    store<i32>(to, first, 8);
    store<i32>(to, last, 12);
    store<usize>(to, field ? load<usize>(field) : 0, 16);
    innerFrom = max(innerFrom, first);
    innerTo = min(innerTo, last);
    active++;
  }
}

/** Neighbours of the value at `place`, column x. */
// @ts-ignore: decorator
@inline
export function openPlace(place: i32, x: i32): void {
  const atLeft = x >= stride, atRight = x + stride < width;
  west = atLeft ? place - stride : -1;
  west2 = x >= 2 * stride ? place - 2 * stride : -1;
  if (oneRow) {
    above = north > 0 && place >= north ? place - north : -1;
    before = previous > 0 && place >= previous ? place - previous : -1;
    northWest = -1;
    northEast = -1;
    above2 = -1;
    beforeEast = -1;
    beforeSouth = -1;
    return;
  }
  above = hasAbove ? place - rowDistance : -1;
  above2 = hasAbove2 ? place - 2 * rowDistance : -1;
  northWest = hasAbove && atLeft ? above - stride : -1;
  northEast = hasAbove && atRight ? above + stride : -1;
  before = hasBefore ? place - sliceDistance : -1;
  beforeEast = hasBefore && atRight ? before + stride : -1;
  beforeSouth = hasBefore && hasBelow ? before + rowDistance : -1;
}

/** Values from here on, and those that are not finite, are taken for 0 in predictions. */
const LARGEST: f64 = 1e100;

// @ts-ignore: decorator
@inline
export function valueAt<F>(values: usize, place: i32): f64 {
  const value = <f64>load<F>(values + <usize>place * sizeof<F>());
  return Math.abs(value) < LARGEST ? value : 0;
}

/** What predictions are relative to. */
// @ts-ignore: decorator
@inline
export function referenceOf<F>(values: usize): f64 {
  if (west >= 0) {
    const left = valueAt<F>(values, west);
    return above >= 0 ? 0.5 * (left + valueAt<F>(values, above)) : left;
  }
  if (above >= 0) return valueAt<F>(values, above);
  return before >= 0 ? valueAt<F>(values, before) : 0;
}

// @ts-ignore: decorator
@inline
export function gatherRegressors<F>(values: usize, place: i32, x: i32, reference: f64): void {
  if (x >= innerFrom && x < innerTo) {
    for (let k = 0; k < own; k++) {
      const from = ACTIVE + (<usize>k << 5);
      store<f64>(X + (<usize>load<i32>(from) << 3), valueAt<F>(values, place + load<i32>(from, 4)) - reference);
    }
  } else {
    for (let k = 0; k < own; k++) {
      const from = ACTIVE + (<usize>k << 5);
      const inside = x >= load<i32>(from, 8) && x < load<i32>(from, 12);
      store<f64>(X + (<usize>load<i32>(from) << 3), inside ? valueAt<F>(values, place + load<i32>(from, 4)) - reference : 0);
    }
  }
  for (let k = own; k < active; k++) {
    // Other fields count from what the reference is in them.
    const from = ACTIVE + (<usize>k << 5), field = load<usize>(from, 16);
    const inside = x >= load<i32>(from, 8) && x < load<i32>(from, 12);
    store<f64>(X + (<usize>load<i32>(from) << 3), inside ? valueAt<F>(field, place + load<i32>(from, 4)) - referenceOf<F>(field) : 0);
  }
}
