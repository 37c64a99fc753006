/** Side information of the `neural` predictor (spec/stream.md, section 5.1), every number checked. */
import {
  FORMAT_FLOAT16, FORMAT_FLOAT32, FORMAT_INTEGER, PARAMETERS_EXTENTS, PARAMETERS_FORMAT, PARAMETERS_RANK, PARAMETERS_ROLE,
  PARAMETERS_STRIDE,
} from "../../parameters/offsets";
import { readClassModel } from "../class-model";
import { addressOf, lengthOf, SECTION_MASK, SECTION_MODEL, SECTION_SIDE } from "../sections";
import { BAD_SIDE_INFORMATION, OK, UNKNOWN_MODE } from "../status";
import {
  MAX_DIMENSIONS, MAX_FEATURES, MAX_LAYERS, MAX_LEVELS, MAX_MASKS, MAX_NODES, MAX_VARIABLES, MAX_WIDTH, mostParameters, mostWeights,
} from "./limits";

const MODE: u8 = 1;
const NO_AXIS: u8 = 255;
export const EXACT: u32 = 0;
export const BOUNDED: u32 = 1;

/** A variable: address of its record. Kind 0 has a network output: offset, scale and range, and a bound; kind 1 is constant. */
const VARIABLES: usize = memory.data(4096 * 4);
const OUTPUT: u8 = 0;

/** A coordinate: values, ghost values before them, values in all; 16 bytes. */
const AXES: usize = memory.data(4 * 16);
/** A grid: features, nodes along four axes; 32 bytes. */
const LEVELS: usize = memory.data(16 * 32);
/** Widths of the hidden layers and of the output. */
const WIDTHS: usize = memory.data(33 * 4);
/** Parameter arrays as `parameters/offsets.ts` says; at most 16 grids, frequencies, phases, 33 times weights and bias. */
export const TABLE: usize = memory.data(84 * 36);
/** Of every array the address of its steps, and their number; 8 bytes. */
const STEPS: usize = memory.data(84 * 8);
/** Of every mask the address of its record: pattern, form, length. */
const MASKS: usize = memory.data(16 * 4);

/** Values of a variable; of these, those behind which the next variable starts. */
export let points: u32 = 0, inner: u32 = 0;
export let variables: u32 = 0;
export let outputs: i32 = 0, dimensions: i32 = 0;
export let mapping: i32 = 0, activation: i32 = 0, frequencies: i32 = 0;
export let levels: i32 = 0, layers: i32 = 0;
export let arrays: i32 = 0;
export let masks: i32 = 0;
/** Rows and slices of the box, for contexts. */
export let outer: i32 = 1, depth: i32 = 1, height: i32 = 1, width: i32 = 1;
let firstBias: bool = false;

let at: usize = 0, end: usize = 0;

// @ts-ignore: decorator
@inline
function left(bytes: usize): bool {
  return end - at >= bytes;
}

// @ts-ignore: decorator
@inline
export function isOutput(variable: u32): bool {
  return load<u8>(load<u32>(VARIABLES + (<usize>variable << 2))) == OUTPUT;
}

/** Address of a variable's record behind its kind. */
// @ts-ignore: decorator
@inline
export function recordOf(variable: u32): usize {
  return <usize>load<u32>(VARIABLES + (<usize>variable << 2)) + 1;
}

// @ts-ignore: decorator
@inline
export function axisOf(axis: i32): usize {
  return AXES + (<usize>axis << 4);
}

// @ts-ignore: decorator
@inline
export function levelAt(level: i32): usize {
  return LEVELS + (<usize>level << 5);
}

/** Of layer `layer`, the output included. */
// @ts-ignore: decorator
@inline
export function widthOf(layer: i32): i32 {
  return load<i32>(WIDTHS + (<usize>layer << 2));
}

// @ts-ignore: decorator
@inline
export function arrayAt(array: i32): usize {
  return TABLE + <usize>array * PARAMETERS_STRIDE;
}

// @ts-ignore: decorator
@inline
export function stepsOf(array: i32): usize {
  return STEPS + (<usize>array << 3);
}

// @ts-ignore: decorator
@inline
export function maskAt(mask: i32): usize {
  return load<u32>(MASKS + (<usize>mask << 2));
}

/** Reads it all. `header` is the stream's. */
export function readSide<F>(header: usize, count: u32, guarantee: u32): i32 {
  at = addressOf(SECTION_SIDE);
  end = at + lengthOf(SECTION_SIDE);
  if (!left(2)) return BAD_SIDE_INFORMATION;
  if (load<u8>(at) != MODE) return UNKNOWN_MODE;
  at++;
  if (!readBox(header, count) || !readVariables<F>(guarantee) || !readAxes() || !readNetwork() || !readArrays(count)) {
    return BAD_SIDE_INFORMATION;
  }
  if (!readMasks<F>()) return BAD_SIDE_INFORMATION;
  if (guarantee <= BOUNDED) at = readClassModel(at, end, 8 * sizeof<F>() + 1);
  return at == end ? OK : BAD_SIDE_INFORMATION;
}

/** Which axes of the box are coordinates. */
function readBox(header: usize, count: u32): bool {
  const rank = <u32>load<u8>(header, 8), axis = load<u8>(at++);
  if (count == 0 || (axis != NO_AXIS && axis >= rank)) return false;
  variables = 1;
  inner = count;
  dimensions = 0;
  width = height = depth = outer = 1;
  for (let k: u32 = 0, rest = count; k < rank; k++) {
    const extent = load<u32>(header + 12 + 4 * k);
    rest /= extent;
    if (extent > 1) {
      outer *= depth;
      depth = height;
      height = width;
      width = extent;
    }
    if (k == axis) {
      variables = extent;
      inner = rest;
    } else if (extent > 1) {
      if (dimensions == MAX_DIMENSIONS) return false;
      store<u32>(axisOf(dimensions++), extent);
    }
  }
  points = count / variables;
  return dimensions > 0 && variables <= MAX_VARIABLES;
}

function readVariables<F>(guarantee: u32): bool {
  outputs = 0;
  for (let v: usize = 0; v < <usize>variables; v++) {
    if (!left(1)) return false;
    const kind = load<u8>(at);
    if (kind > 1) return false;
    const bytes: usize = kind == OUTPUT ? (guarantee == BOUNDED ? 32 : 24) : sizeof<F>();
    store<u32>(VARIABLES + (v << 2), <u32>at);
    at++;
    if (!left(bytes)) return false;
    if (kind == OUTPUT) {
      outputs++;
      // A step that is no number would make values of NaNs, whose bits are nobody's.
      const step = guarantee == BOUNDED ? 2 * load<f64>(at, 24) : 1;
      if (!(step > 0) || step == Infinity) return false;
    }
    at += bytes;
  }
  return outputs > 0;
}

function readAxes(): bool {
  for (let axis = 0; axis < dimensions; axis++, at += 8) {
    if (!left(8)) return false;
    const low = load<u32>(at), total = load<u32>(at, 4), to = axisOf(axis);
    if (<u64>low + <u64>load<u32>(to) > <u64>total) return false;
    store<u32>(to, low, 4);
    store<u32>(to, total, 8);
  }
  return true;
}

function readNetwork(): bool {
  if (!left(9)) return false;
  mapping = load<u8>(at);
  activation = load<u8>(at, 1);
  const bias = load<u8>(at, 2), levelCount = <u32>load<u8>(at, 3), hidden = <u32>load<u8>(at, 4), rows = load<u32>(at, 5);
  at += 9;
  if (mapping > 2 || activation > 2 || bias > 1 || levelCount > MAX_LEVELS || hidden < 1 || hidden > MAX_LAYERS) return false;
  if (rows > (mapping ? MAX_WIDTH / 2 : 0)) return false;
  firstBias = bias == 1;
  frequencies = rows;
  levels = levelCount;
  layers = hidden + 1;
  let features: u32 = mapping ? 2 * rows : dimensions;
  for (let level = 0; level < levels; level++) {
    if (!left(1 + 4 * <usize>dimensions)) return false;
    const to = levelAt(level), own = <u32>load<u8>(at++);
    if (own < 1 || own > MAX_FEATURES) return false;
    features += own;
    store<u32>(to, own);
    for (let axis: usize = 0; axis < <usize>dimensions << 2; axis += 4, at += 4) {
      const nodes = load<u32>(at);
      if (nodes < 1 || nodes > MAX_NODES) return false;
      store<u32>(to + axis, nodes, 4);
    }
  }
  if (features < 1 || features > MAX_WIDTH || !left(<usize>hidden << 2)) return false;
  for (let layer: usize = 0; layer < <usize>hidden << 2; layer += 4, at += 4) {
    const columns = load<u32>(at);
    if (columns < 1 || columns > MAX_WIDTH) return false;
    store<u32>(WIDTHS + layer, columns);
  }
  store<u32>(WIDTHS + (<usize>hidden << 2), outputs);
  return addArrays(features);
}

/** Fills the table but for formats and places: grids, frequencies, phases, then weights and bias layer by layer. */
function addArrays(features: u32): bool {
  arrays = 0;
  for (let level = 0; level < levels; level++) {
    const from = levelAt(level), to = addArray(0, dimensions + 1);
    memory.copy(to, from + 4, <usize>dimensions << 2);
    store<u32>(to + (<usize>dimensions << 2), load<u32>(from));
  }
  if (frequencies > 0) {
    const to = addArray(1, 2);
    store<u32>(to, frequencies);
    store<u32>(to, dimensions, 4);
    store<u32>(addArray(2, 1), frequencies);
  }
  let inputs = features;
  for (let layer = 0; layer < layers; layer++) {
    const columns = widthOf(layer), to = addArray(3, 2);
    store<u32>(to, inputs);
    store<u32>(to, columns, 4);
    if (layer > 0 || firstBias) store<u32>(addArray(4, 1), columns);
    inputs = columns;
  }
  return true;
}

/** Returns where the extents of the new array go. */
function addArray(role: u32, rank: u32): usize {
  const entry = arrayAt(arrays++);
  store<u32>(entry, role, PARAMETERS_ROLE);
  store<u32>(entry, rank, PARAMETERS_RANK);
  return entry + PARAMETERS_EXTENTS;
}

/** Extent of an array along its last axis. */
// @ts-ignore: decorator
@inline
export function columnsOf(array: i32): u32 {
  const entry = arrayAt(array);
  return load<u32>(entry + (<usize>load<u32>(entry, PARAMETERS_RANK) << 2), PARAMETERS_EXTENTS - 4);
}

/** Parameters of an array; saturates far above any that passes `readArrays`. */
export function countOf(array: i32): u64 {
  const entry = arrayAt(array);
  let count: u64 = 1;
  for (let axis: usize = 0; axis < <usize>load<u32>(entry, PARAMETERS_RANK) << 2; axis += 4) {
    count = min<u64>(count * <u64>load<u32>(entry + axis, PARAMETERS_EXTENTS), <u64>1 << 34);
  }
  return count;
}

/** Formats and steps; also whether the network is no larger than box and model allow. */
function readArrays(count: u32): bool {
  let parameters: u64 = 0, weights: u64 = 0;
  for (let array = 0; array < arrays; array++) {
    if (!left(1)) return false;
    const format = load<u8>(at++), entry = arrayAt(array), own = countOf(array);
    parameters += own;
    if (load<u32>(entry, PARAMETERS_ROLE) == 3) weights += own;
    if (format > 3) return false;
    store<u32>(entry, format == 0 ? FORMAT_FLOAT32 : format == 1 ? FORMAT_FLOAT16 : FORMAT_INTEGER, PARAMETERS_FORMAT);
    const steps: u32 = format == 3 ? columnsOf(array) : format == 2 ? 1 : 0;
    if (!left(<usize>steps << 2)) return false;
    store<u32>(stepsOf(array), <u32>at);
    store<u32>(stepsOf(array), steps, 4);
    at += <usize>steps << 2;
  }
  const bytes = lengthOf(SECTION_MODEL);
  return parameters <= mostParameters(count, bytes) && weights <= mostWeights(bytes);
}

function readMasks<F>(): bool {
  if (!left(1)) return false;
  const number = <u32>load<u8>(at++);
  if (number > MAX_MASKS || (number > 0) != (addressOf(SECTION_MASK) != 0)) return false;
  masks = number;
  let bytes: u64 = 0;
  for (let mask: usize = 0; mask < <usize>number; mask++, at += sizeof<F>() + 5) {
    if (!left(sizeof<F>() + 5) || load<u8>(at, sizeof<F>()) > 1) return false;
    store<u32>(MASKS + (mask << 2), <u32>at);
    bytes += <u64>load<u32>(at, sizeof<F>() + 1);
  }
  return bytes == <u64>lengthOf(SECTION_MASK);
}
