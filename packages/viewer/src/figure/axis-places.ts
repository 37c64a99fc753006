import { type Axis, coordinateOf } from "@fieldzip/core/render";

/** The coordinate at a share (0 to 1) of an axis: places are cells, so that 0 is the first one's edge. */
export function coordinateAt(axis: Axis, share: number): number {
  const place = share * axis.size - 0.5;
  const low = Math.min(axis.size - 1, Math.max(0, Math.floor(place)));
  const high = Math.min(axis.size - 1, low + 1);
  const [from, to] = [coordinateOf(axis, low), coordinateOf(axis, high)];
  // Beyond the middles of the outer cells the next step goes on.
  const step = high > low ? to - from : axis.size > 1 ? from - coordinateOf(axis, low - 1) : 1;
  return from + (place - low) * step;
}

/** The share of an axis at which a coordinate lies: the inverse of `coordinateAt`. */
export function shareAt(axis: Axis, coordinate: number): number {
  let [low, high] = [0, 1];
  for (let k = 0; k < 50; k++) {
    const middle = (low + high) / 2;
    if (coordinateAt(axis, middle) < coordinate) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** `x / m`, as axes are named. */
export function axisTitle(axis: Axis): string {
  if (axis.name === "") return "";
  return axis.units && axis.units !== "1" ? `${axis.name} / ${axis.units}` : axis.name;
}
