import type { ValueScale } from "@fieldzip/core/render";
import type { Field } from "./field.js";

/** Values that are counted, at most: more look the same. */
const mostCounted = 400_000;
const sampledValues = 50_000;

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
  field: Pick<Field, "values">,
  share: number,
): [number, number] | undefined {
  const sorted = sortedSample(field);
  if (sorted.length === 0) return undefined;
  const at = (place: number) => sorted[Math.round(place * (sorted.length - 1))];
  return [at(share), at(1 - share)];
}

/** Places on the colour bar below which these shares of the values lie; the shares themselves where there are none. */
export function placesOf(
  field: Pick<Field, "values">,
  scale: ValueScale,
  shares: readonly number[],
): number[] {
  const sorted = sortedSample(field);
  return shares.map((share) => {
    const place = scale.place(sorted[Math.round(share * (sorted.length - 1))]);
    return Number.isFinite(place) ? Math.min(1, Math.max(0, place)) : share;
  });
}

/** Some of the finite values in their order: enough to tell where most lie. */
function sortedSample({ values }: Pick<Field, "values">): Float64Array {
  const every = nextPrime(Math.ceil(values.length / sampledValues));
  const some: number[] = [];
  for (let i = 0; i < values.length; i += every) {
    if (Number.isFinite(values[i])) some.push(values[i]);
  }
  return Float64Array.from(some).sort();
}

function nextPrime(from: number): number {
  for (let candidate = Math.max(2, from); ; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) return from < 2 ? 1 : candidate;
  }
}
