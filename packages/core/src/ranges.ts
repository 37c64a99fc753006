/** What values of variables are values, and how far they reach. */
import { slabsOf } from "./array/chunk-grid.js";
import type { FloatArray } from "./array/data-type.js";
import type { Variable } from "./array/dataset.js";
import { throwIfAborted } from "./errors.js";

/** Values that are read at once. */
const READ_VALUES = 2 ** 22;

/** What NetCDF fills floats with that nobody wrote, declared or not; the same in single and double precision. */
const NETCDF_FILL = 9.969209968386869e36;

/** What stands for missing values: what the attributes of a variable call so, and NetCDF's own fill value. */
export function fillValuesOf({ attributes }: Pick<Variable, "attributes">): number[] {
  const declared = ["_FillValue", "missing_value"].flatMap((name) =>
    (attributes[name]?.values ?? []).filter((value) => typeof value === "number"),
  );
  return [...new Set([...declared, NETCDF_FILL])];
}

/** NaN in the place of fill values; a copy where there are such. */
export function withoutFillValues(values: FloatArray, fillValues: readonly number[]): FloatArray {
  const fills = values instanceof Float32Array ? fillValues.map(Math.fround) : fillValues;
  if (!fills.some((fill) => values.includes(fill))) return values;
  return values.map((value) => (fills.includes(value) ? Number.NaN : value)) as FloatArray;
}

/** By variable, max - min of the finite values but for fill values; 0 where there are none. Reads them all. */
export async function rangesOf(
  variables: readonly Variable[],
  fillValues: readonly number[],
  signal?: AbortSignal,
): Promise<number[]> {
  const ranges: number[] = [];
  for (const variable of variables) {
    const chunk = variable.source.storedChunk ?? variable.shape.map(() => 1);
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const slab of slabsOf(variable.shape, chunk, READ_VALUES)) {
      throwIfAborted(signal);
      const values = (await variable.readBox(slab, signal)) as FloatArray;
      for (const value of withoutFillValues(values, fillValues)) {
        if (!Number.isFinite(value)) continue;
        if (value < least) least = value;
        if (value > most) most = value;
      }
    }
    ranges.push(Math.max(0, most - least));
  }
  return ranges;
}
