/**
 * How parameters lie in the kernels' memory: columns rounded up to 8, weights in panels of 8 columns,
 * every array at a multiple of 64 bytes. Padding is 0 and stays 0.
 */
import {
  checkShape,
  countOfArray,
  featuresOf,
  type NetworkShape,
  type ParameterArray,
  parametersOf,
} from "./shape.js";

export interface ArrayLayout extends ParameterArray {
  /** First float among the parameters as the kernels see them, and floats with padding. */
  readonly at: number;
  readonly length: number;
  /** First place among the parameters as a list, and their number. */
  readonly index: number;
  readonly count: number;
}

export interface LayerLayout {
  /** Columns with padding. */
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: ArrayLayout;
  readonly bias?: ArrayLayout;
}

export interface NetworkLayout {
  readonly shape: NetworkShape;
  readonly arrays: readonly ArrayLayout[];
  readonly layers: readonly LayerLayout[];
  /** Column of a level's first feature. */
  readonly levelColumns: readonly number[];
  /** Column of the first sine, or coordinate. */
  readonly mappingColumn: number;
  /** Columns that the sines take. */
  readonly frequencyColumns: number;
  /** Parameters as a list. */
  readonly parameters: number;
  /** Floats of the parameters as the kernels see them: a multiple of 16. */
  readonly floats: number;
}

export const roundUp = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;

export function layoutOf(shape: NetworkShape): NetworkLayout {
  checkShape(shape);
  const levelColumns: number[] = [];
  let column = 0;
  for (const { features } of shape.levels) {
    levelColumns.push(column);
    column += roundUp(features, 4);
  }
  const mappingColumn = column;
  const mapped = shape.mapping !== "off";
  const frequencyColumns = mapped ? roundUp(shape.frequencies, 4) : 0;
  const columns = roundUp(mappingColumn + (mapped ? 2 * frequencyColumns : 4), 8);
  const widths = [columns, ...[...shape.widths, shape.outputs].map((width) => roundUp(width, 8))];
  let at = 0;
  let index = 0;
  let layer = 0;
  const arrays = parametersOf(shape).map((array): ArrayLayout => {
    const count = countOfArray(array);
    if (array.role === "weights") layer++;
    const length = {
      grid: () => (count / array.shape.at(-1)!) * roundUp(array.shape.at(-1)!, 4),
      frequencies: () => shape.dimensions * frequencyColumns,
      phases: () => frequencyColumns,
      weights: () => widths[layer - 1] * widths[layer],
      bias: () => widths[layer],
    }[array.role]();
    const result = { ...array, at, length, index, count };
    // Phases stand right behind the frequencies: no gap there.
    at = array.role === "frequencies" ? at + length : roundUp(at + length, 16);
    index += count;
    return result;
  });
  const named = (name: string) => arrays.find((array) => array.name === name);
  const layers = widths.slice(1).map((outputs, l) => ({
    inputs: widths[l],
    outputs,
    weights: named(`weights${l}`)!,
    bias: named(`bias${l}`),
  }));
  return {
    ...{ shape, arrays, layers, levelColumns, mappingColumn, frequencyColumns },
    parameters: index,
    floats: at,
  };
}

/** Spreads parameters, a list in the order of `parametersOf`, into the kernels' form. */
export function spread(layout: NetworkLayout, list: Float32Array, to: Float32Array): void {
  if (list.length !== layout.parameters) {
    throw new RangeError(`network: ${layout.parameters} parameters expected, ${list.length} found`);
  }
  eachParameter(layout, (index, at) => {
    to[at] = list[index];
  });
}

/** The other way round. */
export function gather(layout: NetworkLayout, from: Float32Array): Float32Array {
  const list = new Float32Array(layout.parameters);
  eachParameter(layout, (index, at) => {
    list[index] = from[at];
  });
  return list;
}

/** Visits every parameter with its place in the list and in the kernels' form. */
export function eachParameter(
  layout: NetworkLayout,
  visit: (index: number, at: number) => void,
): void {
  for (const array of layout.arrays) {
    const columns = array.shape.at(-1)!;
    const layer = layout.layers.findIndex(({ weights }) => weights === array);
    const rows = layer === 0 ? featureColumns(layout) : undefined;
    for (let i = 0; i < array.count; i++) {
      const row = Math.floor(i / columns);
      const column = i - row * columns;
      let place = i;
      if (array.role === "grid") place = row * roundUp(columns, 4) + column;
      else if (array.role === "frequencies") place = column * layout.frequencyColumns + row;
      else if (array.role === "weights") {
        const panel = column >> 3;
        const input = rows ? rows[row] : row;
        place = (panel * layout.layers[layer].inputs + input) * 8 + (column & 7);
      }
      visit(array.index + i, array.at + place);
    }
  }
}

/** The column of every feature. */
export function featureColumns(layout: NetworkLayout): number[] {
  const { shape, levelColumns, mappingColumn, frequencyColumns } = layout;
  const columns = shape.levels.flatMap(({ features }, level) =>
    Array.from({ length: features }, (_, i) => levelColumns[level] + i),
  );
  const rest = featuresOf(shape) - columns.length;
  for (let i = 0; i < rest; i++) {
    const cosine = shape.mapping !== "off" && i >= shape.frequencies;
    columns.push(mappingColumn + (cosine ? frequencyColumns + i - shape.frequencies : i));
  }
  return columns;
}
