/** Lays a network out in WebAssembly memory: plan, scratch of a share, source of samples. */
import { type LayerLayout, type NetworkLayout, roundUp } from "./layout.js";
import * as o from "./offsets.js";
import type { Activation } from "./shape.js";

/**
 * Where samples are. Axes: every combination of the axes' coordinates, the last axis fastest. Points: a
 * list of coordinates, one point after another. Coordinates run from -1 to 1.
 */
export type Coordinates =
  | { readonly axes: readonly Float32Array[] }
  | { readonly points: Float32Array };

export function countOfCoordinates(coordinates: Coordinates, dimensions: number): number {
  return "axes" in coordinates
    ? coordinates.axes.reduce((product, { length }) => product * length, 1)
    : coordinates.points.length / dimensions;
}

/** Throws RangeError where coordinates do not fit the network. */
export function checkCoordinates(coordinates: Coordinates, dimensions: number): void {
  const count = countOfCoordinates(coordinates, dimensions);
  const axes = "axes" in coordinates ? coordinates.axes.length : dimensions;
  if (axes !== dimensions || !Number.isInteger(count) || count === 0 || count > 2 ** 32 - 1) {
    throw new RangeError(
      `coordinates: 1 to 2^32 - 1 points of ${dimensions} coordinates expected, ${count} of ${axes} found`,
    );
  }
}

const activations: Record<Activation, number> = {
  relu: o.ACTIVATION_RELU,
  sine: o.ACTIVATION_SINE,
  smooth: o.ACTIVATION_SMOOTH,
};
const mappings = { off: 0, fixed: 1, learned: 2 };

const tileBytes = (columns: number) => o.TILE_ROWS * (4 * columns + o.ROW_SKEW);

/** Offsets in a share's scratch, and its bytes. */
export interface ScratchLayout {
  readonly errors: number;
  readonly coordinates: number;
  readonly corners: number;
  readonly output: number;
  readonly delta: number;
  readonly otherDelta: number;
  readonly packed: number;
  readonly inputs: readonly number[];
  readonly derivatives: readonly number[];
  readonly transposed: readonly number[];
  readonly bytes: number;
}

export function scratchOf({ shape, layers }: NetworkLayout): ScratchLayout {
  let bytes = 0;
  const take = (size: number) => {
    const at = bytes;
    bytes = roundUp(bytes + size, 64);
    return at;
  };
  const last = layers.at(-1)!.outputs;
  const widest = Math.max(...layers.map(({ inputs }) => inputs));
  const each = (size: (layer: LayerLayout) => number) => layers.map((layer) => take(size(layer)));
  const corners = shape.levels.length * 8 * 3 ** shape.dimensions;
  return {
    errors: take(8 * last),
    // Behind the coordinates stand the addresses of the targets.
    coordinates: take(o.TILE_ROWS * 20),
    corners: take(o.TILE_ROWS * corners),
    output: take(tileBytes(last)),
    delta: take(tileBytes(widest)),
    otherDelta: take(tileBytes(widest)),
    packed: take(tileBytes(Math.max(widest, last))),
    inputs: each(({ inputs }) => tileBytes(inputs)),
    derivatives: each(({ outputs }) => tileBytes(outputs)),
    transposed: each(({ inputs, outputs }) => 4 * inputs * outputs),
    bytes,
  };
}

export function planBytes({ shape, layers }: NetworkLayout): number {
  return o.PLAN_HEAD + o.LAYER_STRIDE * layers.length + o.LEVEL_STRIDE * shape.levels.length;
}

export function writePlan(
  view: DataView,
  plan: number,
  layout: NetworkLayout,
  parameters: number,
  lossFactors: number,
): void {
  const { shape, layers } = layout;
  const scratch = scratchOf(layout);
  const put = (at: number, value: number) => view.setInt32(plan + at, value, true);
  const mapped = shape.mapping !== "off";
  put(o.PLAN_DIMENSIONS, shape.dimensions);
  put(o.PLAN_OUTPUTS, shape.outputs);
  put(o.PLAN_FREQUENCIES, mapped ? shape.frequencies : 0);
  put(o.PLAN_FREQUENCY_COLUMNS, layout.frequencyColumns);
  put(o.PLAN_MAPPING, mappings[shape.mapping]);
  put(o.PLAN_ACTIVATION, activations[shape.activation]);
  put(o.PLAN_LAYERS, layers.length);
  put(o.PLAN_LEVELS, shape.levels.length);
  put(o.PLAN_MAPPING_COLUMN, layout.mappingColumn);
  const frequencies = layout.arrays.find(({ role }) => role === "frequencies");
  put(o.PLAN_FREQUENCIES_AT, 4 * (frequencies?.at ?? 0));
  put(o.PLAN_PARAMETERS, parameters);
  put(o.PLAN_LOSS_FACTORS, lossFactors);
  put(o.PLAN_ERRORS_AT, scratch.errors);
  put(o.PLAN_COORDINATES_AT, scratch.coordinates);
  put(o.PLAN_CORNERS_AT, scratch.corners);
  put(o.PLAN_OUTPUT_AT, scratch.output);
  put(o.PLAN_DELTA_AT, scratch.delta);
  put(o.PLAN_OTHER_DELTA_AT, scratch.otherDelta);
  put(o.PLAN_PACKED_AT, scratch.packed);
  layers.forEach(({ inputs, outputs, weights, bias }, l) => {
    const at = o.PLAN_HEAD + o.LAYER_STRIDE * l;
    put(at + o.LAYER_INPUTS, inputs);
    put(at + o.LAYER_OUTPUTS, outputs);
    put(at + o.LAYER_WEIGHTS_AT, 4 * weights.at);
    put(at + o.LAYER_BIAS_AT, bias ? 4 * bias.at : o.NO_BIAS);
    put(at + o.LAYER_INPUT_AT, scratch.inputs[l]);
    put(at + o.LAYER_DERIVATIVE_AT, scratch.derivatives[l]);
    put(at + o.LAYER_TRANSPOSED_AT, scratch.transposed[l]);
  });
  shape.levels.forEach(({ features, nodes }, level) => {
    const at = o.PLAN_HEAD + o.LAYER_STRIDE * layers.length + o.LEVEL_STRIDE * level;
    put(at + o.LEVEL_FEATURES, roundUp(features, 4));
    put(at + o.LEVEL_VALUES_AT, 4 * layout.arrays[level].at);
    put(at + o.LEVEL_COLUMN, layout.levelColumns[level]);
    nodes.forEach((count, axis) => {
      put(at + o.LEVEL_NODES + 4 * axis, count);
    });
  });
}

/** Bytes of a source's tables, without targets. */
export function tableBytes(coordinates: Coordinates): number {
  const arrays = "axes" in coordinates ? coordinates.axes : [coordinates.points];
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Writes the source at `source` and its coordinates at `table`. */
export function writeSource(
  buffer: ArrayBufferLike,
  source: number,
  coordinates: Coordinates,
  table: number,
  targets = 0,
  targetStride = 0,
): void {
  const view = new DataView(buffer, source, o.SOURCE_BYTES);
  const arrays = "axes" in coordinates ? coordinates.axes : [coordinates.points];
  view.setInt32(o.SOURCE_AXES, "axes" in coordinates ? 1 : 0, true);
  view.setUint32(o.SOURCE_COORDINATES, table, true);
  view.setUint32(o.SOURCE_TARGETS, targets, true);
  view.setUint32(o.SOURCE_TARGET_STRIDE, targetStride, true);
  let at = table;
  arrays.forEach((array, axis) => {
    if ("axes" in coordinates) view.setUint32(o.SOURCE_LENGTHS + 4 * axis, array.length, true);
    new Float32Array(buffer, at, array.length).set(array);
    at += array.byteLength;
  });
}

/** Consecutive addresses of buffers, 64-byte aligned, and the end; 0 is never used. */
export function addressesOf(sizes: readonly number[]): number[] {
  const result: number[] = [];
  let at = 64;
  for (const size of sizes) {
    result.push(at);
    at = roundUp(at + size, 64);
  }
  return [...result, at];
}

/** Memory that threads can share, as large as it needs to be. */
export function sharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65536);
  if (pages > 65536) {
    throw new RangeError(`network: ${bytes} bytes of memory needed, WebAssembly has 2^32`);
  }
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
