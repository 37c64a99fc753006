/** Values of an array of networks on a grid of places. */
import { countOf, indicesOf, stridesOf, throwIfAborted } from "@fieldzip/core";
import type { ChunkPiece } from "./chunk-network.js";
import { type AxisPart, axisParts } from "./chunk-parts.js";
import { interpolate, type Sampled } from "./interpolate.js";
import { maskValues, type NetworkArray, storedInChunk } from "./network-array.js";

export interface GridOptions {
  /** All places are stored ones and have the stored values: where a network was corrected or masked, its chunk is decoded. */
  readonly stored?: boolean;
  /** The network's own values, where there are none, too. */
  readonly unmasked?: boolean;
  readonly signal?: AbortSignal;
}

/** `members`: places of the variables in the array; a result each. */
export async function sampleNetworkGrid(
  array: NetworkArray,
  members: readonly number[],
  axes: readonly Float64Array[],
  derivatives: readonly number[],
  options: GridOptions = {},
): Promise<Sampled[]> {
  const shape = axes.map(({ length }) => length);
  const list = () => new Float64Array(countOf(shape));
  const results = members.map(() => ({ values: list(), derivatives: derivatives.map(list) }));
  const parts = axes.map((positions, axis) =>
    axisParts(positions, array.shape[axis], array.chunk[axis]),
  );
  for (const index of indicesOf(parts.map(({ length }) => length))) {
    throwIfAborted(options.signal);
    const chosen = index.map((i, axis) => parts[axis][i]);
    await addChunk(array, members, chosen, derivatives, results, stridesOf(shape), options);
  }
  return results;
}

async function addChunk(
  array: NetworkArray,
  members: readonly number[],
  parts: readonly AxisPart[],
  derivatives: readonly number[],
  results: readonly Sampled[],
  strides: readonly number[],
  { stored: mustBeStored = false, unmasked = false, signal }: GridOptions,
): Promise<void> {
  const index = parts.map(({ chunk }) => chunk);
  const network = await array.network(index, signal);
  const weights = parts.map((part) => part.weights);
  const allAxes = parts.map((_, axis) => axis);
  /** Adds values and derivatives of one member, which run over `known` axes and are the same along others. */
  const add = (
    member: number,
    known: readonly number[],
    first: number,
    values: Float64Array,
    slopes: readonly (Float64Array | undefined)[],
  ) => {
    const { values: to, derivatives: lists } = results[member];
    addPiece(to, strides, parts, weights, known, first, values, true);
    derivatives.forEach((axis, k) => {
      const between = weights.with(axis, parts[axis].slopes);
      if (parts[axis].slopes.some((slope) => slope !== 0)) {
        addPiece(lists[k], strides, parts, between, known, first, values, false);
      }
      const slope = slopes[k];
      if (!slope) return;
      const inside = weights.with(axis, parts[axis].inside);
      addPiece(lists[k], strides, parts, inside, known, first, slope, false);
    });
  };
  if (!network || (mustBeStored && (network.model.corrected || network.model.masked))) {
    const places = { axes: parts.map(({ local }) => Float64Array.from(local)) };
    for (const [m, member] of members.entries()) {
      const stored = storedInChunk(array, member, index);
      const found = await interpolate(stored, places, derivatives, signal);
      add(m, allAxes, 0, found.values, found.derivatives);
    }
    return;
  }
  const { coordinateAxes } = network.model;
  const along = derivatives.filter((axis) => coordinateAxes.includes(axis));
  const places = { axes: coordinateAxes.map((axis) => Float64Array.from(parts[axis].local)) };
  const request = {
    places,
    variables: members,
    derivatives: along.map((axis) => coordinateAxes.indexOf(axis)),
  };
  const take = (piece: ChunkPiece) => {
    members.forEach((_, m) => {
      const slopes = derivatives.map((axis) => {
        const k = along.indexOf(axis);
        return k < 0 ? undefined : piece.derivatives[k][m];
      });
      add(m, coordinateAxes, piece.first, piece.values[m], slopes);
    });
  };
  await network.evaluate(request, take, { pool: array.pool, signal });
  if (network.model.masked && !unmasked) {
    await maskValues(array, members, parts, results, strides, signal);
  }
}

/**
 * Adds `source` times the factors of every axis: values from `first` on of a grid over the `known` axes,
 * C order, which are the same along all others. `whole`: where the factor is 1 no other chunk has a share,
 * and the value is taken as it is.
 */
function addPiece(
  to: Float64Array,
  strides: readonly number[],
  parts: readonly AxisPart[],
  factors: readonly (readonly number[])[],
  known: readonly number[],
  first: number,
  source: Float64Array,
  whole: boolean,
): void {
  const others = parts.flatMap((_, axis) => (known.includes(axis) ? [] : [axis]));
  const row = known[known.length - 1];
  const rowLength = parts[row].places.length;
  const rowFactors = Float64Array.from(factors[row]);
  const rowOffsets = Float64Array.from(parts[row].places, (place) => place * strides[row]);
  for (const index of indicesOf(others.map((axis) => parts[axis].places.length))) {
    let factor = 1;
    let offset = 0;
    others.forEach((axis, k) => {
      factor *= factors[axis][index[k]];
      offset += parts[axis].places[index[k]] * strides[axis];
    });
    if (factor === 0) continue;
    for (let done = 0; done < source.length; ) {
      const at = first + done;
      const start = at % rowLength;
      const count = Math.min(rowLength - start, source.length - done);
      let rest = (at - start) / rowLength;
      let rowFactor = factor;
      let rowOffset = offset;
      for (let k = known.length - 2; k >= 0; k--) {
        const axis = known[k];
        const { places } = parts[axis];
        const i = rest % places.length;
        rest = (rest - i) / places.length;
        rowFactor *= factors[axis][i];
        rowOffset += places[i] * strides[axis];
      }
      if (rowFactor !== 0) {
        for (let i = 0; i < count; i++) {
          const weight = rowFactor * rowFactors[start + i];
          const place = rowOffset + rowOffsets[start + i];
          const value = source[done + i];
          if (whole && weight === 1) to[place] = value;
          else if (weight !== 0) to[place] += weight * value;
        }
      }
      done += count;
    }
  }
}
