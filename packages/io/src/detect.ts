import { stat } from "node:fs/promises";
import { join } from "node:path";
import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import { openFile, systemError } from "./files/file.js";
import { npyMagic } from "./npy/header.js";
import { zarrMarkers } from "./zarr/foreign-metadata.js";

/** What stands at a path, by its content. */
export type Detected = "netcdf" | "hdf5" | "npy" | "zip" | "zarr" | "pluto" | "folder" | "unknown";

const hdf5Magic = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const zipMagic = [0x50, 0x4b];
const netcdfMagic = [0x43, 0x44, 0x46];

/** Looks at the first bytes of a file, or at the names in a folder. */
export async function detect(path: string, signal?: AbortSignal): Promise<Detected> {
  throwIfAborted(signal);
  const information = await stat(path).catch((error) => {
    throw systemError(error, path, "read");
  });
  if (information.isDirectory()) return detectFolder(path);
  // A pipe or device would be waited for, perhaps for ever.
  if (information.isFile()) return detectFile(path, signal);
  throw new FieldzipError("unsupported", {
    where: path,
    expected: "a file or a folder",
    found: "a pipe, socket or device",
    remedy: "write the data to a file first",
  });
}

async function detectFolder(path: string): Promise<Detected> {
  for (const name of zarrMarkers) if (await isFile(join(path, name))) return "zarr";
  return (await isFile(join(path, "grid.out"))) ? "pluto" : "folder";
}

async function detectFile(path: string, signal?: AbortSignal): Promise<Detected> {
  const file = await openFile(path);
  try {
    const head = await file.read(0, Math.min(8, file.size), signal);
    if (startsWith(head, netcdfMagic) && [1, 2, 5].includes(head[3])) return "netcdf";
    if (startsWith(head, npyMagic)) return "npy";
    if (startsWith(head, zipMagic) && [3, 5, 7].includes(head[2])) return "zip";
    if (startsWith(head, hdf5Magic)) return "hdf5";
    // HDF5 may begin behind a block of the user's own: at 512, 1024, 2048, …
    for (let offset = 512; offset + 8 <= file.size; offset *= 2) {
      if (startsWith(await file.read(offset, 8, signal), hdf5Magic)) return "hdf5";
    }
    return "unknown";
  } finally {
    await file.close();
  }
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, k) => bytes[k] === byte);
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (information) => information.isFile(),
    () => false,
  );
}
