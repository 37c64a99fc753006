/** From what was asked for to what values may be off by. */
import type { Guarantee } from "../options.js";

/** What values may be off by. */
export interface Bounds {
  /** By variable, in its units: one for a chunk of a single variable. Above 0; 0 where a variable has no range. */
  readonly byVariable: readonly number[];
  /** Values that stand for "no value here": they stay, and nothing else becomes one. */
  readonly fillValues: readonly number[];
}

/** In the units of a variable of that range. */
export function boundOf(
  { bound, boundKind }: Extract<Guarantee, { kind: "bounded" }>,
  range: number,
): number {
  return boundKind === "range" ? bound * range : bound;
}

/** Undefined unless the guarantee is `bounded`. `ranges`: by variable, those of the whole array. */
export function boundsOf(
  guarantee: Guarantee,
  ranges: readonly number[],
  fillValues: readonly number[],
): Bounds | undefined {
  if (guarantee.kind !== "bounded") return undefined;
  return { byVariable: ranges.map((range) => boundOf(guarantee, range)), fillValues };
}
