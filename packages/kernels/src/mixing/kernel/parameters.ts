/**
 * What a chunk under the mixed model says about itself (`spec/stream.md`, mode 4), read and checked in one
 * place for encoder and decoder.
 */
import { LATTICE_STRIDE } from "../../lattice/kernel";

export const MAX_REGRESSORS: i32 = 32;
const MAX_STEP: i32 = 64;
/** Number of the field of variable 0. */
const FIRST_VARIABLE: usize = 2;

export let outer: i32 = 0, depth: i32 = 0, height: i32 = 0, width: i32 = 0;
export let masked: bool = false, repeats: bool = false;
/** Address of the slices' lattices in the caller's room, 0 where there are none. */
export let lattices: usize = 0;
/** Bits of what masked values are. */
export let fill: u64 = 0;
/** Distance along the row to the neighbour at the left; kinds of places in turn along the row. */
export let stride: i32 = 1, phases: i32 = 1;
/** Columns of a block, in turns of the phases; rows of a tile, 0 where there are no tiles. */
export let blockTurns: i32 = 8, tileRows: i32 = 8;
/** Low bits that all values lack. */
export let shift: u32 = 0;
/** Distances that stand for the row above and the slice before in a chunk of one row; 0 for none. */
export let north: i32 = 0, previous: i32 = 0;
/** Power of two that brings errors near 1. */
export let scale: f64 = 1;
export let regressors: i32 = 0, few: i32 = 0;

/** Regressors, 32 bytes each: i32 dt, dz, dy, dx, and the place of its field's address (0 for the field at hand). */
export const REGRESSORS: usize = memory.data(MAX_REGRESSORS * 32, 16);
/** What of sums is kept: in a row, of late, for long, of the row above, of the slice before; weights of tile and sides. */
export const KEEP: usize = memory.data(7 * 8, 16);
export const RIDGES: usize = memory.data(4 * 8, 16);

/** dz, dy, dx of the usual neighbours: by number of axes, the most telling first. */
const NEIGHBOURS_1 = memory.data<i8>([
  0, 0, 0, -1, 0, 0, 0, -2, 0, 0, 0, -3, 0, 0, 0, -4, 0, 0, 0, -5, 0, 0, 0, -6, 0, 0, 0, -7, 0, 0, 0, -8,
  0, 0, 0, -9, 0, 0, 0, -10, 0, 0, 0, -11, 0, 0, 0, -12, 0, 0, 0, -13, 0, 0, 0, -14, 0, 0, 0, -15, 0, 0, 0, -16,
]);
const NEIGHBOURS_2 = memory.data<i8>([
  0, 0, 0, -1, 0, 0, -1, 0, 0, 0, -1, -1, 0, 0, -1, 1, 0, 0, 0, -2, 0, 0, -2, 0, 0, 0, -2, 1, 0, 0, -2, -1,
  0, 0, -1, -2, 0, 0, -1, 2, 0, 0, 0, -3, 0, 0, -1, 3, 0, 0, -1, -3, 0, 0, -3, 0, 0, 0, -2, 2, 0, 0, -2, -2,
  0, 0, -3, 1, 0, 0, -3, -1,
]);
const NEIGHBOURS_3 = memory.data<i8>([
  0, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, 0, 0, -1, -1, 0, -1, 0, -1, 0, -1, -1, 0, 0, -1, -1, -1, 0, 0, -1, 1,
  0, 0, 0, -2, 0, -1, 0, 1, 0, -1, 1, 0, 0, -2, 0, 0, 0, 0, -2, 0, 0, -1, -1, 1, 0, -1, 1, -1, 0, -1, 1, 1,
  0, 0, -2, 1, 0, 0, -2, -1, 0, 0, -1, -2, 0, 0, -1, 2, 0, -2, -1, 0, 0, -2, 1, 0, 0, -2, 0, -1, 0, -2, 0, 1,
  0, -1, 0, 2, 0, -1, 0, -2, 0, -1, 2, 0, 0, -1, -2, 0,
]);
const NEIGHBOURS_4 = memory.data<i8>([
  0, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, 0, 0, -1, -1, 0, -1, 0, -1, 0, -1, -1, 0, 0, -1, -1, -1, 0, 0, -1, 1,
  0, 0, 0, -2, 0, -1, 0, 1, 0, -1, 1, 0, 0, -2, 0, 0, -1, 0, 0, 0, -1, 0, 0, -1, -1, 0, -1, 0, -1, -1, 0, 0,
  -1, 0, 0, 1, -1, 0, 1, 0, 0, 0, -2, 0, 0, -1, -1, 1, 0, -1, 1, -1, 0, -1, 1, 1, 0, 0, -2, 1, 0, 0, -2, -1,
  0, 0, -1, -2, 0, 0, -1, 2, 0, -2, -1, 0, 0, -2, 1, 0, 0, -2, 0, -1, 0, -2, 0, 1, 0, -1, 0, 2, 0, -1, 0, -2,
]);

// @ts-ignore: decorator
@inline
export function neighbours(axes: i32): usize {
  if (axes == 1) return NEIGHBOURS_1;
  if (axes == 2) return NEIGHBOURS_2;
  return axes == 3 ? NEIGHBOURS_3 : NEIGHBOURS_4;
}

// @ts-ignore: decorator
@inline
function mostNeighbours(axes: i32): i32 {
  if (axes == 1) return 16;
  if (axes == 2) return 18;
  return axes == 3 ? 28 : 32;
}

/** Bytes of the fixed part, from the mode on. */
const FIXED: u32 = 56;

/**
 * Reads side information of mode 4 for `count` values of `size` bytes; the lattices go to `room` (as much as
 * `latticeRoom` says). `fields` is 0, or addresses of a joint chunk's fields by number. False where anything is not as it must be.
 */
export function readParameters(side: usize, length: u32, count: u32, size: u32, room: usize, fields: usize): bool {
  if (length < FIXED) return false;
  const flags = <u32>load<u8>(side, 1);
  if (flags > 7) return false;
  masked = (flags & 1) != 0;
  repeats = (flags & 4) != 0;
  stride = load<u8>(side, 2);
  phases = load<u8>(side, 3);
  if (!readExtents(side + 4, count)) return false;
  const axes = <i32>load<u8>(side, 20), usual = <i32>load<u8>(side, 21), extra = <i32>load<u8>(side, 22);
  few = load<u8>(side, 23);
  blockTurns = load<u8>(side, 24);
  tileRows = load<u8>(side, 25);
  shift = load<u8>(side, 26);
  const exponent = <i32>load<i16>(side, 28);
  north = load<i32>(side, 30);
  previous = load<i32>(side, 34);
  if (stride < 1 || stride > MAX_STEP || phases < 1 || phases > MAX_STEP) return false;
  if (blockTurns < 1 || blockTurns > MAX_STEP || tileRows > MAX_STEP) return false;
  if (axes < 1 || axes > 4 || usual > mostNeighbours(axes)) return false;
  regressors = usual + extra;
  if (regressors > MAX_REGRESSORS || few < 1 || few > regressors) return false;
  if (shift >= size * 8 - 1 || load<u8>(side, 27) != 0 || exponent < -1000 || exponent > 1000) return false;
  scale = reinterpret<f64>(<u64>(1023 + exponent) << 52);
  const oneRow = outer == 1 && depth == 1 && height == 1;
  if ((north || previous) && !oneRow) return false;
  if (!distanceIsRight(north, count) || !distanceIsRight(previous, count)) return false;
  for (let k: usize = 0; k < 7; k++) store<f64>(KEEP + (k << 3), <f64>load<u16>(side + 38 + (k << 1)) / 65536);
  for (let k: usize = 0; k < 4; k++) {
    const halvings = <u64>load<u8>(side + 52 + k);
    store<f64>(RIDGES + (k << 3), reinterpret<f64>((1023 - halvings) << 52));
  }

  let at = side + FIXED;
  const end = side + length;
  for (let k: usize = 0; k < <usize>extra; k++, at += 8) {
    if (end - at < 8) return false;
    const number = <usize>load<u8>(at);
    // Other fields: variables of a joint chunk that are known already.
    if (number > 0 && (fields == 0 || number < FIRST_VARIABLE || load<usize>(fields + (number << 2)) == 0)) return false;
    const field = number > 0 ? fields + (number << 2) : 0;
    setRegressor(k, <i32>load<i8>(at, 1), <i32>load<i8>(at, 2), <i32>load<i8>(at, 3), load<i32>(at, 4), field);
  }
  for (let k: usize = 0; k < <usize>usual; k++) {
    const from = neighbours(axes) + (k << 2);
    setRegressor(<usize>extra + k, <i32>load<i8>(from), <i32>load<i8>(from, 1), <i32>load<i8>(from, 2), <i32>load<i8>(from, 3) * stride, 0);
  }
  if (!regressorsAreCausal()) return false;
  if (masked) {
    if (end - at < size) return false;
    fill = size == 4 ? <u64>load<u32>(at) : load<u64>(at);
    at += size;
  }
  lattices = 0;
  if (flags & 2) {
    lattices = room;
    at = readLattices(at, end, room, outer * depth);
  }
  return at == end;
}

function readExtents(at: usize, count: u32): bool {
  let product: u64 = 1;
  for (let axis: usize = 0; axis < 4; axis++) {
    const extent = load<u32>(at + (axis << 2));
    if (extent < 1 || extent > 0x7fffffff) return false;
    product = min<u64>(product * <u64>extent, <u64>1 << 31);
  }
  if (product != <u64>count) return false;
  outer = load<i32>(at);
  depth = load<i32>(at, 4);
  height = load<i32>(at, 8);
  width = load<i32>(at, 12);
  return true;
}

/** None, or farther than the neighbours at its sides. */
// @ts-ignore: decorator
@inline
function distanceIsRight(distance: i32, count: u32): bool {
  return distance == 0 || (distance > 2 * stride && <u32>distance < count);
}

function setRegressor(k: usize, dt: i32, dz: i32, dy: i32, dx: i32, field: usize): void {
  const to = REGRESSORS + (k << 5);
  store<usize>(to, field, 16);
  store<i32>(to, dt);
  store<i32>(to, dz, 4);
  store<i32>(to, dy, 8);
  store<i32>(to, dx, 12);
}

/** Every regressor of the field at hand lies before the value in C order. */
function regressorsAreCausal(): bool {
  for (let k: usize = 0; k < <usize>regressors; k++) {
    const from = REGRESSORS + (k << 5);
    const dt = load<i32>(from), dz = load<i32>(from, 4), dy = load<i32>(from, 8), dx = load<i32>(from, 12);
    if (dx <= -(1 << 28) || dx >= 1 << 28) return false;
    if (load<usize>(from, 16)) continue;
    if (dt > 0) return false;
    if (dt == 0 && (dz > 0 || (dz == 0 && (dy > 0 || (dy == 0 && dx >= 0))))) return false;
  }
  return true;
}

/** Past the lattices; 0 where they are bad. */
function readLattices(from: usize, end: usize, room: usize, slices: i32): usize {
  let at = from;
  for (let s: usize = 0; s < <usize>slices; s++) {
    if (end - at < 1) return 0;
    const form = <u32>load<u8>(at++);
    const lattice = room + s * LATTICE_STRIDE;
    store<u32>(lattice, form);
    if (form == 0) continue;
    const bytes: usize = form == 1 ? 16 : 8;
    if (form > 2 || end - at < bytes) return 0;
    const step = load<f64>(at + bytes - 8);
    store<f64>(lattice, form == 1 ? load<f64>(at) : 0, 8);
    store<f64>(lattice, step, 16);
    store<f64>(lattice, form == 1 ? 1 / step : step, 24);
    at += bytes;
  }
  return at;
}
