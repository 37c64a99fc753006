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
  eachRun(layout, (index, at, count, stride) => {
    if (stride === 1) to.set(list.subarray(index, index + count), at);
    else for (let i = 0; i < count; i++) to[at + i * stride] = list[index + i];
  });
}

/** The other way round. */
export function gather(layout: NetworkLayout, from: Float32Array): Float32Array {
  const list = new Float32Array(layout.parameters);
  eachRun(layout, (index, at, count, stride) => {
    if (stride === 1) list.set(from.subarray(at, at + count), index);
    else for (let i = 0; i < count; i++) list[index + i] = from[at + i * stride];
  });
  return list;
}

/** Visits runs of parameters: first place in the list and in the kernels' form, number, and stride there. */
function eachRun(
  layout: NetworkLayout,
  visit: (index: number, at: number, count: number, stride: number) => void,
): void {
  for (const array of layout.arrays) {
    const { index, at, count, role } = array;
    const columns = array.shape.at(-1)!;
    const rows = count / columns;
    const whole = role === "phases" || role === "bias" || (role === "grid" && columns % 4 === 0);
    if (whole) {
      visit(index, at, count, 1);
      continue;
    }
    const layer = layout.layers.findIndex(({ weights }) => weights === array);
    const places = layer === 0 ? featureColumns(layout) : undefined;
    for (let row = 0; row < rows; row++) {
      const first = index + row * columns;
      if (role === "grid") visit(first, at + row * roundUp(columns, 4), columns, 1);
      else if (role === "frequencies") visit(first, at + row, columns, layout.frequencyColumns);
      else {
        const { inputs } = layout.layers[layer];
        for (let column = 0; column < columns; column += 8) {
          const place = (column >> 3) * inputs + (places ? places[row] : row);
          visit(first + column, at + 8 * place, Math.min(8, columns - column), 1);
        }
      }
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
