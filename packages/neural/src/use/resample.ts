/** A dataset at other places than the stored ones. */
import {
  allocate,
  type Box,
  countOf,
  type DataArray,
  Dataset,
  indicesOf,
  insertBox,
  isCoordinate,
  isFloatType,
  memoryVariable,
  stridesOf,
  textOf,
  type Variable,
  type VariableSource,
} from "@fieldzip/core";
import { asValues, positionsOf, shapeOn, together } from "./computed.js";
import { coordinateAt, coordinateOf, readCoordinates } from "./coordinates.js";
import type { AxisPlaces, GridPlaces } from "./grid-places.js";
import { clampPosition } from "./places.js";
import { isStoredGrid, type Sampler } from "./sampler.js";
import { storedValues } from "./stored-values.js";

/**
 * The dataset of a sampler at new places: floats are computed there (stored ones, where something is stored at
 * every place, come to the bit), coordinates and cell bounds follow, of everything else the nearest value counts.
 * Values are computed as they are read.
 */
export async function resample(
  sampler: Sampler,
  places: GridPlaces,
  signal?: AbortSignal,
): Promise<Dataset> {
  const { dataset } = sampler;
  if (places.size === 0) return dataset;
  const variables: VariableSource[] = [];
  const computed = new Map<string, ReturnType<typeof together>>();
  for (const variable of dataset.variables) {
    const { source, dimensions, dataType } = variable;
    const edges = boundsDimension(dataset, variable);
    if (!dimensions.some((dimension) => places.has(dimension))) {
      variables.push(source);
    } else if (isCoordinate(variable) && coordinateOf(dataset, variable.name)) {
      variables.push(await coordinates(dataset, variable, places.get(dimensions[0])!, signal));
    } else if (edges && places.has(edges)) {
      variables.push(await bounds(variable, places.get(edges)!, signal));
    } else if (isFloatType(dataType)) {
      const key = `${dimensions} ${dataType}`;
      const share = computed.get(key) ?? together(computeOf(sampler, variable, places));
      computed.set(key, share);
      variables.push(floats(variable, places, share));
    } else {
      variables.push(nearest(variable, places));
    }
  }
  return new Dataset({
    ...dataset.source,
    original: undefined,
    dimensions: dataset.dimensions.map((dimension) => ({
      ...dimension,
      size: places.get(dimension.name)?.positions.length ?? dimension.size,
    })),
    variables,
  });
}

/** All variables like the given one, box by box. */
function computeOf(sampler: Sampler, like: Variable, places: GridPlaces) {
  const names = sampler.dataset.variables
    .filter(
      (variable) =>
        `${variable.dimensions}` === `${like.dimensions}` && variable.dataType === like.dataType,
    )
    .map(({ name }) => name);
  return async (box: Box, signal?: AbortSignal) => {
    const axes = positionsOf(like.dimensions, places, box);
    const found = await sampler.sample(names, { axes }, { signal });
    return new Map(names.map((name, k) => [name, found[k].values]));
  };
}

function floats(
  variable: Variable,
  places: GridPlaces,
  compute: ReturnType<typeof together>,
): VariableSource {
  const { source, dimensions, dataType, name } = variable;
  return {
    ...renewed(source, places),
    async readBox(box, signal) {
      const axes = positionsOf(dimensions, places, box);
      if (isStoredGrid({ axes })) return pick(variable, axes, signal);
      return asValues(
        await compute(name, box, signal),
        dataType as "float32" | "float64",
        variable,
      );
    },
  };
}

function nearest(variable: Variable, places: GridPlaces): VariableSource {
  const { source, dimensions, shape } = variable;
  return {
    ...renewed(source, places),
    readBox: (box, signal) =>
      pick(
        variable,
        positionsOf(dimensions, places, box).map((axis, a) =>
          axis.map((position) => Math.round(clampPosition(position, shape[a]))),
        ),
        signal,
      ),
  };
}

function renewed(source: VariableSource, places: GridPlaces) {
  return { ...source, original: undefined, storedChunk: undefined, shape: shapeOn(source, places) };
}

/** Stored values that are held at once to pick some of them. */
const MOST_VALUES = 2 ** 22;

/** Stored values at whole, rising positions, bit by bit. */
async function pick(
  variable: Variable,
  axes: readonly Float64Array[],
  signal?: AbortSignal,
): Promise<DataArray> {
  const shape = axes.map(({ length }) => length);
  if (countOf(shape) === 0) return allocate(variable.dataType, 0);
  const start = axes.map((axis) => axis[0]);
  const extent = axes.map((axis, a) => axis[axis.length - 1] - start[a] + 1);
  if (axes.every((axis, a) => axis.every((position, i) => position === start[a] + i))) {
    return variable.readBox({ start, shape: extent }, signal);
  }
  const result = allocate(variable.dataType, countOf(shape));
  const longest = extent.indexOf(Math.max(...extent));
  if (countOf(extent) > MOST_VALUES && shape[longest] > 1) {
    const middle = shape[longest] >> 1;
    for (const [from, to] of [
      [0, middle],
      [middle, shape[longest]],
    ]) {
      const part = axes.with(longest, axes[longest].subarray(from, to));
      const box = {
        start: shape.map(() => 0).with(longest, from),
        shape: shape.with(longest, to - from),
      };
      insertBox(result, shape, box, await pick(variable, part, signal));
    }
    return result;
  }
  const data = await variable.readBox({ start, shape: extent }, signal);
  const strides = stridesOf(extent);
  const offsets = axes.map((axis, a) => axis.map((position) => (position - start[a]) * strides[a]));
  const row = axes.length - 1;
  let to = 0;
  for (const index of indicesOf(shape.slice(0, row))) {
    const from = index.reduce((sum, i, a) => sum + offsets[a][i], 0);
    for (const offset of offsets[row]) copyValue(data, from + offset, result, to++);
  }
  return result;
}

/** Not through a number: a NaN keeps its payload. */
function copyValue(from: DataArray, at: number, to: DataArray, place: number): void {
  if (Array.isArray(from)) (to as string[])[place] = from[at];
  else (to as Float64Array).set((from as Float64Array).subarray(at, at + 1), place);
}

async function coordinates(
  dataset: Dataset,
  variable: Variable,
  { positions }: AxisPlaces,
  signal?: AbortSignal,
): Promise<VariableSource> {
  const { name, dimensions, attributes, dataType } = variable;
  const axis = await readCoordinates(dataset, name, signal);
  const whole = positions.every(Number.isInteger);
  if (!axis.values || whole) return nearest(variable, new Map([[name, { positions, width: 1 }]]));
  const values = positions.map((position) => coordinateAt(axis, position));
  // A coordinate of whole numbers has fractions now.
  const type = dataType === "float32" ? "float32" : "float64";
  const list = type === "float32" ? new Float32Array(values) : values;
  return memoryVariable(name, type, dimensions, [list.length], list, attributes);
}

/** The dimension whose cells' edges a variable holds, as CF has them: `bounds` of a coordinate, [cells, 2]. */
function boundsDimension(dataset: Dataset, { name, shape, dimensions, dataType }: Variable) {
  if (shape.length !== 2 || shape[1] !== 2 || !isFloatType(dataType)) return undefined;
  const coordinate = coordinateOf(dataset, dimensions[0]);
  return coordinate && textOf(coordinate, "bounds") === name ? dimensions[0] : undefined;
}

/** Edges of new cells: between the stored edges straight on. */
async function bounds(
  variable: Variable,
  { positions, width }: AxisPlaces,
  signal?: AbortSignal,
): Promise<VariableSource> {
  const { name, dimensions, attributes, shape, dataType } = variable;
  const stored = await storedValues(variable).read({ start: [0, 0], shape }, signal);
  // An edge that was stored is taken as it is: a lower one from its cell, an upper one from its own.
  const edgeAt = (position: number, upper: boolean) => {
    const place = Math.min(Math.max(position, 0), shape[0]);
    const cell = upper
      ? Math.max(Math.ceil(place) - 1, 0)
      : Math.min(Math.floor(place), shape[0] - 1);
    const [low, high] = stored.subarray(2 * cell, 2 * cell + 2);
    const rest = place - cell;
    return rest === 0 ? low : rest === 1 ? high : low + rest * (high - low);
  };
  const edges = Float64Array.from({ length: 2 * positions.length }, (_, i) =>
    edgeAt(positions[i >> 1] + 0.5 + (i % 2 === 0 ? -width : width) / 2, i % 2 === 1),
  );
  const type = dataType as "float32" | "float64";
  const list = type === "float32" ? new Float32Array(edges) : edges;
  return memoryVariable(name, type, dimensions, [positions.length, 2], list, attributes);
}
