import { readdir } from "node:fs/promises";
import { extname } from "node:path";
import { FieldzipError } from "@fieldzip/core";
import { systemError } from "../files/file.js";

/** Formats whose files may be the steps of one dataset. */
export type StepFormat = "netcdf" | "hdf5" | "npy" | "raw";

const byExtension: Record<string, StepFormat> = {
  ".nc": "netcdf",
  ".nc3": "netcdf",
  ".nc4": "netcdf",
  ".cdf": "netcdf",
  ".netcdf": "netcdf",
  ".h5": "hdf5",
  ".hdf5": "hdf5",
  ".he5": "hdf5",
  ".npy": "npy",
  ".raw": "raw",
  ".bin": "raw",
  ".dat": "raw",
  ".f32": "raw",
  ".f64": "raw",
  ".flt": "raw",
  ".dbl": "raw",
};

/** Files of one name but for a number, in the order of the numbers. */
export interface StepSeries {
  /** What stands before the number, without separators at its end. */
  readonly stem: string;
  readonly files: readonly string[];
  /** The numbers in the names, where every name has one; else 0, 1, 2, … */
  readonly numbers: readonly number[];
}

/**
 * Finds the files of a folder that are steps. Files of several variables in a format that holds
 * one each (`rho_0001.npy`, `prs_0001.npy`) make several series; other formats make one.
 */
export async function listSteps(
  folder: string,
  withRaw: boolean,
): Promise<{ format: StepFormat; series: StepSeries[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw systemError(error, folder, "read");
  });
  const found = new Map<StepFormat, string[]>();
  for (const entry of entries) {
    const extension = extname(entry.name).toLowerCase();
    const regular = entry.isFile() || entry.isSymbolicLink();
    if (!regular || entry.name.startsWith(".")) continue;
    const format = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
    if (format && (format !== "raw" || withRaw)) {
      found.set(format, [...(found.get(format) ?? []), entry.name]);
    }
  }
  if (found.size !== 1) {
    const counts = [...found].map(([format, names]) => `${names.length} ${format}`).join(", ");
    throw new FieldzipError(found.size === 0 ? "format" : "usage", {
      where: folder,
      expected: "a Zarr hierarchy, a PLUTO run, or steps as .nc, .h5 or .npy files of one format",
      found: found.size === 0 ? "none of them" : counts,
      remedy:
        found.size === 0
          ? "name a folder or file that fieldzip reads (raw files need --shape and --dtype)"
          : "keep the files of one dataset in a folder of their own",
    });
  }
  const [[format, names]] = found;
  const numbered = names.map((name) => ({ name, ...splitName(name) }));
  if (format === "netcdf" || format === "hdf5") return { format, series: [seriesOf(numbered)] };
  const stems = new Map<string, typeof numbered>();
  for (const file of numbered) stems.set(file.stem, [...(stems.get(file.stem) ?? []), file]);
  return { format, series: [...stems.values()].map(seriesOf) };
}

function seriesOf(files: { name: string; stem: string; number?: number }[]): StepSeries {
  const sorted = [...files].sort((a, b) => compareNatural(a.name, b.name));
  const numbers = sorted.map((file) => file.number);
  const distinct = new Set(numbers).size === numbers.length && !numbers.includes(undefined);
  return {
    stem: sorted[0].stem,
    files: sorted.map((file) => file.name),
    numbers: distinct ? (numbers as number[]) : numbers.map((_, index) => index),
  };
}

/**
 * `out_0012.nc` -> out, 12. A digit that belongs to the name (`vx1.npy`, `E12.npy`) is no number: a
 * number stands alone, follows a separator, or has three digits or more.
 */
export function splitName(name: string): { stem: string; number?: number } {
  const base = name.slice(0, name.length - extname(name).length);
  const found = /^(.*?)(\d{1,9})$/.exec(base);
  if (!found) return { stem: base };
  const [, before, digits] = found;
  if (before !== "" && !/[._-]$/.test(before) && digits.length < 3) return { stem: base };
  return { stem: before.replace(/[._-]+$/, "") || "data", number: Number(digits) };
}

/** `out_2` before `out_10`. */
export function compareNatural(a: string, b: string): number {
  const split = (text: string) => text.split(/(\d+)/);
  const [left, right] = [split(a), split(b)];
  for (let k = 0; k < Math.min(left.length, right.length); k++) {
    if (left[k] === right[k]) continue;
    const difference = k % 2 === 1 ? Number(left[k]) - Number(right[k]) : 0;
    return difference || (left[k] < right[k] ? -1 : 1);
  }
  return left.length - right.length;
}
