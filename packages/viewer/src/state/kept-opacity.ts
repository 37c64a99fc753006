import { type Field, type OpacityPoint, opacityFor, type ValueScale } from "@fieldzip/core/render";

const kept = new WeakMap<object, { key: string; points: readonly OpacityPoint[] }>();

/** The opacity curve that suits a field, found once for each version of it. */
export function keptOpacity(field: Field | undefined, scale: ValueScale): readonly OpacityPoint[] {
  if (!field) return opacityFor(field, scale);
  const key = [field.version, scale.name, ...scale.range].join();
  const known = kept.get(field.values);
  if (known?.key === key) return known.points;
  const points = opacityFor(field, scale);
  kept.set(field.values, { key, points });
  return points;
}
