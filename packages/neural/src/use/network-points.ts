/** Values of an array of networks at a list of points. */
import { throwIfAborted } from "@fieldzip/core";
import type { ChunkPiece } from "./chunk-network.js";
import { partsAt } from "./chunk-parts.js";
import { interpolate, type Sampled } from "./interpolate.js";
import { type NetworkArray, storedInChunk } from "./network-array.js";

/** What one chunk has to say about which points. */
interface Share {
  readonly index: readonly number[];
  readonly points: number[];
  /** Position in the chunk, an axis after the other, point by point. */
  readonly local: number[];
  /** Factor of the chunk's value. */
  readonly weights: number[];
  /** By derivative: factor of the chunk's own derivative, and of its value. */
  readonly inside: number[][];
  readonly slopes: number[][];
}

/** `members`: places of the variables in the array; a result each. */
export async function sampleNetworkPoints(
  array: NetworkArray,
  members: readonly number[],
  points: Float64Array,
  derivatives: readonly number[],
  signal?: AbortSignal,
): Promise<Sampled[]> {
  const count = points.length / array.shape.length;
  const list = () => new Float64Array(count);
  const results = members.map(() => ({ values: list(), derivatives: derivatives.map(list) }));
  for (const share of sharesOf(array, points, derivatives)) {
    throwIfAborted(signal);
    const found = await sampleShare(array, members, share, derivatives, signal);
    results.forEach((result, m) => {
      share.points.forEach((point, i) => {
        const value = found[m].values[i];
        const weight = share.weights[i];
        // Where one chunk alone has a share its value is taken as it is.
        if (weight === 1) result.values[point] = value;
        else if (weight !== 0) result.values[point] += weight * value;
        derivatives.forEach((_, k) => {
          const [inside, slope] = [share.inside[k][i], share.slopes[k][i]];
          if (inside !== 0) result.derivatives[k][point] += inside * found[m].derivatives[k][i];
          if (slope !== 0) result.derivatives[k][point] += slope * value;
        });
      });
    });
  }
  return results;
}

function sharesOf(
  { shape, chunk }: NetworkArray,
  points: Float64Array,
  derivatives: readonly number[],
): Iterable<Share> {
  const shares = new Map<string, Share>();
  const rank = shape.length;
  for (let point = 0; point < points.length / rank; point++) {
    const parts = shape.map((length, axis) => [
      ...partsAt(points[point * rank + axis], length, chunk[axis]),
    ]);
    const add = (chosen: (typeof parts)[number]): void => {
      if (chosen.length < rank) {
        for (const part of parts[chosen.length]) add([...chosen, part]);
        return;
      }
      const index = chosen.map((part) => part.chunk);
      let share = shares.get(index.join());
      if (!share) {
        const lists = () => derivatives.map((): number[] => []);
        share = { index, points: [], local: [], weights: [], inside: lists(), slopes: lists() };
        shares.set(index.join(), share);
      }
      share.points.push(point);
      share.local.push(...chosen.map((part) => part.local));
      share.weights.push(chosen.reduce((product, { weight }) => product * weight, 1));
      derivatives.forEach((along, k) => {
        const others = chosen.reduce(
          (product, { weight }, axis) => (axis === along ? product : product * weight),
          1,
        );
        share.inside[k].push(others * chosen[along].inside);
        share.slopes[k].push(others * chosen[along].slope);
      });
    };
    add([]);
  }
  return shares.values();
}

async function sampleShare(
  array: NetworkArray,
  members: readonly number[],
  { index, local }: Share,
  derivatives: readonly number[],
  signal?: AbortSignal,
): Promise<Sampled[]> {
  const rank = array.shape.length;
  const count = local.length / rank;
  const points = Float64Array.from(local);
  const network = await array.network(index, signal);
  const results: Sampled[] = [];
  if (!network) {
    for (const member of members) {
      const stored = storedInChunk(array, member, index);
      results.push(await interpolate(stored, { points }, derivatives, signal));
    }
    return results;
  }
  const { coordinateAxes, corrected, masked } = network.model;
  const coordinates = coordinateAxes.length;
  const onCoordinates = new Float64Array(count * coordinates);
  for (let i = 0; i < count; i++) {
    coordinateAxes.forEach((axis, k) => {
      onCoordinates[i * coordinates + k] = points[i * rank + axis];
    });
  }
  const list = () => new Float64Array(count);
  results.push(...members.map(() => ({ values: list(), derivatives: derivatives.map(list) })));
  const along = derivatives.filter((axis) => coordinateAxes.includes(axis));
  const request = {
    places: { points: onCoordinates },
    variables: members,
    derivatives: along.map((axis) => coordinateAxes.indexOf(axis)),
  };
  const take = ({ first, values, derivatives: lists }: ChunkPiece) => {
    results.forEach((result, m) => {
      result.values.set(values[m], first);
      along.forEach((axis, k) => {
        result.derivatives[derivatives.indexOf(axis)].set(lists[k][m], first);
      });
    });
  };
  await network.evaluate(request, take, { pool: array.pool, signal });
  if (corrected || masked) await takeStored(array, members, index, points, results, signal);
  return results;
}

/** At stored places the stored values count, and where the nearest of them is none there is none. */
async function takeStored(
  array: NetworkArray,
  members: readonly number[],
  index: readonly number[],
  points: Float64Array,
  results: readonly Sampled[],
  signal?: AbortSignal,
): Promise<void> {
  const rank = array.shape.length;
  const nearest = points.map(Math.round);
  for (const [m, member] of members.entries()) {
    const stored = storedInChunk(array, member, index);
    const { values } = await interpolate(stored, { points: nearest }, [], signal);
    const { values: to, derivatives } = results[m];
    values.forEach((value, i) => {
      const from = i * rank;
      const exact = nearest.subarray(from, from + rank).every((at, a) => at === points[from + a]);
      if (exact || Number.isNaN(value)) to[i] = value;
      if (Number.isNaN(value)) for (const list of derivatives) list[i] = Number.NaN;
    });
  }
}
