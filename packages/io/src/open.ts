import { basename, dirname, extname, join } from "node:path";
import {
  Dataset,
  type DatasetSource,
  type DeclaredFillValues,
  declareFillValues,
  FieldzipError,
  type WorkerPool,
} from "@fieldzip/core";
import { detect, isFile } from "./detect.js";
import type { ByteOrder } from "./files/flat.js";
import { openNpy } from "./npy/index.js";
import { isPlutoFileName, openPluto } from "./pluto/index.js";
import type { Precision } from "./pluto/output-table.js";
import { openRaw } from "./raw/index.js";
import { openSteps, splitName } from "./steps/index.js";
import type { LinkRule } from "./store/folder.js";
import { openStore } from "./store/open.js";
import { isUrl } from "./store/url.js";

/** What helps to open a dataset. Files that describe themselves need nothing. */
export interface OpenOptions {
  /** Bare values: their shape, slowest axis first. */
  readonly shape?: readonly number[];
  /** Bare values: their type (`f32`, `f64`, `i16`, `float32`, `<f4`, …). */
  readonly dtype?: string;
  /** Bare values: default little, or what `dtype` says. */
  readonly byteOrder?: ByteOrder;
  /** Bare values: bytes before the first one. Default 0. */
  readonly offset?: number;
  /** Bare values: names of the axes. Default `dim_0`, `dim_1`, … */
  readonly dimensions?: readonly string[];
  /** Bare values and `.npy`: name of the variable. Default: from the file's name. */
  readonly name?: string;
  /** PLUTO: only the float32 (`flt`) or float64 (`dbl`) outputs. Default: all that are there. */
  readonly precision?: Precision;
  /** What stands for missing values where no attribute says so. */
  readonly fillValues?: DeclaredFillValues;
  /** Zarr hierarchies: where symbolic links inside the folder may lead. Default anywhere. */
  readonly links?: LinkRule;
  readonly signal?: AbortSignal;
  /** Archives: where chunks are decoded. Without one they are decoded inline. */
  readonly pool?: WorkerPool;
}

/**
 * Opens a dataset, whatever its format: an archive or another Zarr hierarchy (folder, `.zip`, URL),
 * NetCDF, HDF5, `.npy`, a PLUTO run or one of its files, a folder of steps, or bare values with
 * `shape` and `dtype`. The content decides, not the name. Nothing but metadata is read.
 */
export async function openDataset(path: string, options: OpenOptions = {}): Promise<Dataset> {
  const dataset = await openAny(path, options);
  return options.fillValues ? declareFillValues(dataset, options.fillValues) : dataset;
}

async function openAny(path: string, options: OpenOptions): Promise<Dataset> {
  if (isUrl(path)) return openZarr(path, options);
  const detected = await detect(path, options.signal);
  if (detected === "zarr" || detected === "zip") return openZarr(path, options);
  if (detected === "folder") {
    return new Dataset(
      await openSteps(path, {
        open: (file) => openSource(file, { ...options, name: splitName(basename(file)).stem }),
        withRaw: options.shape !== undefined && options.dtype !== undefined,
        signal: options.signal,
      }),
    );
  }
  return new Dataset(await openSource(path, options, detected));
}

async function openZarr(location: string, { signal, pool, links }: OpenOptions): Promise<Dataset> {
  const { openZarrIn } = await import("./zarr/open-zarr.js");
  return openZarrIn(await openStore(location, { signal, links }), { signal, pool });
}

/** Opens one file, or a PLUTO run. */
async function openSource(
  path: string,
  options: OpenOptions,
  known?: Awaited<ReturnType<typeof detect>>,
): Promise<DatasetSource> {
  const detected = known ?? (await detect(path, options.signal));
  switch (detected) {
    case "netcdf":
      return (await import("./netcdf/index.js")).openNetcdfClassic(path);
    case "hdf5":
      return (await import("./hdf5/index.js")).openHdf5(path);
    case "npy":
      return openNpy(path, options);
    case "pluto":
      return openPluto(path, options);
  }
  const { shape, dtype } = options;
  if (shape !== undefined && dtype !== undefined) {
    return openRaw(path, { ...options, shape, dtype });
  }
  if (isPlutoFileName(path) && (await isFile(join(dirname(path), "grid.out")))) {
    return openPluto(path, options);
  }
  throw undescribed(path, options);
}

function undescribed(path: string, { shape, dtype }: OpenOptions): FieldzipError {
  const missing = [shape === undefined ? "--shape" : "", dtype === undefined ? "--dtype" : ""];
  const flags = missing.filter((flag) => flag !== "").join(" and ");
  const looksRaw = /^\.(raw|bin|dat|f32|f64|flt|dbl|float|double)$/i.test(extname(path));
  const bare = `bare values need ${flags}, as in --shape 72,96,128 --dtype f32 (slowest axis first)`;
  return new FieldzipError("usage", {
    where: path,
    expected: "NetCDF, HDF5, .npy, Zarr or a PLUTO run, by their first bytes",
    found: looksRaw ? "a file without a header" : "none of them",
    remedy: isPlutoFileName(path) ? `${bare}; a PLUTO file needs its grid.out beside it` : bare,
  });
}
