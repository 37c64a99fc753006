import type { TrainingField } from "../src/index.js";

/** Two smooth variables on a small grid, the second constant from `constant` on. */
export function waves(lengths: readonly number[], variables = 2): TrainingField {
  const count = lengths.reduce((product, length) => product * length, 1);
  const placeOf = (index: number) => {
    let rest = index;
    return lengths
      .toReversed()
      .map((length) => {
        const place = (rest % length) / length;
        rest = Math.floor(rest / length);
        return place;
      })
      .toReversed();
  };
  return {
    lengths,
    variables: Array.from({ length: variables }, (_, v) =>
      Float32Array.from({ length: count }, (_, i) =>
        placeOf(i).reduce(
          (sum, x, axis) => sum + Math.sin(2 * Math.PI * (x * (axis + 1) + 0.3 * v)),
          10 * v,
        ),
      ),
    ),
  };
}
