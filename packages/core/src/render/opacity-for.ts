import type { Field } from "./field.js";
import type { OpacityPoint } from "./transfer-function.js";
import { placesOf } from "./value-places.js";
import type { ValueScale } from "./value-scale.js";

/** Both signs occur, neither by far: then what is far from 0 is seen, else what is large. */
const evenSigns = 0.25;

/**
 * An opacity curve that lets something be seen of a field whatever its values are: the outer values, in shares of how often
 * they occur. Of values of both signs both ends, else the high one.
 */
export function opacityFor(
  field: Pick<Field, "values"> | undefined,
  scale: ValueScale,
): readonly OpacityPoint[] {
  if (!field) return rising([0.5, 0.75, 0.9, 1]);
  const [low, high] = scale.range;
  const isEven = low < 0 && high > 0 && Math.min(-low, high) / Math.max(-low, high) > evenSigns;
  const shares = isEven ? [0.03, 0.12, 0.3, 0.7, 0.88, 0.97] : [0.6, 0.85, 0.96, 0.995];
  const places = placesOf(field, scale, shares);
  return isEven ? bothEnds(places) : rising(places);
}

function rising([none, little, some, much]: readonly number[]): OpacityPoint[] {
  return apart([
    { place: none, opacity: 0 },
    { place: little, opacity: 0.04 },
    { place: some, opacity: 0.25 },
    { place: Math.max(much, 0.9), opacity: 0.8 },
  ]);
}

function bothEnds([much, some, none, noneUp, someUp, muchUp]: readonly number[]): OpacityPoint[] {
  return apart([
    { place: 0, opacity: 0.7 },
    { place: much, opacity: 0.3 },
    { place: some, opacity: 0.04 },
    { place: none, opacity: 0 },
    { place: noneUp, opacity: 0 },
    { place: someUp, opacity: 0.04 },
    { place: muchUp, opacity: 0.3 },
    { place: 1, opacity: 0.7 },
  ]);
}

/** Points in their order, on places that a link can hold. */
function apart(points: readonly OpacityPoint[]): OpacityPoint[] {
  let last = 0;
  return points.map(({ place, opacity }) => {
    last = Math.max(last, Math.min(1, Math.max(0, Math.round(place * 1000) / 1000)));
    return { place: last, opacity };
  });
}
