/**
 * Lays the network of the side information at hand out for the evaluation kernel: what `network/layout.ts` and
 * `network/memory.ts` do for those who train, with parameters that have just been decoded, and scratch for the way there alone.
 */
import {
  LAYER_BIAS_AT, LAYER_DERIVATIVE_AT, LAYER_INPUT_AT, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_STRIDE, LAYER_WEIGHTS_AT, LEVEL_COLUMN,
  LEVEL_FEATURES, LEVEL_NODES, LEVEL_STRIDE, LEVEL_VALUES_AT, NO_BIAS, PLAN_ACTIVATION, PLAN_COORDINATES_AT, PLAN_CORNERS_AT,
  PLAN_DIMENSIONS, PLAN_FREQUENCIES, PLAN_FREQUENCIES_AT, PLAN_FREQUENCY_COLUMNS, PLAN_HEAD, PLAN_LAYERS, PLAN_LEVELS, PLAN_MAPPING,
  PLAN_MAPPING_COLUMN, PLAN_OUTPUT_AT, PLAN_OUTPUTS, PLAN_PACKED_AT, PLAN_PARAMETERS, ROW_SKEW, SOURCE_AXES, SOURCE_COORDINATES, SOURCE_LENGTHS,
  TILE_ROWS,
} from "../../network/offsets";
import { cornerBytes } from "../../network/grids/kernel";
import { FORMAT_INTEGER, PARAMETERS_AT, PARAMETERS_EXTENTS, PARAMETERS_FORMAT, PARAMETERS_ROLE } from "../../parameters/offsets";
import { MAX_FLOATS } from "./limits";
import {
  activation, arrayAt, arrays, axisOf, columnsOf, countOf, dimensions, frequencies, layers, levelAt, levels, mapping, outputs, stepsOf, widthOf,
} from "./side-information";

/** What `network/kernel.ts` asks for: head, 33 layers, 16 levels. */
export const PLAN: usize = memory.data(80 + 33 * 32 + 16 * 32, 16);
export const SOURCE: usize = memory.data(32, 16);

/** Columns of the features: padded, all, and of the first sine. */
let featureColumns: u32 = 0, frequencyColumns: u32 = 0, mappingColumn: u32 = 0;
/** Widest of the layers' inputs, padded. */
let widest: u32 = 0;

/** First float of every array in the kernels' form, and of the list's end. */
const FLOATS: usize = memory.data(85 * 4);

/** Bytes before an array in the kernels' form; of array number `arrays`, all of them. */
// @ts-ignore: decorator
@inline
function bytesBefore(array: i32): u32 {
  return load<u32>(FLOATS + (<usize>array << 2)) << 2;
}

// @ts-ignore: decorator
@inline
function roundUp(value: u32, multiple: u32): u32 {
  return (value + multiple - 1) & ~(multiple - 1);
}

// @ts-ignore: decorator
@inline
function tileBytes(columns: u32): u64 {
  return <u64>TILE_ROWS * (4 * <u64>columns + ROW_SKEW);
}

/** Padded columns of a layer's inputs; of its outputs it is those of the next layer's inputs. */
function columnsInto(layer: i32): u32 {
  return layer == 0 ? featureColumns : roundUp(<u32>widthOf(layer - 1), 8);
}

/** Bytes that `layOut` takes; more than addresses can name where the network is too large. */
export function networkBytes(): u64 {
  let column: u32 = 0;
  for (let level = 0; level < levels; level++) column += roundUp(load<u32>(levelAt(level)), 4);
  mappingColumn = column;
  frequencyColumns = mapping ? roundUp(<u32>frequencies, 4) : 0;
  featureColumns = roundUp(mappingColumn + (mapping ? 2 * frequencyColumns : 4), 8);
  let floats: u64 = 0;
  for (let array = 0, layer = 0; array < arrays; array++) {
    const entry = arrayAt(array), role = load<u32>(entry, PARAMETERS_ROLE), columns = columnsOf(array);
    let length: u64 = 0;
    if (role == 0) length = countOf(array) / <u64>columns * <u64>roundUp(columns, 4);
    else if (role == 1) length = <u64>dimensions * <u64>frequencyColumns;
    else if (role == 2) length = frequencyColumns;
    else if (role == 3) length = <u64>columnsInto(layer) * <u64>columnsInto(++layer);
    else length = columnsInto(layer);
    store<u32>(FLOATS + (<usize>array << 2), <u32>floats);
    // Phases stand right behind the frequencies.
    floats = role == 1 ? floats + length : (floats + length + 15) & ~15;
    if (floats > MAX_FLOATS) return u64.MAX_VALUE;
  }
  store<u32>(FLOATS + (<usize>arrays << 2), <u32>floats);
  widest = 0;
  for (let layer = 1; layer <= layers; layer++) widest = max(widest, columnsInto(layer));
  let symbols: u64 = 0;
  for (let array = 0; array < arrays; array++) symbols += listBytes(array) + 64;
  let coordinates: u64 = 0;
  for (let axis = 0; axis < dimensions; axis++) coordinates += <u64>load<u32>(axisOf(axis)) << 2;
  // Whatever is aligned may grow by 63 bytes.
  return 4 * floats + symbols + coordinates + 2 * tileBytes(featureColumns) + 4 * tileBytes(widest) + <u64>TILE_ROWS * 20 +
    cornersBytes() + <u64>TILE_ROWS * 4 * <u64>outputs + 16 * 64;
}

/** Bytes of an array as it is decoded. */
function listBytes(array: i32): u64 {
  return countOf(array) << (load<u32>(arrayAt(array), PARAMETERS_FORMAT) == FORMAT_INTEGER ? 1 : 2);
}

// @ts-ignore: decorator
@inline
function cornersBytes(): u64 {
  return <u64>TILE_ROWS * <u64>levels * <u64>cornerBytes(dimensions);
}

/** Tiles' outputs, a row of `outputs` floats a point. */
export let tile: usize = 0;
/** What `evaluate` works in. */
export let work: usize = 0;

let parametersFrom: usize = 0;

/** Divides the memory from `from` (a multiple of 64) on, after `networkBytes`; arrays get their places. */
export function layOut(from: usize): void {
  let at = from;
  for (let array = 0; array < arrays; array++) {
    store<u32>(arrayAt(array), <u32>at, PARAMETERS_AT);
    at = (at + <usize>listBytes(array) + 63) & ~63;
  }
  parametersFrom = at;
  at += <usize>bytesBefore(arrays);
  work = at = (at + 63) & ~63;
  // Features have a tile of their own: what pads them stays 0.
  const features: usize = 0;
  const even = (features + <usize>tileBytes(featureColumns) + 63) & ~63, odd = even + <usize>tileBytes(widest);
  const derivatives = odd + <usize>tileBytes(widest), coordinates = derivatives + <usize>tileBytes(widest);
  const corners = coordinates + TILE_ROWS * 20, packed = (corners + <usize>cornersBytes() + 63) & ~63;
  const scratchEnd = packed + <usize>tileBytes(max(widest, featureColumns));
  memory.fill(work, 0, scratchEnd);
  tile = (work + scratchEnd + 63) & ~63;
  const table = tile + <usize>TILE_ROWS * 4 * <usize>outputs;

  store<i32>(PLAN, dimensions, PLAN_DIMENSIONS);
  store<i32>(PLAN, outputs, PLAN_OUTPUTS);
  store<i32>(PLAN, frequencies, PLAN_FREQUENCIES);
  store<i32>(PLAN, frequencyColumns, PLAN_FREQUENCY_COLUMNS);
  store<i32>(PLAN, mapping, PLAN_MAPPING);
  store<i32>(PLAN, activation, PLAN_ACTIVATION);
  store<i32>(PLAN, layers, PLAN_LAYERS);
  store<i32>(PLAN, levels, PLAN_LEVELS);
  store<i32>(PLAN, mappingColumn, PLAN_MAPPING_COLUMN);
  store<usize>(PLAN, parametersFrom, PLAN_PARAMETERS);
  store<usize>(PLAN, coordinates, PLAN_COORDINATES_AT);
  store<usize>(PLAN, corners, PLAN_CORNERS_AT);
  store<usize>(PLAN, packed, PLAN_PACKED_AT);
  store<usize>(PLAN, layers & 1 ? odd : even, PLAN_OUTPUT_AT);
  let array = levels;
  store<u32>(PLAN, bytesBefore(array), PLAN_FREQUENCIES_AT);
  if (frequencies > 0) array += 2;
  for (let layer = 0; layer < layers; layer++) {
    const to = PLAN + PLAN_HEAD + LAYER_STRIDE * <usize>layer;
    store<u32>(to, columnsInto(layer), LAYER_INPUTS);
    store<u32>(to, columnsInto(layer + 1), LAYER_OUTPUTS);
    store<u32>(to, bytesBefore(array++), LAYER_WEIGHTS_AT);
    const biased = array < arrays && load<u32>(arrayAt(array), PARAMETERS_ROLE) == 4;
    store<i32>(to, biased ? <i32>bytesBefore(array++) : NO_BIAS, LAYER_BIAS_AT);
    store<usize>(to, layer == 0 ? features : layer & 1 ? odd : even, LAYER_INPUT_AT);
    store<usize>(to, derivatives, LAYER_DERIVATIVE_AT);
  }
  let column: u32 = 0;
  for (let level = 0; level < levels; level++) {
    const to = PLAN + PLAN_HEAD + LAYER_STRIDE * <usize>layers + LEVEL_STRIDE * <usize>level, own = levelAt(level);
    const columns = roundUp(load<u32>(own), 4);
    store<u32>(to, columns, LEVEL_FEATURES);
    store<u32>(to, bytesBefore(level), LEVEL_VALUES_AT);
    store<u32>(to, column, LEVEL_COLUMN);
    memory.copy(to + LEVEL_NODES, own + 4, 16);
    column += columns;
  }
  store<i32>(SOURCE, 1, SOURCE_AXES);
  store<usize>(SOURCE, table, SOURCE_COORDINATES);
  writeCoordinates(table);
}

/** c(i) = 2 (i + low) / (total - 1) - 1, rounded to single precision; 0 where `total` is 1. */
function writeCoordinates(to: usize): void {
  for (let axis = 0; axis < dimensions; axis++) {
    const from = axisOf(axis), length = load<u32>(from), low = load<u32>(from, 4), last = <f64>(load<u32>(from, 8) - 1);
    store<u32>(SOURCE + (<usize>axis << 2), length, SOURCE_LENGTHS);
    for (let i: u32 = 0; i < length; i++, to += 4) store<f32>(to, <f32>(2 * (<f64>i + <f64>low) / last - 1));
  }
}

/** Arrays as they were decoded -> parameters in the kernels' form. */
export function spreadParameters(): void {
  memory.fill(parametersFrom, 0, <usize>bytesBefore(arrays));
  for (let array = 0, layer = 0; array < arrays; array++) {
    const role = load<u32>(arrayAt(array), PARAMETERS_ROLE), columns = columnsOf(array), rows = <u32>(countOf(array) / <u64>columns);
    const to = parametersFrom + <usize>bytesBefore(array);
    if (role == 0) spreadRows(array, rows, columns, to, roundUp(columns, 4));
    else if (role == 1) {
      for (let row: u32 = 0; row < rows; row++) {
        for (let column: u32 = 0; column < columns; column++) {
          store<f32>(to + (<usize>(column * frequencyColumns + row) << 2), parameterOf(array, row, column, columns));
        }
      }
    } else if (role == 3) {
      const inputs = columnsInto(layer);
      for (let row: u32 = 0; row < rows; row++) {
        const input = layer == 0 ? columnOfFeature(row) : row;
        for (let column: u32 = 0; column < columns; column++) {
          const place = ((column >> 3) * inputs + input) * 8 + (column & 7);
          store<f32>(to + (<usize>place << 2), parameterOf(array, row, column, columns));
        }
      }
      layer++;
    } else spreadRows(array, 1, columns, to, columns);
  }
}

function spreadRows(array: i32, rows: u32, columns: u32, to: usize, stride: u32): void {
  for (let row: u32 = 0; row < rows; row++, to += <usize>stride << 2) {
    for (let column: u32 = 0; column < columns; column++) {
      store<f32>(to + (<usize>column << 2), parameterOf(array, row, column, columns));
    }
  }
}

/** Column of a feature among the padded ones. */
function columnOfFeature(feature: u32): u32 {
  let column: u32 = 0;
  for (let level = 0; level < levels; level++) {
    const own = load<u32>(levelAt(level));
    if (feature < own) return column + feature;
    feature -= own;
    column += roundUp(own, 4);
  }
  return mapping && feature >= <u32>frequencies ? column + frequencyColumns + feature - frequencies : column + feature;
}

/** A number as it was stored, or symbol * step. */
// @ts-ignore: decorator
@inline
function parameterOf(array: i32, row: u32, column: u32, columns: u32): f32 {
  const entry = arrayAt(array), place = <usize>(row * columns + column), from = load<u32>(entry, PARAMETERS_AT);
  if (load<u32>(entry, PARAMETERS_FORMAT) != FORMAT_INTEGER) return load<f32>(from + (place << 2));
  const steps = stepsOf(array);
  const step = load<f32>(load<u32>(steps) + (load<u32>(steps, 4) > 1 ? <usize>column << 2 : 0));
  return <f32>load<i16>(from + (place << 1)) * step;
}
