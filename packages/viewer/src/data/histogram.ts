import type { ValueScale } from "@fieldzip/core/render";
import type { Field } from "./field.js";

/** Values that are counted, at most: more look the same. */
const mostCounted = 400_000;

export interface Histogram {
  /** Share of the counted values in each of the bars from the low to the high end of the scale. */
  readonly shares: Float64Array;
  /** Share of those beyond the ends. */
  readonly below: number;
  readonly above: number;
}

/** How often values occur along a colour bar. Values that are not finite do not count. */
export function histogramOf(
  { values }: Pick<Field, "values">,
  scale: ValueScale,
  bars = 96,
): Histogram {
  const shares = new Float64Array(bars);
  // A prime step does not fall into step with rows of the field.
  const every = values.length > mostCounted ? nextPrime(Math.ceil(values.length / mostCounted)) : 1;
  let [below, above, count] = [0, 0, 0];
  for (let i = 0; i < values.length; i += every) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    count++;
    const place = scale.place(value);
    if (place > 1) above++;
    else if (place >= 0) shares[Math.min(bars - 1, Math.floor(place * bars))]++;
    else below++;
  }
  const total = Math.max(1, count);
  return { shares: shares.map((bar) => bar / total), below: below / total, above: above / total };
}

/** The range that leaves out so large a share of the values at each end. */
export function rangeWithin(
  { values }: Pick<Field, "values">,
  share: number,
): [number, number] | undefined {
  const every = Math.max(1, nextPrime(Math.ceil(values.length / mostCounted)));
  const some: number[] = [];
  for (let i = 0; i < values.length; i += every)
    if (Number.isFinite(values[i])) some.push(values[i]);
  if (some.length === 0) return undefined;
  const sorted = Float64Array.from(some).sort();
  const at = (place: number) => sorted[Math.round(place * (sorted.length - 1))];
  return [at(share), at(1 - share)];
}

function nextPrime(from: number): number {
  for (let candidate = Math.max(2, from); ; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) return from < 2 ? 1 : candidate;
  }
}
