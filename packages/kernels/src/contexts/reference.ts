/** Magnitude classes and activities in plain loops: the truth that `kernel.ts` is held to. */
import { bandHeight, type Geometry } from "../geometry.js";

/** Bit length of every zigzag residual. */
export function classesReference(residuals: readonly bigint[]): number[] {
  return residuals.map((residual) => (residual === 0n ? 0 : residual.toString(2).length));
}

/** Gives the masked values of the row that starts at `row` the class at their left (0 at its start). */
export function spreadReference(
  classes: number[],
  mask: ArrayLike<number>,
  row: number,
  width: number,
): void {
  for (let i = row; i < row + width; i++) {
    if (mask[i]) classes[i] = i > row ? classes[i - 1] : 0;
  }
}

/**
 * Activity of the value at index `i` (C order), from classes before it; in rows before, masked values
 * have been given classes by `spreadReference`, in its own row they have 0.
 */
export function activityReference(
  classes: readonly number[],
  geometry: Geometry,
  i: number,
): number {
  const { depth, height, width } = geometry;
  const x = i % width;
  const y = Math.floor(i / width) % height;
  const slice = Math.floor(i / (width * height));
  const above = y % bandHeight(geometry) > 0 ? i - width : undefined;
  const behind =
    slice % depth > 0
      ? i - width * height
      : slice >= depth
        ? i - width * height * depth
        : undefined;
  if (above === undefined && behind === undefined) {
    const before = (distance: number) => (x >= distance ? classes[i - distance] : 0);
    return (before(10) + 2 * before(9) + before(8) + 2 * before(9)) >> 1;
  }
  const north = above ?? behind!;
  const previous = behind ?? north;
  const northWest = classes[x > 0 ? north - 1 : north];
  const northEast = classes[x < width - 1 ? north + 1 : north];
  return (northWest + 2 * classes[north] + northEast + 2 * classes[previous]) >> 1;
}
