import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { Dataset, FieldzipError, type WorkOptions } from "@fieldzip/core";
import { systemError } from "./files/file.js";
import { writeNpy } from "./npy/index.js";
import { originalOf } from "./original.js";
import { writePluto } from "./pluto/index.js";
import { type WriteOptions, type Written, writeRaw } from "./raw/index.js";
import { asOneFile, cannotSplit, canSplit, writeSteps } from "./steps/index.js";
import { writeVtk } from "./vtk/index.js";

/** Formats that can be written. `steps`: the files that the dataset was joined from; `vti`, `vtr`: VTK's, for ParaView. */
export const outputFormats = ["nc", "h5", "npy", "raw", "pluto", "steps", "vti", "vtr"] as const;
export type OutputFormat = (typeof outputFormats)[number];

export interface WriteDatasetOptions extends WorkOptions {
  /** Default: what the target's extension says, else the format that the data came from. */
  readonly to?: OutputFormat;
  /** Replace what stands under the target's name. */
  readonly force?: boolean;
}

const byExtension: Record<string, OutputFormat> = {
  ".nc": "nc",
  ".nc4": "nc",
  ".cdf": "nc",
  ".h5": "h5",
  ".hdf5": "h5",
  ".npy": "npy",
  ".raw": "raw",
  ".bin": "raw",
  ".dat": "raw",
  ".f32": "raw",
  ".f64": "raw",
  ".flt": "raw",
  ".dbl": "raw",
  ".vti": "vti",
  ".vtr": "vtr",
};
const byOriginal: Record<string, OutputFormat> = {
  netcdf: "nc",
  hdf5: "h5",
  npy: "npy",
  raw: "raw",
  pluto: "pluto",
  steps: "steps",
};

/**
 * Writes a dataset, direct or out of an archive, in another format or in its first one: NetCDF-4,
 * HDF5, `.npy`, bare values, a PLUTO run, the files of its steps, or grids for VTK. Slab by slab; the target
 * appears when it is whole.
 */
export async function writeDataset(
  dataset: Dataset,
  target: string,
  options: WriteDatasetOptions = {},
): Promise<Written> {
  const original = originalOf(dataset);
  const format = formatFor(dataset, target, options.to);
  switch (format) {
    case "steps": {
      if (original?.format !== "steps" || !canSplit(dataset, original.original)) {
        throw cannotSplit(target);
      }
      return writeSteps(dataset, target, original.original, options, writeFile);
    }
    case "pluto":
      return writePluto(dataset, target, options);
    case "vti":
    case "vtr":
      return writeVtk(dataset, target, format, options);
    case "npy":
      return writeNpy(singleFile(dataset), target, options);
    case "raw":
      return writeRaw(singleFile(dataset), target, options);
    default:
      return writeFile(singleFile(dataset), target, format === "h5" ? "hdf5" : "netcdf", options);
  }
}

function formatFor(dataset: Dataset, target: string, to: OutputFormat | undefined): OutputFormat {
  if (to !== undefined) {
    if ((outputFormats as readonly string[]).includes(to)) return to;
    throw new FieldzipError("usage", {
      where: target,
      expected: `a format out of ${outputFormats.join(", ")}`,
      found: String(to),
      remedy: "choose one of them with --to",
    });
  }
  const original = originalOf(dataset);
  const extension = extname(target).toLowerCase();
  // One of PLUTO's own files goes back to what it was.
  if (original?.format === "pluto" && (extension === ".flt" || extension === ".dbl")) {
    return dataset.source.original === undefined ? "raw" : "pluto";
  }
  if (Object.hasOwn(byExtension, extension)) return byExtension[extension];
  const first = original?.format ?? "";
  if (Object.hasOwn(byOriginal, first)) return byOriginal[first];
  throw new FieldzipError("usage", {
    where: target,
    expected: `a target that ends in ${Object.keys(byExtension).join(", ")}, or a format`,
    found: extension === "" ? "neither" : extension,
    remedy: `name the format with --to (${outputFormats.join(", ")})`,
  });
}

/** The dataset as its first format's reader gave it, so that a writer finds its `original`. */
function singleFile(dataset: Dataset): Dataset {
  const original = originalOf(dataset);
  if (original?.format === "steps") return asOneFile(dataset);
  if (dataset.format !== "archive") return dataset;
  return new Dataset({
    ...dataset.source,
    format: original?.format ?? dataset.format,
    original: original?.original,
  });
}

async function writeFile(
  dataset: Dataset,
  path: string,
  format: string,
  options: WriteOptions,
): Promise<Written> {
  const { writeNetcdf4 } = await import("./hdf5/index.js");
  // HDF5 out of HDF5 stays what it was; the writer knows. Anything else becomes NetCDF-4.
  await writeNetcdf4(
    dataset,
    path,
    format === "hdf5" ? { ...options } : { ...options, netcdf: true },
  );
  const { size } = await stat(path).catch((error) => {
    throw systemError(error, path, "write");
  });
  return { files: [path], bytes: size };
}
