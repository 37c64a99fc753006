/** Datasets whose values are computed as they are read. */
import type { Box, DataArray, FloatType, Variable, VariableSource } from "@fieldzip/core";
import type { GridPlaces } from "./grid-places.js";
import { missingOf } from "./stored-values.js";

/** Positions of a box of a variable on new places, an axis after the other. */
export function positionsOf(
  dimensions: readonly string[],
  places: GridPlaces,
  { start, shape }: Box,
): Float64Array[] {
  return dimensions.map((dimension, axis) => {
    const [from, count] = [start[axis], shape[axis]];
    const chosen = places.get(dimension)?.positions;
    return (
      chosen?.slice(from, from + count) ?? Float64Array.from({ length: count }, (_, i) => from + i)
    );
  });
}

/** The shape that a variable has on new places. */
export function shapeOn(variable: VariableSource, places: GridPlaces): number[] {
  return variable.dimensions.map(
    (dimension, axis) => places.get(dimension)?.positions.length ?? variable.shape[axis],
  );
}

/** What is computed in one go for a box, by name. */
export type ComputeBox = (box: Box, signal?: AbortSignal) => Promise<Map<string, Float64Array>>;

/**
 * Hands the results of one computation out one by one: who reads variables side by side, box by box, has each
 * box computed once. The last box is kept.
 */
export function together(
  compute: ComputeBox,
): (name: string, box: Box, signal?: AbortSignal) => Promise<Float64Array> {
  let last:
    | { readonly key: string; readonly results: Promise<Map<string, Float64Array>> }
    | undefined;
  return async (name, box, signal) => {
    const key = `${box.start} / ${box.shape}`;
    if (last?.key !== key) last = { key, results: compute(box, signal) };
    const { results } = last;
    try {
      return (await results).get(name)!;
    } catch (error) {
      if (last?.results === results) last = undefined;
      throw error;
    }
  };
}

/** Computed numbers as values of a variable: NaN becomes what it calls missing. */
export function asValues(
  values: Float64Array,
  type: FloatType,
  variable: Pick<Variable, "attributes">,
): DataArray {
  const [missing] = missingOf(variable);
  const list = type === "float32" ? new Float32Array(values) : values;
  return missing === undefined
    ? list
    : list.map((value) => (Number.isNaN(value) ? missing : value));
}
