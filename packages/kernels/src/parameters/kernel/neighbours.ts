/**
 * Prediction of a grid's symbols from the same feature's symbols at nodes before: the usual neighbours of the mixed model
 * (`spec/stream.md`, mode 4), weighed by least squares of every feature, in which all features have a small say.
 */
import { neighbours } from "../../mixing/kernel/parameters";
import { accumulate, addWeighted, decay, product, solve, triangleLength } from "../../mixing/kernel/regression";
import { sideOf } from "./array";
import { extentAt, featuresOf, rankOf } from "./entry";

const KEEP: f64 = 0.98;
const POOLED: f64 = 0.1;
const RIDGE: f64 = 1.0 / 256.0;
/** What a feature's mean error counts among those near by. */
const MEAN: f64 = 3;

const NONE: i32 = 1;
/** Of every neighbour: distance in symbols, at a row NONE where it lies outside; dx; weight of its error. */
const ROW: usize = memory.data(28 * 4, 16);
const COLUMNS: usize = memory.data(28 * 4, 16);
const WEIGHTS: usize = memory.data(28 * 8, 16);
/** Their places at a node, in symbols of its first feature; -1 outside. */
const PLACES: usize = memory.data(28 * 4, 16);
/** The symbols there, then the symbol itself and a 0. */
const X: usize = memory.data(30 * 8, 16);

let symbols: usize = 0, errors: usize = 0;
let features: usize = 0;
let depth: i32 = 1, height: i32 = 1, width: i32 = 1;
/** Neighbours that predict, and the first of them, whose errors count. */
let count: i32 = 0, close: i32 = 0;
let table: usize = 0;
/** Sum of the errors' weights at a node. */
let weight: f64 = 0;
/** Triangles of sums: of all features, a mixture, of every feature; then the features' weights. */
let sums: usize = 0, coefficients: usize = 0;
let doubles: i32 = 0;

// @ts-ignore: decorator
@inline
function countFor(axes: i32): i32 {
  return 8 * axes - 4;
}

export function neighboursScratch(axes: i32, features: usize): usize {
  const regressors = countFor(axes);
  return (<usize>triangleLength(regressors) * (features + 2) + <usize>regressors * features) << 3;
}

export function openNeighbours(entry: usize, symbolsAt: usize, errorsAt: usize, room: usize): void {
  symbols = symbolsAt;
  errors = errorsAt;
  features = featuresOf(entry);
  const axes = rankOf(entry) - 1;
  width = <i32>extentAt(entry, axes - 1);
  height = axes > 1 ? <i32>extentAt(entry, axes - 2) : 1;
  depth = axes > 2 ? <i32>extentAt(entry, axes - 3) : 1;
  count = countFor(axes);
  close = 4 * axes;
  table = neighbours(axes);
  doubles = triangleLength(count);
  sums = room;
  coefficients = sums + ((<usize>doubles * (features + 2)) << 3);
  memory.fill(sums, 0, neighboursScratch(axes, features));
  memory.fill(X, 0, 30 * 8);
  for (let k = 0; k < count; k++) {
    const from = table + (<usize>k << 2);
    const steps = abs<i32>(load<i8>(from)) + abs<i32>(load<i8>(from, 1)) + abs<i32>(load<i8>(from, 2)) + abs<i32>(load<i8>(from, 3));
    store<f64>(WEIGHTS + (<usize>k << 3), steps == 1 ? 2 : 1);
    store<i32>(COLUMNS + (<usize>k << 2), load<i8>(from, 3));
  }
}

// @ts-ignore: decorator
@inline
function sumsOf(f: usize): usize {
  return sums + ((<usize>doubles * (f + 2)) << 3);
}

// @ts-ignore: decorator
@inline
function coefficientsOf(f: usize): usize {
  return coefficients + ((<usize>count * f) << 3);
}

/** Weighs the neighbours anew, and lets what was learned fade. */
export function learn(): void {
  const bytes = <usize>doubles << 3;
  const all = sums, mixture = sums + bytes;
  memory.fill(all, 0, bytes);
  for (let f: usize = 0; f < features; f++) addWeighted(all, sumsOf(f), 1, doubles);
  for (let f: usize = 0; f < features; f++) {
    memory.copy(mixture, sumsOf(f), bytes);
    addWeighted(mixture, all, POOLED, doubles);
    solve(mixture, count, count, RIDGE, coefficientsOf(f));
    decay(sumsOf(f), KEEP, doubles);
  }
}

/** Finds the neighbours that a row of nodes has. */
export function gatherRow(row: i32): void {
  const y = row % height, slice = row / height, z = slice % depth, t = slice / depth;
  for (let k: usize = 0; k < <usize>count; k++) {
    const from = table + (k << 2);
    const dt = <i32>load<i8>(from), dz = <i32>load<i8>(from, 1), dy = <i32>load<i8>(from, 2), dx = <i32>load<i8>(from, 3);
    const inside = t + dt >= 0 && z + dz >= 0 && z + dz < depth && y + dy >= 0 && y + dy < height;
    store<i32>(ROW + (k << 2), inside ? (((dt * depth + dz) * height + dy) * width + dx) * <i32>features : NONE);
  }
}

/** Finds those that a node of the row has. */
export function gatherNode(node: i32, x: i32): void {
  const first = node * <i32>features;
  weight = MEAN;
  for (let k: usize = 0; k < <usize>count; k++) {
    const distance = load<i32>(ROW + (k << 2)), column = x + load<i32>(COLUMNS + (k << 2));
    const inside = distance != NONE && column >= 0 && column < width;
    store<i32>(PLACES + (k << 2), inside ? first + distance : -1);
    if (inside && k < <usize>close) weight += load<f64>(WEIGHTS + (k << 3));
  }
}

/** Of a feature's symbol; 0 where it would be beyond any symbol, or is no number. */
// @ts-ignore: decorator
@inline
export function predict(f: usize): f64 {
  const from = symbols + (f << 1);
  for (let k: usize = 0; k < <usize>count; k++) {
    const place = load<i32>(PLACES + (k << 2));
    store<f64>(X + (k << 3), place < 0 ? 0 : <f64>load<i16>(from + (<usize>place << 1)));
  }
  const predicted = product(coefficientsOf(f), X, count);
  return abs<f64>(predicted) <= 32767 ? predicted : 0;
}

/** Mean of what was off near by, and of the feature's mean. */
// @ts-ignore: decorator
@inline
export function errorNear(f: usize, mean: f64): f64 {
  const from = errors + (f << 2);
  let sum = MEAN * mean;
  for (let k: usize = 0; k < <usize>close; k++) {
    const place = load<i32>(PLACES + (k << 2));
    if (place >= 0) sum += load<f64>(WEIGHTS + (k << 3)) * <f64>abs<f32>(load<f32>(from + (<usize>place << 2)));
  }
  return sum / weight;
}

/** On which sides of what was predicted the three nearest lie. */
// @ts-ignore: decorator
@inline
export function sidesOf(f: usize): u32 {
  const from = errors + (f << 2);
  let sides: u32 = 0;
  for (let k: usize = 0; k < 3; k++) {
    const place = load<i32>(PLACES + (k << 2));
    sides = 3 * sides + (place < 0 ? 1 : sideOf(load<f32>(from + (<usize>place << 2))));
  }
  return sides;
}

/** Takes the symbol that was predicted last into the feature's sums. */
// @ts-ignore: decorator
@inline
export function learnNode(f: usize, value: f64): void {
  store<f64>(X + (<usize>count << 3), value);
  accumulate(sumsOf(f), X, count);
}
