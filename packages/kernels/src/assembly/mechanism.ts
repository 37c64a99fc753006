/** Decoding of the `mechanism` predictor: side information, residual classes, residual bits -> values. */
import { decodeCopies } from "../copies/kernel";
import { fillMasked as spreadMasked } from "../fill/kernel";
import { LATTICE_STRIDE } from "../lattice/kernel";
import {
  JOINT_PLAN_STRIDE, JOINT_PLAN_WEIGHTS, jointStencilRow, lawField, MAX_FACTORS, MAX_JOINT_SOURCES, MAX_TERMS, TERM_STRIDE,
} from "../joint/kernel";
import { decodeMask } from "../mask/kernel";
import {
  bandHeight, kindOf, LANE_STRIDE, MAX_SOURCES, PLAN_STRIDE, PLAN_WEIGHTS, restoreRow, restoreRowMapped, restoreRows4,
  restoreRows4Mapped, rowStart, stencilRow,
} from "../stencil/kernel";
import { closeValues, decodeSlice, openValues, readClassModel } from "./class-model";
import { patch } from "./exceptions";
import { align, reach } from "./memory";
import { decodePacked } from "./packed";
import { decodeMixed } from "./mixed";
import {
  addressOf, lengthOf, SECTION_BITS, SECTION_BLOCKS, SECTION_CLASSES, SECTION_COPIES, SECTION_EXCEPTIONS, SECTION_MASK, SECTION_MIXED, SECTION_SIDE,
} from "./sections";
import { BAD_SIDE_INFORMATION, DAMAGED_BITS, DAMAGED_CLASSES, OK, OUT_OF_MEMORY, UNKNOWN_MODE } from "./status";

/** The stencils of the kinds that occur. */
export const PLAN: usize = memory.data(8 * 1048, 16);
const LANES: usize = memory.data(4 * 48, 16);
const JOINT_PLAN: usize = memory.data(8 * 2584, 16);
const TERMS: usize = memory.data(16 * 32, 16);

export let outer: i32 = 0, depth: i32 = 0, height: i32 = 0, width: i32 = 0, bandRows: i32 = 0, bands: i32 = 0;
/** Rows by which a slice lags behind the one before it while four are restored at once. */
export let lag: i32 = 1;
/** The chunk's mask (a byte a value), the lattices of its slices, the distances of its copies; 0 where it has none. */
let mask: usize = 0, lattices: usize = 0, distances: usize = 0;
/** What masked values are, as bits. */
let fill: u64 = 0;
/** Fields by number (`joint/kernel.ts`) while a variable of a joint chunk is decoded, else 0; whether its stencils use them. */
let fields: usize = 0;
let joint: bool = false;

/** Where the next byte of the side information is, and where it ends. */
let at: usize = 0, end: usize = 0;

// @ts-ignore: decorator
@inline
function left(bytes: usize): bool {
  return end - at >= bytes;
}

/** Starts reading the side information, for what is in files of its own. */
export function openSide(): void {
  at = addressOf(SECTION_SIDE);
  end = at + lengthOf(SECTION_SIDE);
}

/** Address of the next bytes of the side information, which are then read; 0 where there are fewer. */
export function take(bytes: usize): usize {
  if (!left(bytes)) return 0;
  at += bytes;
  return at - bytes;
}

/** Whether all of the side information is read. */
export function sideIsDone(): bool {
  return at == end;
}

/** What masked values are in the field decoded last, and their mask; 0 where it has none. */
export function maskedFill(): u64 {
  return fill;
}

export function maskDecoded(): usize {
  return mask;
}

/**
 * Decodes the sections at hand to `count` values. `known` is 0, or for a variable of a joint chunk the
 * fields by number: 0 this one, 1 room for what a law says, 2 + v variable v where it is known already, else 0.
 * The mask, where there is one, lies at the start of scratch and ends `count` bytes and 64 further on.
 */
export function decodeMechanism<F, I>(values: usize, count: u32, scratch: usize, known: usize): i32 {
  mask = 0;
  lattices = 0;
  at = addressOf(SECTION_SIDE);
  end = at + lengthOf(SECTION_SIDE);
  if (!left(1)) return BAD_SIDE_INFORMATION;
  const mode = load<u8>(at++);
  const classes = addressOf(SECTION_CLASSES), classesLength = lengthOf(SECTION_CLASSES);
  const bits = addressOf(SECTION_BITS), bitsLength = lengthOf(SECTION_BITS);
  const exceptions = addressOf(SECTION_EXCEPTIONS), exceptionsLength = lengthOf(SECTION_EXCEPTIONS);
  const maskCode = addressOf(SECTION_MASK), maskLength = lengthOf(SECTION_MASK);
  const copiesCode = addressOf(SECTION_COPIES), copiesLength = lengthOf(SECTION_COPIES);
  if (mode == 0) {
    if (addressOf(SECTION_BLOCKS) || classesLength || bitsLength || exceptionsLength || maskLength || copiesLength || lengthOf(SECTION_MIXED)) return BAD_SIDE_INFORMATION;
    return decodeConstant<F>(values, count);
  }
  // Of a variable in a joint chunk: whole streams of that mode are told apart before.
  if (mode == 3 && known != 0) return lengthOf(SECTION_MIXED) ? BAD_SIDE_INFORMATION : decodePacked<F, I>(values, count, scratch);
  if (addressOf(SECTION_BLOCKS)) return BAD_SIDE_INFORMATION;
  if (mode == 4) return decodeMixed<F, I>(values, count, scratch, known);
  joint = mode == 6 && known != 0;
  fields = known;
  if (mode > 2 && !joint) return UNKNOWN_MODE;
  if (lengthOf(SECTION_MIXED)) return BAD_SIDE_INFORMATION;
  if (!readGeometry(count)) return BAD_SIDE_INFORMATION;

  // Scratch: a mask, a class for every value, the contexts of a row, the sums of four rows, a lattice for
  // every slice.
  const mapped = mode == 2 || joint;
  const maskRows = align(scratch) + 64;
  const classRows = align(maskRows + (maskLength || copiesLength ? <usize>count : 0)) + 64;
  const contexts = align(classRows + <usize>count + 64);
  const sumsStride = align(<usize>width * sizeof<F>() + 32);
  const sums = align(contexts + <usize>width + 64);
  const slices = outer * depth;
  const latticeRows = align(sums + 4 * sumsStride);
  const distanceRows = align(latticeRows + (mapped ? <usize>slices * LATTICE_STRIDE : 0)) + 64;
  if (!reach(distanceRows + (copiesLength ? <usize>count << 2 : 0) + 64)) return OUT_OF_MEMORY;

  let flags: u32 = 0;
  if (mapped) {
    flags = readMapping<F>(latticeRows, slices);
    if (flags > 7 || (flags == 0 && !joint)) return BAD_SIDE_INFORMATION;
  }
  // A flag without its section, or a section without its flag.
  if ((flags & 1) != u32(maskLength != 0) || (flags >> 2) != u32(copiesLength != 0)) return BAD_SIDE_INFORMATION;
  if (exceptionsLength && !lattices) return BAD_SIDE_INFORMATION;
  mask = maskLength || copiesLength ? maskRows : 0;
  distances = copiesLength ? distanceRows : 0;
  if (!(joint ? readLaw() && readJointPlan<F>() : readPlan<F>()) || readClassModel(at, end, 8 * sizeof<F>() + 1) != end) return BAD_SIDE_INFORMATION;
  if (maskLength) {
    if (!decodeMask(mask, slices, depth, height, width, maskCode, maskLength)) return DAMAGED_BITS;
  } else if (mask) {
    memory.fill(mask, 0, count);
  }
  if (distances && !decodeCopies(mask, distances, count, height, width, copiesCode, copiesLength)) return DAMAGED_BITS;

  if (joint && terms > 0) lawField<F>(fields, TERMS, terms, count, load<usize>(fields, 4));
  if (!openValues(classes, classesLength, bits, bitsLength)) return DAMAGED_CLASSES;
  const slice = <usize>height * <usize>width * sizeof<F>();
  for (let first = 0; first < slices; first += 4) {
    const group = min(4, slices - first);
    for (let s = first; s < first + group; s++) {
      const to = values + <usize>s * slice;
      if (!decodeSlice<I>(s, depth, height, width, bandRows, mask, classRows, contexts, to)) return DAMAGED_CLASSES;
    }
    if (bands == 4) restoreBands<F, I>(values, sums, sumsStride);
    else if (distances) {
      // A copy may come from any row before: one row after the other.
      for (let s = first; s < first + group; s++) restoreSlices<F, I>(values, s, 1, sums, sumsStride);
    } else restoreSlices<F, I>(values, first, group, sums, sumsStride);
  }
  if (!closeValues()) return DAMAGED_BITS;
  if (exceptionsLength && !patch<F>(values, count, exceptions, exceptions + exceptionsLength)) return DAMAGED_BITS;
  if (maskLength && fields == 0) fillMasked<F>(values, count, mask, fill);
  else if (maskLength && exceptionsLength) spreadMasked<I>(values, mask, slices, depth, height, width, bandRows);
  return OK;
}

/** Puts the bits of `pattern` in the places of masked values. */
export function fillMasked<F>(values: usize, count: u32, masked: usize, pattern: u64): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (load<u8>(masked + i) != 1) continue;
    if (sizeof<F>() == 4) store<u32>(values + (i << 2), <u32>pattern);
    else store<u64>(values + (i << 3), pattern);
  }
}

/** Mode 2: what masked values are, and the lattices of the slices. Returns the flags, BAD_FLAGS where they are bad. */
const BAD_FLAGS: u32 = 8;

function readMapping<F>(latticeRows: usize, slices: i32): u32 {
  if (!left(1)) return BAD_FLAGS;
  const flags = <u32>load<u8>(at++);
  if (flags > 7) return BAD_FLAGS;
  // Copies may come from rows that bands restore later.
  if (flags & 4 && bands != 1) return BAD_FLAGS;
  if (flags & 1) {
    if (!left(sizeof<F>())) return BAD_FLAGS;
    fill = sizeof<F>() == 4 ? <u64>load<u32>(at) : load<u64>(at);
    at += sizeof<F>();
  }
  if (flags & 2) {
    lattices = latticeRows;
    for (let s = 0; s < slices; s++) {
      if (!left(1)) return BAD_FLAGS;
      const form = <u32>load<u8>(at++);
      const lattice = latticeRows + <usize>s * LATTICE_STRIDE;
      store<u32>(lattice, form);
      if (form == 0) continue;
      if (form > 2 || !left(form == 1 ? 16 : 8)) return BAD_FLAGS;
      let offset: f64 = 0;
      if (form == 1) {
        offset = load<f64>(at);
        at += 8;
      }
      const step = load<f64>(at);
      at += 8;
      store<f64>(lattice, offset, 8);
      store<f64>(lattice, step, 16);
      store<f64>(lattice, form == 1 ? 1 / step : step, 24);
    }
  }
  return flags;
}

function decodeConstant<F>(values: usize, count: u32): i32 {
  if (end - at != sizeof<F>()) return BAD_SIDE_INFORMATION;
  // Moved as integers: a signalling NaN stays one.
  if (sizeof<F>() == 4) {
    const value = load<u32>(at);
    for (let i: usize = 0; i < <usize>count; i++) store<u32>(values + (i << 2), value);
  } else {
    const value = load<u64>(at);
    for (let i: usize = 0; i < <usize>count; i++) store<u64>(values + (i << 3), value);
  }
  return OK;
}

export function readGeometry(count: u32): bool {
  if (!left(17)) return false;
  bands = load<u8>(at);
  const a = load<u32>(at, 1), b = load<u32>(at, 5), c = load<u32>(at, 9), d = load<u32>(at, 13);
  if (a == 0 || b == 0 || c == 0 || d == 0) return false;
  if (<u64>a * <u64>b > <u64>count || <u64>c * <u64>d > <u64>count) return false;
  if (<u64>a * <u64>b * (<u64>c * <u64>d) != <u64>count) return false;
  outer = a;
  depth = b;
  height = c;
  width = d;
  if (bands != 1 && !(bands == 4 && a * b == 1)) return false;
  bandRows = bandHeight(height, bands);
  at += 17;
  return true;
}

/** The stencils of the kinds that occur, in ascending order of kind. */
export function readPlan<F>(): bool {
  lag = 1;
  for (let kind = 0; kind < 8; kind++) {
    if (((kind & 1) && bandRows == 1) || ((kind & 2) && depth == 1) || ((kind & 4) && outer == 1)) continue;
    if (!left(1)) return false;
    const plan = PLAN + <usize>kind * PLAN_STRIDE;
    const count = <i32>load<u8>(at++);
    if (count > MAX_SOURCES || !left(<usize>count * 3 + (2 + 3 * <usize>count) * sizeof<F>())) return false;
    store<i32>(plan, count);
    for (let k = 0; k < count; k++) {
      const dt = <i32>load<i8>(at), dz = <i32>load<i8>(at, 1), dy = <i32>load<i8>(at, 2);
      at += 3;
      // Only rows that are decoded before: earlier in C order, and not more than 8 rows further down.
      const causal = dt < 0 ? (kind & 4) != 0 : dt == 0 && (dz < 0 ? (kind & 2) != 0 : dz == 0 && dy < 0 && (kind & 1) != 0);
      if (!causal || dy > 8) return false;
      lag = max(lag, dy + 1);
      const source = plan + 24 + 16 * <usize>k;
      store<i32>(source, dt);
      store<i32>(source, dz, 4);
      store<i32>(source, dy, 8);
    }
    store<F>(plan, load<F>(at), 8);
    store<F>(plan, load<F>(at, sizeof<F>()), 16);
    at += 2 * sizeof<F>();
    memory.copy(plan + PLAN_WEIGHTS, at, <usize>count * 3 * sizeof<F>());
    at += <usize>count * 3 * sizeof<F>();
  }
  return true;
}

/** Number of the terms of the law at hand. */
let terms: i32 = 0;

/** A law over fields that are known: terms of a coefficient and up to MAX_FACTORS factors. */
function readLaw(): bool {
  if (!left(1)) return false;
  terms = <i32>load<u8>(at++);
  if (terms > MAX_TERMS) return false;
  for (let k = 0; k < terms; k++) {
    const term = TERMS + <usize>k * TERM_STRIDE;
    if (!left(9)) return false;
    const coefficient = load<f64>(at);
    const factors = <i32>load<u8>(at, 8);
    at += 9;
    if (factors > MAX_FACTORS || !left(factors)) return false;
    store<f64>(term, coefficient);
    store<i32>(term, factors, 8);
    for (let n = 0; n < factors; n++) {
      const field = 2 + <i32>load<u8>(at++);
      if (load<usize>(fields + 4 * <usize>field) == 0) return false;
      store<i32>(term + 4 * <usize>n, field, 12);
    }
  }
  return true;
}

/** As `readPlan`, with a field before every source. */
function readJointPlan<F>(): bool {
  lag = 1;
  for (let kind = 0; kind < 8; kind++) {
    if (((kind & 1) && bandRows == 1) || ((kind & 2) && depth == 1) || ((kind & 4) && outer == 1)) continue;
    if (!left(1)) return false;
    const plan = JOINT_PLAN + <usize>kind * JOINT_PLAN_STRIDE;
    const count = <i32>load<u8>(at++);
    if (count > MAX_JOINT_SOURCES || !left(<usize>count * 4 + (2 + 3 * <usize>count) * sizeof<F>())) return false;
    store<i32>(plan, count);
    for (let k = 0; k < count; k++) {
      const field = <i32>load<u8>(at), dt = <i32>load<i8>(at, 1), dz = <i32>load<i8>(at, 2), dy = <i32>load<i8>(at, 3);
      at += 4;
      if (field == 0) {
        const causal = dt < 0 ? (kind & 4) != 0 : dt == 0 && (dz < 0 ? (kind & 2) != 0 : dz == 0 && dy < 0 && (kind & 1) != 0);
        if (!causal || dy > 8) return false;
        lag = max(lag, dy + 1);
      } else if (field == 1 ? terms == 0 : load<usize>(fields + 4 * <usize>field) == 0) return false;
      const source = plan + 24 + 16 * <usize>k;
      store<i32>(source, dt);
      store<i32>(source, dz, 4);
      store<i32>(source, dy, 8);
      store<i32>(source, field, 12);
    }
    store<F>(plan, load<F>(at), 8);
    store<F>(plan, load<F>(at, sizeof<F>()), 16);
    at += 2 * sizeof<F>();
    memory.copy(plan + JOINT_PLAN_WEIGHTS, at, <usize>count * 3 * sizeof<F>());
    at += <usize>count * 3 * sizeof<F>();
  }
  return true;
}

/** Sums of the row's sources, and its lane. */
function prepare<F>(values: usize, t: i32, z: i32, y: i32, sums: usize, lane: usize): void {
  const kind = kindOf(t, z, y, bandRows);
  let plan: usize;
  if (joint) {
    plan = JOINT_PLAN + <usize>kind * JOINT_PLAN_STRIDE;
    jointStencilRow<F>(fields, plan, t, z, y, outer, depth, height, width, bandRows, sums);
  } else {
    plan = PLAN + <usize>kind * PLAN_STRIDE;
    stencilRow<F>(values, plan, t, z, y, depth, height, width, bandRows, sums);
  }
  const row = (<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y;
  store<usize>(lane, values + row * <usize>width * sizeof<F>());
  store<usize>(lane, sums, 4);
  store<F>(lane, load<F>(plan, 8), 8);
  store<F>(lane, load<F>(plan, 16), 16);
  store<F>(lane, rowStart<F>(values, kind, t, z, y, depth, height, width), 24);
  store<usize>(lane, mask ? mask + row * <usize>width : 0, 32);
  store<usize>(lane, lattices ? lattices + <usize>(t * depth + z) * LATTICE_STRIDE : 0, 36);
  store<usize>(lane, distances ? distances + ((row * <usize>width) << 2) : 0, 40);
}

// @ts-ignore: decorator
@inline
function restoreLane<F, I>(lane: usize): void {
  // A lane holds its weights where a plan does: at 8 and 16.
  if (mask || lattices) {
    restoreRowMapped<F, I>(
      load<usize>(lane), load<usize>(lane, 4), lane, load<F>(lane, 24), width, load<usize>(lane, 32), load<usize>(lane, 36),
      load<usize>(lane, 40),
    );
  } else {
    restoreRow<F, I>(load<usize>(lane), load<usize>(lane, 4), lane, load<F>(lane, 24), width);
  }
}

/**
 * Up to four slices at once, each `lag` rows behind the one before it: every source row is whole by
 * the time it is needed, and four rows are independent of each other.
 */
function restoreSlices<F, I>(values: usize, first: i32, group: i32, sums: usize, sumsStride: usize): void {
  const ticks = height + lag * (group - 1);
  for (let tick = 0; tick < ticks; tick++) {
    let active = 0;
    for (let k = 0; k < group; k++) {
      const y = tick - lag * k;
      if (y < 0 || y >= height) continue;
      const s = first + k;
      const lane = LANES + <usize>active * LANE_STRIDE;
      prepare<F>(values, s / depth, s % depth, y, sums + <usize>active * sumsStride, lane);
      active++;
    }
    finish<F, I>(active);
  }
}

/** The four bands of a single slice at once. */
function restoreBands<F, I>(values: usize, sums: usize, sumsStride: usize): void {
  for (let tick = 0; tick < bandRows; tick++) {
    let active = 0;
    for (let band = 0; band < 4; band++) {
      const y = band * bandRows + tick;
      if (y >= height) break;
      prepare<F>(values, 0, 0, y, sums + <usize>active * sumsStride, LANES + <usize>active * LANE_STRIDE);
      active++;
    }
    finish<F, I>(active);
  }
}

// @ts-ignore: decorator
@inline
function finish<F, I>(active: i32): void {
  if (active == 4 && (mask || lattices)) restoreRows4Mapped<F, I>(LANES, width);
  else if (active == 4) restoreRows4<F, I>(LANES, width);
  else for (let k = 0; k < active; k++) restoreLane<F, I>(LANES + <usize>k * LANE_STRIDE);
}
