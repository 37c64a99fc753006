/**
 * Eight predictors and their blend. Four are solved by least squares from sums over what was coded near:
 * 0 near by (this row, the row above, the slice before), 1 of late, 2 for long, 3 near by with few
 * regressors; 4 is the mean of 0 to 2; 5 the left neighbour, 6 and 7 fixed differences. Each counts with the
 * fourth power of the inverse of its errors at the value's neighbours.
 */
import {
  blockTurns, depth, few, height, KEEP, outer, phases, regressors, RIDGES, scale, tileRows, width,
} from "./parameters";
import {
  above, above2, before, noteOf, northEast, northWest, valueAt, west, west2, X,
} from "./places";
import { accumulate, addWeighted, decayAdd, product, solve, triangleLength } from "./regression";

export const PREDICTORS: i32 = 8;
/** Predictions, relative to the reference. */
export const PREDICTED: usize = memory.data(8 * 8, 16);
/** Every so many blocks the sums for long, and of late, are solved; at the start every time. */
const LONG_TURN: i32 = 4, LATE_TURN: i32 = 2, EAGER: i32 = 16;
/** Doubles of a predictor's weights. */
const WEIGHTS: i32 = 34;
/** A prediction from here on is not one. */
const LARGEST: f64 = 1e150;
const LARGEST_ERROR: f32 = 1e30;

let triangle: i32 = 0, blockColumns: i32 = 0, blocks: i32 = 0;
let hasRows: bool = false, hasTiles: bool = false;
let block: usize = 0, inRow: usize = 0, late: usize = 0, long: usize = 0, all: usize = 0, sum: usize = 0;
let rows: usize = 0, tiles: usize = 0, weights: usize = 0;
let blocksDone: i32 = 0;

/** Bytes of sums and weights. */
export function predictorsSize(): u64 {
  shape();
  const perRow = <u64>(hasRows ? blocks : 0);
  const tilesThere = hasTiles ? perRow * <u64>((height + tileRows - 1) / tileRows) : 0;
  const sums = <u64>phases * (4 + perRow + tilesThere) + 2;
  return sums * <u64>triangle * 8 + <u64>phases * 4 * WEIGHTS * 8 + 256;
}

function shape(): void {
  triangle = triangleLength(regressors);
  blockColumns = blockTurns * phases;
  blocks = (width + blockColumns - 1) / blockColumns;
  hasRows = height > 1 || depth > 1 || outer > 1;
  hasTiles = hasRows && tileRows > 0 && depth * outer > 1;
}

export function openPredictors(room: usize): void {
  shape();
  memory.fill(room, 0, <usize>predictorsSize());
  const each = <usize>triangle * 8, turn = <usize>phases * each;
  block = room;
  inRow = block + turn;
  late = inRow + turn;
  long = late + turn;
  all = long + turn;
  sum = all + each;
  rows = sum + each;
  tiles = rows + (hasRows ? <usize>blocks * turn : 0);
  weights = tiles + (hasTiles ? <usize>((height + tileRows - 1) / tileRows) * <usize>blocks * turn : 0);
  blocksDone = 0;
}

// @ts-ignore: decorator
@inline
function sumsOf(base: usize, slot: i32): usize {
  return base + <usize>slot * <usize>triangle * 8;
}

// @ts-ignore: decorator
@inline
function weightsOf(predictor: i32, phase: i32): usize {
  return weights + <usize>((predictor * phases + phase) * WEIGHTS) * 8;
}

// @ts-ignore: decorator
@inline
function keep(k: usize): f64 {
  return load<f64>(KEEP + (k << 3));
}

// @ts-ignore: decorator
@inline
function ridge(k: usize): f64 {
  return load<f64>(RIDGES + (k << 3));
}

/** Called before every value: at the start of a block takes in the block before, and solves. */
export function openBlock(y: i32, x: i32, first: bool): void {
  if (x % blockColumns != 0) return;
  const number = x / blockColumns;
  if (!first) {
    if (x > 0) takeBlock(y, number - 1, false);
    else takeBlock(y > 0 ? y - 1 : height - 1, blocks - 1, true);
  }
  for (let phase = 0; phase < phases; phase++) {
    if (hasRows) solveInSpace(y, number, phase);
    else solveInLine(phase);
  }
  blocksDone++;
}

function takeBlock(y: i32, number: i32, rowEnds: bool): void {
  for (let phase = 0; phase < phases; phase++) {
    const from = sumsOf(block, phase);
    if (hasRows && rowEnds) memory.fill(sumsOf(inRow, phase), 0, <usize>triangle * 8);
    else decayAdd(sumsOf(inRow, phase), from, keep(0), triangle);
    decayAdd(sumsOf(late, phase), from, keep(1), triangle);
    decayAdd(sumsOf(long, phase), from, keep(2), triangle);
    if (!hasRows) decayAdd(all, from, phase == 0 ? keep(2) : 1, triangle);
    const slot = number * phases + phase;
    if (hasRows) decayAdd(sumsOf(rows, slot), from, keep(3), triangle);
    if (hasTiles) {
      const tile = sumsOf(tiles, (y / tileRows) * blocks * phases + slot);
      decayAdd(tile, from, y % tileRows == 0 ? keep(4) : 1, triangle);
    }
    memory.fill(from, 0, <usize>triangle * 8);
  }
}

function solveInSpace(y: i32, number: i32, phase: i32): void {
  memory.copy(sum, sumsOf(inRow, phase), <usize>triangle * 8);
  if (number > 0) addWeighted(sum, sumsOf(rows, (number - 1) * phases + phase), keep(6), triangle);
  addWeighted(sum, sumsOf(rows, number * phases + phase), 1, triangle);
  if (number + 1 < blocks) addWeighted(sum, sumsOf(rows, (number + 1) * phases + phase), keep(6), triangle);
  solve(sum, regressors, few, ridge(3), weightsOf(3, phase));
  if (hasTiles) addWeighted(sum, sumsOf(tiles, ((y / tileRows) * blocks + number) * phases + phase), keep(5), triangle);
  solve(sum, regressors, regressors, ridge(0), weightsOf(0, phase));
  if (blocksDone < EAGER || blocksDone % LATE_TURN == 0) {
    solve(sumsOf(late, phase), regressors, regressors, ridge(1), weightsOf(1, phase));
  }
  if (blocksDone < EAGER || blocksDone % LONG_TURN == 0) {
    solve(sumsOf(long, phase), regressors, regressors, ridge(2), weightsOf(2, phase));
  }
}

/** One row: near by is what was of late; for long there are sums by phase, and sums of all phases. */
function solveInLine(phase: i32): void {
  const near = sumsOf(inRow, phase);
  solve(near, regressors, few, ridge(3), weightsOf(3, phase));
  solve(near, regressors, regressors, ridge(0), weightsOf(0, phase));
  if (blocksDone < EAGER || blocksDone % LATE_TURN == 0) {
    solve(sumsOf(long, phase), regressors, regressors, ridge(1), weightsOf(1, phase));
    if (phase == 0) solve(all, regressors, regressors, ridge(2), weightsOf(2, 0));
    else memory.copy(weightsOf(2, phase), weightsOf(2, 0), WEIGHTS * 8);
  }
}

// @ts-ignore: decorator
@inline
function put(k: usize, prediction: f64): void {
  store<f64>(PREDICTED + (k << 3), prediction);
}

/** Predictions of the value at hand, relative to the reference, from X and its neighbours. */
// @ts-ignore: decorator
@inline
export function predict<F>(values: usize, place: i32, phase: i32, reference: f64): void {
  const left = west >= 0 ? valueAt<F>(values, west) - reference : 0;
  const up = above >= 0 ? valueAt<F>(values, above) - reference : 0;
  for (let k = 0; k < 4; k++) {
    const p = product(weightsOf(k, phase), X, k == 3 ? few : regressors);
    put(k, Math.abs(p) < LARGEST ? p : left);
  }
  put(4, (load<f64>(PREDICTED) + load<f64>(PREDICTED, 8) + load<f64>(PREDICTED, 16)) / 3);
  put(5, left);
  if (!hasRows) {
    put(6, west2 >= 0 ? 2 * left - (valueAt<F>(values, west2) - reference) : 2 * left);
    put(7, up);
    return;
  }
  const corner = northWest >= 0 ? valueAt<F>(values, northWest) - reference : 0;
  const plane = above < 0 ? left : west < 0 ? up : left + up - corner;
  put(6, plane);
  if (before < 0) {
    put(7, (left + up) * 0.5);
    return;
  }
  const back = valueAt<F>(values, before) - reference;
  if (west < 0 || above < 0) {
    put(7, back);
    return;
  }
  const slice = place - before;
  const backLeft = valueAt<F>(values, west - slice) - reference, backUp = valueAt<F>(values, above - slice) - reference;
  const backCorner = valueAt<F>(values, northWest - slice) - reference;
  put(7, plane + back - backLeft - backUp + backCorner);
}

/** Errors of the predictors at the neighbours: two vectors of f32. */
const ERRORS: usize = memory.data(32, 16);

// @ts-ignore: decorator
@inline
function addErrors(place: i32, weight: f32): void {
  if (place < 0) return;
  const note = noteOf(place), factor = f32x4.splat(weight);
  v128.store(ERRORS, f32x4.add(v128.load(ERRORS), f32x4.mul(v128.load(note), factor)));
  v128.store(ERRORS, f32x4.add(v128.load(ERRORS, 16), f32x4.mul(v128.load(note, 16), factor)), 16);
}

/** The blend of the predictions. */
export function blend(): f64 {
  v128.store(ERRORS, f32x4.splat(1e-30));
  v128.store(ERRORS, f32x4.splat(1e-30), 16);
  addErrors(west, 1);
  addErrors(above, 1);
  addErrors(before, 1);
  addErrors(northWest, 0.6);
  addErrors(northEast, 0.6);
  addErrors(west2, 0.5);
  addErrors(above2, 0.5);
  const e0 = v128.load(ERRORS), e1 = v128.load(ERRORS, 16);
  const least4 = f32x4.min(e0, e1);
  const least = f32x4.splat(min<f32>(
    min<f32>(f32x4.extract_lane(least4, 0), f32x4.extract_lane(least4, 1)),
    min<f32>(f32x4.extract_lane(least4, 2), f32x4.extract_lane(least4, 3)),
  ));
  let w0 = f32x4.div(least, e0), w1 = f32x4.div(least, e1);
  w0 = f32x4.mul(w0, w0);
  w1 = f32x4.mul(w1, w1);
  v128.store(ERRORS, f32x4.mul(w0, w0));
  v128.store(ERRORS, f32x4.mul(w1, w1), 16);
  let total: f64 = 0, weighted: f64 = 0;
  for (let k: usize = 0; k < 8; k++) {
    const weight = <f64>load<f32>(ERRORS + (k << 2));
    total = total + weight;
    weighted = weighted + weight * load<f64>(PREDICTED + (k << 3));
  }
  return weighted / total;
}

/** The least error of the least-squares predictors at three neighbours, in the values' unit. */
export function localError(): f64 {
  let errors = f32x4.splat(0);
  if (west >= 0) errors = f32x4.add(errors, v128.load(noteOf(west)));
  if (above >= 0) errors = f32x4.add(errors, v128.load(noteOf(above)));
  if (before >= 0) errors = f32x4.add(errors, v128.load(noteOf(before)));
  const least = min<f32>(
    min<f32>(f32x4.extract_lane(errors, 0), f32x4.extract_lane(errors, 1)),
    min<f32>(f32x4.extract_lane(errors, 2), f32x4.extract_lane(errors, 3)),
  );
  return <f64>least / scale;
}

/** Notes what every predictor missed, and takes the value into the block's sums; `value` is relative to the reference. */
// @ts-ignore: decorator
@inline
export function learn(value: f64, phase: i32, note: usize): void {
  for (let k: usize = 0; k < 8; k++) {
    const missed = <f32>(Math.abs(load<f64>(PREDICTED + (k << 3)) - value) * scale);
    store<f32>(note + (k << 2), min<f32>(missed, LARGEST_ERROR));
  }
  store<f64>(X + (<usize>regressors << 3), value);
  store<f64>(X + (<usize>(regressors + 1) << 3), 0);
  accumulate(sumsOf(block, phase), X, regressors);
}
