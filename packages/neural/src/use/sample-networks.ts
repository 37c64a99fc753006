/** Values of an array of networks at any places, and derivatives at them or averaged around them. */
import type { Sampled } from "./interpolate.js";
import type { NetworkArray } from "./network-array.js";
import { type GridOptions, sampleNetworkGrid } from "./network-grid.js";
import { sampleNetworkPoints } from "./network-points.js";
import { clampPosition, type Places } from "./places.js";

/** `members`: places of the variables in the array; a result each. `average`: cells; 0 for the very place. */
export async function sampleNetworks(
  array: NetworkArray,
  members: readonly number[],
  places: Places,
  derivatives: readonly number[],
  average: number,
  options: GridOptions = {},
): Promise<Sampled[]> {
  const at = (where: Places, along: readonly number[]) =>
    "axes" in where
      ? sampleNetworkGrid(array, members, where.axes, along, options)
      : sampleNetworkPoints(array, members, where.points, along, options.signal);
  if (average === 0 || derivatives.length === 0) return at(places, derivatives);
  const values = await at(places, []);
  const slopes: Float64Array[][] = members.map(() => []);
  for (const axis of derivatives) {
    const above = shifted(array, places, axis, average / 2);
    const below = shifted(array, places, axis, -average / 2);
    const [high, low] = [await at(above.places, []), await at(below.places, [])];
    members.forEach((_, m) => {
      // The mean of a derivative is the difference at the ends of the interval.
      const list = high[m].values;
      for (let i = 0; i < list.length; i++) {
        const width = above.position(i) - below.position(i);
        list[i] = width === 0 ? 0 : (list[i] - low[m].values[i]) / width;
        if (Number.isNaN(values[m].values[i])) list[i] = Number.NaN;
      }
      slopes[m].push(list);
    });
  }
  return values.map((one, m) => ({ values: one.values, derivatives: slopes[m] }));
}

/** Places moved along an axis, to its ends at most, and the position of each place on this axis. */
function shifted({ shape }: NetworkArray, places: Places, axis: number, by: number) {
  const move = (position: number) =>
    clampPosition(clampPosition(position, shape[axis]) + by, shape[axis]);
  if ("axes" in places) {
    const moved = places.axes[axis].map(move);
    const inner = places.axes.slice(axis + 1).reduce((product, { length }) => product * length, 1);
    return {
      places: { axes: places.axes.with(axis, moved) },
      position: (i: number) => moved[Math.floor(i / inner) % moved.length],
    };
  }
  const rank = shape.length;
  const points = places.points.map((position, i) =>
    i % rank === axis ? move(position) : position,
  );
  return { places: { points }, position: (i: number) => points[i * rank + axis] };
}
