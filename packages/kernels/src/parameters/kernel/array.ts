/**
 * An array of symbols, [..nodes, features]. Those of grids are predicted from nodes before; of others, 0 is predicted.
 * How far off that is likely to be is known from how far off it was: at the feature's nodes near by, at all of its nodes
 * before, and at this node for the features before.
 */
import { decoderIsWhole } from "../../binary/kernel";
import { isEncoding } from "../../mixing/kernel/coder";
import { PARAMETERS_AT, PARAMETERS_ROLE, ROLE_GRID } from "../offsets";
import { countOf, extentAt, featuresOf, rankOf } from "./entry";
import { errorNear, gatherNode, gatherRow, learn, learnNode, openNeighbours, neighboursScratch, predict, sidesOf } from "./neighbours";
import { codeSymbol } from "./symbol";

/** Nodes at least between solutions of the least squares. */
const TURN: i32 = 16;
const SLOWEST: f64 = 1.0 / 64.0;

// @ts-ignore: decorator
@inline
function isGrid(entry: usize): bool {
  return load<u32>(entry, PARAMETERS_ROLE) == ROLE_GRID;
}

// @ts-ignore: decorator
@inline
function rounded(bytes: usize): usize {
  return (bytes + 15) & ~15;
}

/** Bytes: what every symbol was off by (f32), its mean for every feature (f64), what neighbours need. */
export function symbolsScratch(entry: usize): usize {
  const features = featuresOf(entry);
  const own = rounded(countOf(entry) << 2) + rounded(features << 3);
  return isGrid(entry) ? own + neighboursScratch(rankOf(entry) - 1, features) : own;
}

/** 0, 1, 2: below, as, above what was predicted. */
// @ts-ignore: decorator
@inline
export function sideOf(error: f32): u32 {
  return error < 0 ? 0 : error > 0 ? 2 : 1;
}

/** False where the code has ended before. */
export function codeSymbols(entry: usize, room: usize): bool {
  const symbols = <usize>load<u32>(entry, PARAMETERS_AT), grid = isGrid(entry);
  const features = featuresOf(entry), count = countOf(entry);
  const errors = room, means = errors + rounded(count << 2);
  for (let f: usize = 0; f < features; f++) store<f64>(means + (f << 3), 1);
  const axes = rankOf(entry) - 1;
  let width: i32 = <i32>(count / features);
  if (grid) {
    width = <i32>extentAt(entry, axes - 1);
    openNeighbours(entry, symbols, errors, means + rounded(features << 3));
  }
  const rows = <i32>(count / (<usize>width * features));
  let node: i32 = 0, turn = 0;
  for (let row = 0; row < rows; row++) {
    if (grid) {
      if (turn >= TURN) {
        learn();
        turn = 0;
      }
      turn += width;
      gatherRow(row);
    }
    for (let x = 0; x < width; x++, node++) {
      // A damaged code need not be decoded to its bitter end.
      if (!isEncoding() && !decoderIsWhole()) return false;
      if (grid) gatherNode(node, x);
      codeNode(grid, symbols, errors, means, node, features);
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function codeNode(grid: bool, symbols: usize, errors: usize, means: usize, node: i32, features: usize): void {
  const rate = max<f64>(SLOWEST, 1 / (<f64>node + 3));
  const first = <usize>node * features;
  let met: f64 = 0, expected: f64 = 0;
  for (let f: usize = 0; f < features; f++) {
    const i = first + f, at = symbols + (i << 1), error = errors + (i << 2);
    const mean = load<f64>(means + (f << 3));
    let predicted: f64 = 0, near = mean, sides: u32;
    if (grid) {
      predicted = predict(f);
      near = errorNear(f, mean);
      sides = sidesOf(f);
    } else {
      sides = 3 * (f > 0 ? sideOf(load<f32>(error - 4)) : 1) + (node > 0 ? sideOf(load<f32>(error - (features << 2))) : 1);
    }
    const ratio = (met + 0.5) / (expected + 0.5);
    const likely = near * (grid ? Math.sqrt(ratio) : ratio);
    const group: u32 = grid ? 0 : 1;
    const symbol = codeSymbol(group, isEncoding() ? <i32>load<i16>(at) : 0, predicted, near, likely, min<u32>(<u32>f, 63), sides);
    store<i16>(at, <i16>symbol);
    const value = <f64>load<i16>(at);
    const off = <f32>(value - predicted);
    store<f32>(error, off);
    const size = abs<f64>(<f64>off);
    store<f64>(means + (f << 3), mean + (size - mean) * rate);
    met += size;
    expected += near;
    if (grid) learnNode(f, value);
  }
}
