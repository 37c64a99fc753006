import type { Field } from "./field.js";
import type { ValueScale } from "./value-scale.js";

const sampledValues = 50_000;

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

/** The least prime that is not below a number; of 1 and less 1. */
export function nextPrime(from: number): number {
  for (let candidate = Math.max(2, from); ; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) return from < 2 ? 1 : candidate;
  }
}
