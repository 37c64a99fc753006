/**
 * Decoding of the `mechanism-solve` predictor: operators, boundary data and source term -> a solution
 * for every section, which with the residual gives the values.
 */
import { makePlan, planBytes, transform2, workBytes } from "../fft/kernel";
import { divideBySymbol, fillAngles, ringLength, ringPlace, snap } from "../spectral/kernel";
import { decodeMask } from "../mask/kernel";
import { closeValues, decodeSlice, openValues, readClassModel } from "./class-model";
import { align, reach } from "./memory";
import { fromOrdered, predictedToOrdered, unzigzag } from "./ordered";
import { addressOf, lengthOf, SECTION_BITS, SECTION_BOUNDARY, SECTION_CLASSES, SECTION_MASK, SECTION_SIDE, SECTION_SOURCE } from "./sections";
import {
  BAD_SIDE_INFORMATION, DAMAGED_BITS, DAMAGED_BOUNDARY, DAMAGED_CLASSES, DAMAGED_SOURCE, OK, OUT_OF_MEMORY, UNKNOWN_MODE,
} from "./status";

/** Extents of a section, at most: bounds the tables of the transform whatever the chunk's shape. */
/** A depth for slices that are all of one outer block, however many there are. */
const ONE_BLOCK: i32 = i32.MAX_VALUE;
const MAX_EXTENT: u32 = 65536;
const MAX_DROPPED: i32 = 40;
/** Bytes of side information before the operators. */
const SIDE_HEAD: usize = 20;
/** Bytes of a section: its level, origin and step. */
const SECTION_BYTES: usize = 24;

const OPERATOR: usize = memory.data(9 * 8, 16);

let sections: i32 = 0, height: i32 = 0, width: i32 = 0;

// Scratch, laid out by `layOut`.
/** The chunk's mask, a byte a value; 0 where it has none. */
let mask: usize = 0;
let classRows: usize = 0, contexts: usize = 0, ring: usize = 0, source: usize = 0, field: usize = 0;
let angles: usize = 0, rowPlan: usize = 0, columnPlan: usize = 0, work: usize = 0;

export function decodeMechanismSolve<F, I>(values: usize, count: u32, scratch: usize): i32 {
  const side = addressOf(SECTION_SIDE), end = side + lengthOf(SECTION_SIDE);
  if (end - side < SIDE_HEAD) return BAD_SIDE_INFORMATION;
  if (load<u8>(side) != 1) return UNKNOWN_MODE;
  const dropped = <i32>load<u8>(side, 1);
  const operators = load<u32>(side, 16);
  if (dropped > MAX_DROPPED || load<u16>(side, 2) != 0) return BAD_SIDE_INFORMATION;
  if (!readExtents(side, count)) return BAD_SIDE_INFORMATION;
  if (operators != 1 && operators != <u32>sections) return BAD_SIDE_INFORMATION;
  const operatorsAt = side + SIDE_HEAD;
  let at = operatorsAt + 36 * <usize>operators;
  if (<u64>(end - side) < <u64>SIDE_HEAD + 36 * <u64>operators + <u64>SECTION_BYTES * <u64>sections) return BAD_SIDE_INFORMATION;
  let about = at;
  at += SECTION_BYTES * <usize>sections;
  const maskCode = addressOf(SECTION_MASK), maskEnd = maskCode + lengthOf(SECTION_MASK);
  if (end - at < 1 || load<u8>(at) > 1 || (load<u8>(at) == 1) != (maskCode != 0)) return BAD_SIDE_INFORMATION;
  const fill = at + 1;
  at = fill + (maskCode ? sizeof<F>() : 0);
  if (at > end) return BAD_SIDE_INFORMATION;
  if (!layOut(count, scratch, maskCode != 0)) return OUT_OF_MEMORY;
  if (mask && !decodeMask(mask, sections, sections, height, width, maskCode, <u32>(maskEnd - maskCode))) return DAMAGED_BITS;

  at = readClassModel(at, end, 8 * sizeof<F>() + 1);
  if (!at) return BAD_SIDE_INFORMATION;
  const residual = decodeResidual<I>(values);
  if (residual != OK) return residual;
  at = readClassModel(at, end, 65);
  if (!at) return BAD_SIDE_INFORMATION;
  let apart = decodeBoundary(addressOf(SECTION_BOUNDARY), lengthOf(SECTION_BOUNDARY));
  if (!apart) return DAMAGED_BOUNDARY;
  const apartEnd = addressOf(SECTION_BOUNDARY) + lengthOf(SECTION_BOUNDARY);
  at = readClassModel(at, end, 65);
  if (at != end) return BAD_SIDE_INFORMATION;

  const sourceAt = addressOf(SECTION_SOURCE), sourceLength = lengthOf(SECTION_SOURCE);
  if (sourceLength < 4 || load<u32>(sourceAt) > sourceLength - 4) return DAMAGED_SOURCE;
  const classesLength = load<u32>(sourceAt);
  const bits = sourceAt + 4 + <usize>classesLength;
  if (!openValues(sourceAt + 4, classesLength, bits, sourceLength - 4 - classesLength)) return DAMAGED_SOURCE;
  const area = <usize>height * <usize>width;
  for (let s = 0; s < sections; s++) {
    if (!decodeSlice<i64>(s, ONE_BLOCK, height - 2, width - 2, height - 2, 0, classRows, contexts, source)) return DAMAGED_SOURCE;
    placeSource(s, dropped);
    const operator = operatorsAt + (operators == 1 ? 0 : 36 * <usize>s);
    for (let k: usize = 0; k < 9; k++) store<f64>(OPERATOR + 8 * k, <f64>load<i32>(operator + 4 * k));
    transform2(field, height, width, rowPlan, columnPlan, work);
    apart = divideBySymbol(field, height, width, OPERATOR, load<f64>(about), angles, apart, apartEnd, false);
    if (!apart) return DAMAGED_BOUNDARY;
    transform2(field, height, width, rowPlan, columnPlan, work);
    restore<F, I>(values + <usize>s * area * sizeof<F>(), area, load<f64>(about, 8), load<f64>(about, 16));
    about += SECTION_BYTES;
  }
  if (!closeValues()) return DAMAGED_SOURCE;
  if (apart != apartEnd) return DAMAGED_BOUNDARY;
  if (mask) fillMasked<F>(values, count, fill);
  return OK;
}

function readExtents(side: usize, count: u32): bool {
  const a = load<u32>(side, 4), b = load<u32>(side, 8), c = load<u32>(side, 12);
  if (a < 1 || b < 3 || c < 3 || b > MAX_EXTENT || c > MAX_EXTENT || a > count) return false;
  if (<u64>b * <u64>c > <u64>count || <u64>a * (<u64>b * <u64>c) != <u64>count) return false;
  sections = a;
  height = b;
  width = c;
  return true;
}

function layOut(count: u32, scratch: usize, masked: bool): bool {
  const area = <usize>height * <usize>width, ringBytes = 8 * <usize>ringLength(height, width);
  const longest = <usize>max(height, width);
  // In 64 bits: the sum may not wrap.
  const total = <u64>scratch + (<u64>count << 1) + 8192 + 4 * <u64>longest + <u64>ringBytes * <u64>sections + 24 * <u64>area +
    16 * <u64>width + <u64>planBytes(width) + <u64>planBytes(height) + <u64>max(workBytes(width), workBytes(height));
  if (total > 0xf0000000) return false;
  classRows = scratch + 64;
  mask = masked ? align(classRows + <usize>count + 64) : 0;
  contexts = align((masked ? mask : classRows) + <usize>count + 64);
  ring = align(contexts + 4 * longest + 64);
  source = align(ring + ringBytes * <usize>sections + 64);
  field = align(source + 8 * area + 64);
  angles = align(field + 16 * area + 64);
  rowPlan = align(angles + 16 * <usize>width + 64);
  columnPlan = align(rowPlan + planBytes(width) + 64);
  work = align(columnPlan + planBytes(height) + 64);
  if (!reach(work + max(workBytes(width), workBytes(height)) + 64)) return false;
  fillAngles(angles, width);
  makePlan(width, rowPlan, work);
  makePlan(height, columnPlan, work);
  return true;
}

/** Residual classes and bits -> zigzag residuals where the values will be. */
function decodeResidual<I>(values: usize): i32 {
  const classes = addressOf(SECTION_CLASSES), bits = addressOf(SECTION_BITS);
  if (!openValues(classes, lengthOf(SECTION_CLASSES), bits, lengthOf(SECTION_BITS))) return DAMAGED_CLASSES;
  const bytes = <usize>height * <usize>width * sizeof<I>();
  for (let s = 0; s < sections; s++) {
    if (!decodeSlice<I>(s, ONE_BLOCK, height, width, height, mask, classRows, contexts, values + <usize>s * bytes)) return DAMAGED_CLASSES;
  }
  return closeValues() ? OK : DAMAGED_BITS;
}

/** Boundary data -> f on the rings; returns where the frequencies given apart start, 0 where it is damaged. */
function decodeBoundary(at: usize, length: u32): usize {
  if (length < 8) return 0;
  const classesLength = load<u32>(at), bitsLength = load<u32>(at, 4);
  if (<u64>classesLength + <u64>bitsLength > <u64>(length - 8)) return 0;
  const bits = at + 8 + <usize>classesLength;
  if (!openValues(at + 8, classesLength, bits, bitsLength)) return 0;
  const size = ringLength(height, width);
  for (let s = 0; s < sections; s++) {
    const to = ring + 8 * <usize>s * <usize>size;
    if (!decodeSlice<i64>(s, ONE_BLOCK, 1, size, 1, 0, classRows, contexts, to)) return 0;
    let sum: i64 = 0;
    for (let k: usize = 0; k < <usize>size; k++) {
      sum += unzigzag<i64>(load<i64>(to + 8 * k));
      store<i64>(to + 8 * k, sum);
    }
  }
  return closeValues() ? bits + <usize>bitsLength : 0;
}

/** f of section s, from its ring and its decoded interior, as complex numbers. */
function placeSource(s: i32, dropped: i32): void {
  const size = ringLength(height, width);
  const from = ring + 8 * <usize>s * <usize>size;
  for (let k = 0; k < size; k++) {
    const to = field + 16 * ringPlace(k, height, width);
    store<f64>(to, <f64>load<i64>(from + 8 * <usize>k));
    store<f64>(to, 0, 8);
  }
  const unit = <f64>(<u64>1 << dropped);
  let next = source;
  for (let y = 1; y < height - 1; y++) {
    let to = field + 16 * (<usize>y * <usize>width + 1);
    for (let x = 1; x < width - 1; x++, to += 16, next += 8) {
      store<f64>(to, <f64>unzigzag<i64>(load<i64>(next)) * unit);
      store<f64>(to, 0, 8);
    }
  }
}

/** Zigzag residuals and the solution -> values, in place. */
function restore<F, I>(values: usize, area: usize, origin: f64, step: f64): void {
  for (let i: usize = 0; i < area; i++) {
    const predicted = <F>snap(load<f64>(field + 16 * i, 8), origin, step);
    const at = values + i * sizeof<F>();
    store<F>(at, fromOrdered<F, I>(predictedToOrdered<F, I>(predicted) + unzigzag<I>(load<I>(at))));
  }
}

/** What masked values are. Moved as integers: a signalling NaN stays one. */
function fillMasked<F>(values: usize, count: u32, fill: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (!load<u8>(mask + i)) continue;
    if (sizeof<F>() == 4) store<u32>(values + (i << 2), load<u32>(fill));
    else store<u64>(values + (i << 3), load<u64>(fill));
  }
}
