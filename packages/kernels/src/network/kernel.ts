/**
 * A coordinate network over tiles of TILE_ROWS samples: features, layers, and the way back. All
 * addresses come from the plan (`offsets.ts`) that the binding has laid out; each share of the rows has
 * a scratch and gradients of its own, so that shares can run on different threads.
 */
import { activate } from "./activation/kernel";
import { fourier, fourierBackward, fourierDerivative, plain, plainDerivative } from "./features/kernel";
import { cornerBytes, gridBackward, gridFeatures } from "./grids/kernel";
import { squaredErrors } from "./loss/kernel";
import { accumulate, accumulateBias, forward, multiplyTile, rowStride, transpose } from "./matrix/kernel";
import {
  LAYER_BIAS_AT, LAYER_DERIVATIVE_AT, LAYER_INPUT_AT, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_STRIDE, LAYER_TRANSPOSED_AT,
  LAYER_WEIGHTS_AT, LEVEL_STRIDE, NO_BIAS, PLAN_ACTIVATION, PLAN_COORDINATES_AT, PLAN_CORNERS_AT, PLAN_DELTA_AT,
  PLAN_DIMENSIONS, PLAN_ERRORS_AT, PLAN_FREQUENCIES, PLAN_FREQUENCIES_AT, PLAN_FREQUENCY_COLUMNS, PLAN_HEAD,
  PLAN_LAYERS, PLAN_LEVELS, PLAN_LOSS_FACTORS, PLAN_MAPPING, PLAN_MAPPING_COLUMN, PLAN_OTHER_DELTA_AT, PLAN_OUTPUT_AT,
  PLAN_OUTPUTS, PLAN_PACKED_AT, PLAN_PARAMETERS, SOURCE_AXES, SOURCE_COORDINATES, SOURCE_LENGTHS, SOURCE_TARGET_STRIDE, SOURCE_TARGETS,
  TILE_ROWS,
} from "./offsets";

// @ts-ignore: decorator
@inline
function layerOf(plan: usize, layer: i32): usize {
  return plan + PLAN_HEAD + LAYER_STRIDE * <usize>layer;
}

// @ts-ignore: decorator
@inline
function levelOf(plan: usize, level: i32): usize {
  return plan + PLAN_HEAD + LAYER_STRIDE * <usize>load<i32>(plan, PLAN_LAYERS) + LEVEL_STRIDE * <usize>level;
}

/** Copies the coordinates of sample `index` to `to`. */
// @ts-ignore: decorator
@inline
function gather(source: usize, index: u32, dimensions: i32, to: usize): void {
  let table = load<usize>(source, SOURCE_COORDINATES);
  if (!load<i32>(source, SOURCE_AXES)) {
    const point = table + <usize>index * <usize>dimensions * 4;
    for (let axis: usize = 0; axis < <usize>dimensions << 2; axis += 4) store<f32>(to + axis, load<f32>(point + axis));
    return;
  }
  // Axes stand one after another: the last, which runs fastest, ends the table.
  for (let axis = 0; axis < dimensions; axis++) table += <usize>load<i32>(source + (<usize>axis << 2), SOURCE_LENGTHS) << 2;
  for (let axis = dimensions - 1; axis >= 0; axis--) {
    const length = load<u32>(source + (<usize>axis << 2), SOURCE_LENGTHS), rest = index / length;
    table -= <usize>length << 2;
    store<f32>(to + (<usize>axis << 2), load<f32>(table + ((<usize>(index - rest * length)) << 2)));
    index = rest;
  }
}

/** Coordinates to outputs, for the tile whose coordinates are in the scratch. */
function tileForward(plan: usize, scratch: usize): void {
  const dimensions = load<i32>(plan, PLAN_DIMENSIONS), parameters = load<usize>(plan, PLAN_PARAMETERS);
  const coordinates = scratch + load<usize>(plan, PLAN_COORDINATES_AT);
  const features = scratch + load<usize>(layerOf(plan, 0), LAYER_INPUT_AT);
  const width = load<i32>(layerOf(plan, 0), LAYER_INPUTS);
  let corners = scratch + load<usize>(plan, PLAN_CORNERS_AT);
  for (let level = 0; level < load<i32>(plan, PLAN_LEVELS); level++, corners += TILE_ROWS * cornerBytes(dimensions)) {
    gridFeatures(coordinates, dimensions, parameters, levelOf(plan, level), corners, features, width, -1);
  }
  const mapped = features + (load<usize>(plan, PLAN_MAPPING_COLUMN) << 2), columns = load<i32>(plan, PLAN_FREQUENCY_COLUMNS);
  if (load<i32>(plan, PLAN_MAPPING) == 0) plain(coordinates, mapped, width);
  else if (columns > 0) {
    const frequencies = parameters + load<usize>(plan, PLAN_FREQUENCIES_AT);
    fourier(coordinates, dimensions, frequencies, load<i32>(plan, PLAN_FREQUENCIES), columns, mapped, width);
  }
  const layers = load<i32>(plan, PLAN_LAYERS);
  for (let l = 0; l < layers; l++) {
    const layer = layerOf(plan, l), outputs = load<i32>(layer, LAYER_OUTPUTS), biasAt = load<i32>(layer, LAYER_BIAS_AT);
    const last = l == layers - 1;
    const to = scratch + (last ? load<usize>(plan, PLAN_OUTPUT_AT) : load<usize>(layerOf(plan, l + 1), LAYER_INPUT_AT));
    forward(
      scratch + load<usize>(layer, LAYER_INPUT_AT), load<i32>(layer, LAYER_INPUTS),
      parameters + load<usize>(layer, LAYER_WEIGHTS_AT), biasAt == NO_BIAS ? 0 : parameters + <usize>biasAt, to, outputs,
      scratch + load<usize>(plan, PLAN_PACKED_AT),
    );
    if (!last) activate(load<i32>(plan, PLAN_ACTIVATION), to, scratch + load<usize>(layer, LAYER_DERIVATIVE_AT), outputs);
  }
}

/** Whether anything before the first layer learns. */
// @ts-ignore: decorator
@inline
function featuresLearn(plan: usize): bool {
  return load<i32>(plan, PLAN_LEVELS) > 0 || load<i32>(plan, PLAN_MAPPING) == 2;
}

/** From the outputs' deltas to gradients. */
function tileBackward(plan: usize, scratch: usize, gradients: usize): void {
  const dimensions = load<i32>(plan, PLAN_DIMENSIONS), learn = featuresLearn(plan);
  const packed = scratch + load<usize>(plan, PLAN_PACKED_AT);
  let deltas = scratch + load<usize>(plan, PLAN_OUTPUT_AT);
  let next = scratch + load<usize>(plan, PLAN_DELTA_AT), other = scratch + load<usize>(plan, PLAN_OTHER_DELTA_AT);
  for (let l = load<i32>(plan, PLAN_LAYERS) - 1; l >= 0; l--) {
    const layer = layerOf(plan, l), inputs = load<i32>(layer, LAYER_INPUTS), outputs = load<i32>(layer, LAYER_OUTPUTS);
    const biasAt = load<i32>(layer, LAYER_BIAS_AT);
    if (biasAt != NO_BIAS) accumulateBias(deltas, outputs, gradients + <usize>biasAt);
    const from = scratch + load<usize>(layer, LAYER_INPUT_AT);
    accumulate(from, inputs, deltas, outputs, gradients + load<usize>(layer, LAYER_WEIGHTS_AT));
    if (l == 0 && !learn) return;
    forward(deltas, outputs, scratch + load<usize>(layer, LAYER_TRANSPOSED_AT), 0, next, inputs, packed);
    if (l > 0) multiplyTile(next, scratch + load<usize>(layerOf(plan, l - 1), LAYER_DERIVATIVE_AT), inputs);
    deltas = next;
    next = other;
    other = deltas;
  }
  const width = load<i32>(layerOf(plan, 0), LAYER_INPUTS);
  let corners = scratch + load<usize>(plan, PLAN_CORNERS_AT);
  for (let level = 0; level < load<i32>(plan, PLAN_LEVELS); level++, corners += TILE_ROWS * cornerBytes(dimensions)) {
    gridBackward(dimensions, deltas, width, levelOf(plan, level), corners, gradients);
  }
  const columns = load<i32>(plan, PLAN_FREQUENCY_COLUMNS);
  if (load<i32>(plan, PLAN_MAPPING) == 2 && columns > 0) {
    const at = load<usize>(plan, PLAN_MAPPING_COLUMN) << 2;
    const features = scratch + load<usize>(layerOf(plan, 0), LAYER_INPUT_AT) + at;
    fourierBackward(
      scratch + load<usize>(plan, PLAN_COORDINATES_AT), dimensions, features, deltas + at, width, columns,
      gradients + load<usize>(plan, PLAN_FREQUENCIES_AT),
    );
  }
}

/**
 * Adds the gradients of `count` samples to `gradients`, and their squared errors to the scratch's sums.
 * Whoever calls clears both. `indices` are the samples' places in `source`.
 */
export function addGradients(plan: usize, scratch: usize, gradients: usize, source: usize, indices: usize, count: i32): void {
  const layers = load<i32>(plan, PLAN_LAYERS), dimensions = load<i32>(plan, PLAN_DIMENSIONS);
  for (let l = featuresLearn(plan) ? 0 : 1; l < layers; l++) {
    const layer = layerOf(plan, l);
    transpose(
      load<usize>(plan, PLAN_PARAMETERS) + load<usize>(layer, LAYER_WEIGHTS_AT), load<i32>(layer, LAYER_INPUTS),
      load<i32>(layer, LAYER_OUTPUTS), scratch + load<usize>(layer, LAYER_TRANSPOSED_AT),
    );
  }
  const coordinates = scratch + load<usize>(plan, PLAN_COORDINATES_AT), targets = coordinates + 16 * <usize>TILE_ROWS;
  const outputs = scratch + load<usize>(plan, PLAN_OUTPUT_AT);
  const columns = load<i32>(layerOf(plan, layers - 1), LAYER_OUTPUTS);
  for (let first = 0; first < count; first += TILE_ROWS) {
    const rows = min(count - first, TILE_ROWS);
    for (let i = 0; i < TILE_ROWS; i++) {
      // Rows that are missing stand in with the first one's place, and have no error.
      const index = load<u32>(indices + (<usize>(first + (i < rows ? i : 0)) << 2));
      gather(source, index, dimensions, coordinates + 16 * <usize>i);
      store<usize>(
        targets + (<usize>i << 2),
        load<usize>(source, SOURCE_TARGETS) + <usize>index * load<usize>(source, SOURCE_TARGET_STRIDE),
      );
    }
    tileForward(plan, scratch);
    squaredErrors(
      outputs, columns, targets, rows, load<usize>(plan, PLAN_LOSS_FACTORS), scratch + load<usize>(plan, PLAN_ERRORS_AT),
    );
    tileBackward(plan, scratch, gradients);
  }
}

/**
 * Derivatives of the outputs along a coordinate, for the tile that has just gone forward: every layer is
 * linear but for its activation, whose derivative the way there has left. Overwrites outputs and corners.
 */
function tileDerivative(plan: usize, scratch: usize, axis: i32): void {
  const dimensions = load<i32>(plan, PLAN_DIMENSIONS), parameters = load<usize>(plan, PLAN_PARAMETERS);
  const width = load<i32>(layerOf(plan, 0), LAYER_INPUTS);
  const corners = scratch + load<usize>(plan, PLAN_CORNERS_AT);
  let from = scratch + load<usize>(plan, PLAN_DELTA_AT), other = scratch + load<usize>(plan, PLAN_OTHER_DELTA_AT);
  memory.fill(from, 0, <usize>TILE_ROWS * rowStride(width));
  for (let level = 0; level < load<i32>(plan, PLAN_LEVELS); level++) {
    const coordinates = scratch + load<usize>(plan, PLAN_COORDINATES_AT);
    gridFeatures(coordinates, dimensions, parameters, levelOf(plan, level), corners, from, width, axis);
  }
  const at = load<usize>(plan, PLAN_MAPPING_COLUMN) << 2, columns = load<i32>(plan, PLAN_FREQUENCY_COLUMNS);
  if (load<i32>(plan, PLAN_MAPPING) == 0) plainDerivative(axis, from + at, width);
  else if (columns > 0) {
    const row = parameters + load<usize>(plan, PLAN_FREQUENCIES_AT) + (<usize>(axis * columns) << 2);
    fourierDerivative(scratch + load<usize>(layerOf(plan, 0), LAYER_INPUT_AT) + at, row, columns, from + at, width);
  }
  const layers = load<i32>(plan, PLAN_LAYERS);
  for (let l = 0; l < layers; l++) {
    const layer = layerOf(plan, l), outputs = load<i32>(layer, LAYER_OUTPUTS), last = l == layers - 1;
    const to = last ? scratch + load<usize>(plan, PLAN_OUTPUT_AT) : other;
    const weights = parameters + load<usize>(layer, LAYER_WEIGHTS_AT), packed = scratch + load<usize>(plan, PLAN_PACKED_AT);
    forward(from, load<i32>(layer, LAYER_INPUTS), weights, 0, to, outputs, packed);
    if (!last) multiplyTile(to, scratch + load<usize>(layer, LAYER_DERIVATIVE_AT), outputs);
    other = from;
    from = to;
  }
}

/** Outputs of samples `first` to `first + count` of `source`, PLAN_OUTPUTS floats each, to `to`. */
export function evaluate(plan: usize, scratch: usize, source: usize, first: u32, count: i32, to: usize): void {
  evaluateDerivatives(plan, scratch, source, first, count, to, 0);
}

/**
 * The same, and behind all outputs those of their derivatives along every coordinate whose bit `axes`
 * has set, one coordinate after another.
 */
export function evaluateDerivatives(
  plan: usize, scratch: usize, source: usize, first: u32, count: i32, to: usize, axes: i32,
): void {
  const dimensions = load<i32>(plan, PLAN_DIMENSIONS), bytes = load<usize>(plan, PLAN_OUTPUTS) << 2;
  const coordinates = scratch + load<usize>(plan, PLAN_COORDINATES_AT), outputs = scratch + load<usize>(plan, PLAN_OUTPUT_AT);
  const stride = rowStride(load<i32>(layerOf(plan, load<i32>(plan, PLAN_LAYERS) - 1), LAYER_OUTPUTS));
  for (let done = 0; done < count; done += TILE_ROWS, to += TILE_ROWS * bytes) {
    const rows = min(count - done, TILE_ROWS);
    for (let i = 0; i < TILE_ROWS; i++) {
      gather(source, first + done + min(i, rows - 1), dimensions, coordinates + 16 * <usize>i);
    }
    tileForward(plan, scratch);
    for (let i = 0; i < rows; i++) memory.copy(to + <usize>i * bytes, outputs + <usize>i * stride, bytes);
    let behind = to;
    for (let axis = 0; axis < dimensions; axis++) {
      if (!(axes & (1 << axis))) continue;
      tileDerivative(plan, scratch, axis);
      behind += <usize>count * bytes;
      for (let i = 0; i < rows; i++) memory.copy(behind + <usize>i * bytes, outputs + <usize>i * stride, bytes);
    }
  }
}
