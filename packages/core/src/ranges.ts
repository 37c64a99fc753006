/** What values of variables are values, and how far they reach. */
import { slabsOf } from "./array/chunk-grid.js";
import type { FloatArray } from "./array/data-type.js";
import type { Variable } from "./array/dataset.js";
import { throwIfAborted } from "./errors.js";
import type { CompressOptions } from "./options.js";

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
  return (await surveyOf(variables, fillValues, signal)).map(({ range }) => range);
}

/** The same, where something is relative to them: what looks wrong is told. */
export async function noticedRanges(
  variables: readonly Variable[],
  fillValues: readonly number[],
  { guarantee, signal, onNotice }: Pick<CompressOptions, "guarantee" | "signal" | "onNotice">,
): Promise<number[]> {
  const surveys = await surveyOf(variables, fillValues, signal);
  if (guarantee && guarantee.kind !== "exact") {
    for (const [k, { suspect }] of surveys.entries()) {
      if (suspect) onNotice?.({ kind: "fill-value", variable: variables[k].name, ...suspect });
    }
  }
  return surveys.map(({ range }) => range);
}

/** What a look at all values of a variable shows. */
export interface Survey {
  /** max - min of the finite values but for fill values; 0 where there are none. */
  readonly range: number;
  /** An extreme value that looks as if it stood for missing ones, though nothing says so. */
  readonly suspect?: SuspectedFill;
}

export interface SuspectedFill {
  readonly value: number;
  /** How often it is there, and how many finite values there are. */
  readonly count: number;
  readonly values: number;
  /** max - min of the finite values with it and without. */
  readonly range: number;
  readonly rangeWithout: number;
}

export async function surveyOf(
  variables: readonly Variable[],
  fillValues: readonly number[],
  signal?: AbortSignal,
): Promise<Survey[]> {
  const surveys: Survey[] = [];
  for (const variable of variables) {
    const chunk = variable.source.storedChunk ?? variable.shape.map(() => 1);
    const extremes = createExtremes();
    for (const slab of slabsOf(variable.shape, chunk, READ_VALUES)) {
      throwIfAborted(signal);
      const values = (await variable.readBox(slab, signal)) as FloatArray;
      extremes.add(withoutFillValues(values, fillValues));
    }
    surveys.push(extremes.survey());
  }
  return surveys;
}

/** The least and the largest value, how often each is there, and what comes next to it. */
function createExtremes() {
  let finite = 0;
  let [least, leastCount, next] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY];
  let [most, mostCount, before] = [Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY];
  return {
    add(values: FloatArray): void {
      for (const value of values) {
        if (!Number.isFinite(value)) continue;
        finite++;
        if (value < least) [next, least, leastCount] = [least, value, 1];
        else if (value === least) leastCount++;
        else if (value < next) next = value;
        if (value > most) [before, most, mostCount] = [most, value, 1];
        else if (value === most) mostCount++;
        else if (value > before) before = value;
      }
    },
    survey(): Survey {
      const range = Math.max(0, most - least);
      const of = { values: finite, range };
      const suspects: SuspectedFill[] = [
        { ...of, value: least, count: leastCount, rangeWithout: most - next },
        { ...of, value: most, count: mostCount, rangeWithout: before - least },
      ];
      return { range, suspect: suspects.find(isSuspicious) };
    },
  };
}

/** A value that repeats, and by how much it must stretch the range: any value, and one that people write for "none". */
const LEAST_COUNT = 3;
const FAR = 11;
const FAR_SENTINEL = 2;

function isSuspicious({ value, count, range, rangeWithout }: SuspectedFill): boolean {
  // Two values alone are a mask, and no field with holes.
  if (count < LEAST_COUNT || !(rangeWithout > 0)) return false;
  return range >= (isSentinel(value) ? FAR_SENTINEL : FAR) * rangeWithout;
}

/** -99, -9999, 1e20, the ends of 16- and 32-bit integers and of floats. */
function isSentinel(value: number): boolean {
  const size = Math.abs(value);
  const isPower = (number: number) => Math.abs(Math.log10(number) % 1) < 1e-9;
  return (
    (size < 1e9 && size >= 99 && isPower(size + 1)) ||
    (size >= 1e10 && isPower(Number(size.toPrecision(6)))) ||
    [8888, 32767, 32768, 2147483647, 2147483648, 3.4028234663852886e38].includes(size)
  );
}
