import { type Field, nextPrime, type ValueScale } from "@fieldzip/core/render";

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
