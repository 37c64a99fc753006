import type { Field } from "@fieldzip/core/render";
import type { DifferenceKind } from "../state/view-state.js";

/** b - a, or its magnitude, value by value in double precision; NaN where either has none. Both have the same shape. */
export function differenceField(a: Field, b: Field, kind: DifferenceKind): Field {
  const [one, other] = [a.values, b.values];
  const isWide = one instanceof Float64Array || other instanceof Float64Array;
  const values = isWide ? new Float64Array(one.length) : new Float32Array(one.length);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const signed = other[i] - one[i];
    const value = kind === "signed" ? signed : Math.abs(signed);
    values[i] = value;
    if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value < Number.POSITIVE_INFINITY) high = value;
  }
  if (kind === "signed") {
    high = Math.max(high, -low);
    low = -high;
  } else low = 0;
  return {
    ...a,
    values,
    range: Number.isFinite(high) ? [low, high] : [Number.NaN, Number.NaN],
    done: Math.min(a.done, b.done),
    standsIn: a.standsIn || b.standsIn,
    version: a.version + b.version,
  };
}
