/** How values become places on a colour bar. */
export type ScaleName = "linear" | "logarithmic" | "symmetric";

export type ValueRange = readonly [low: number, high: number];

/**
 * A monotone map of values to 0..1 over a range: `logarithmic` for positive ranges, `symmetric` for logarithms on both
 * sides of 0 (asinh). A range that the scale cannot have is narrowed, never refused: see `usableRange`.
 */
export interface ValueScale {
  readonly name: ScaleName;
  readonly range: ValueRange;
  /** 0 at the range's low end, 1 at its high one; beyond them outside 0..1; NaN for what the scale has no place for. */
  place(value: number): number;
  /** The value at a place. */
  value(place: number): number;
}

/** What is smaller counts as 0 on a logarithmic scale: its logarithms would leave the range of numbers. */
const leastPositive = 1e-290;
/** A logarithmic scale spans at most this factor; below it lies what rounding left. */
const largestSpan = 1e6;
/** The symmetric scale is linear up to this share of the largest magnitude. */
export const LINEAR_SHARE = 1e-3;

export function valueScale(name: ScaleName, asked: ValueRange): ValueScale {
  const range = usableRange(name, asked);
  const { forward, backward } = functionsOf(name, range);
  const low = forward(range[0]);
  const span = forward(range[1]) - low || 1;
  return {
    name,
    range,
    place: (value) => (forward(value) - low) / span,
    value: (place) => backward(low + place * span),
  };
}

/** The range as the scale can have it: not empty, and positive where it must be. */
export function usableRange(name: ScaleName, [low, high]: ValueRange): ValueRange {
  if (!(Number.isFinite(low) && Number.isFinite(high))) return [0, 1];
  if (name === "logarithmic") {
    const top = high > leastPositive ? high : 1;
    const bottom = Math.max(low, top / largestSpan);
    return bottom < top ? [bottom, top] : [top / 10, top];
  }
  if (low < high) return [low, high];
  const half = Math.abs(low) * 1e-3 || 0.5;
  return [low - half, low + half];
}

/** Where the symmetric scale stops being linear, in the values' units. */
export function linearPart([low, high]: ValueRange): number {
  return LINEAR_SHARE * Math.max(Math.abs(low), Math.abs(high)) || 1;
}

function functionsOf(name: ScaleName, range: ValueRange) {
  if (name === "logarithmic") {
    return { forward: (v: number) => (v > 0 ? Math.log(v) : Number.NaN), backward: Math.exp };
  }
  if (name === "symmetric") {
    const part = linearPart(range);
    return {
      forward: (v: number) => Math.asinh(v / part),
      backward: (p: number) => part * Math.sinh(p),
    };
  }
  return { forward: (v: number) => v, backward: (p: number) => p };
}
