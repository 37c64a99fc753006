import { FieldzipError } from "@fieldzip/core";
import type { ReadableStore, WritableStore } from "./store.js";

// The modules for files are imported only where a file is meant, so that an archive behind a URL
// is read in a browser, too.

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/** Opens what lies at `location`: a folder, a `.zip` file, or an http(s) URL of either. */
export async function openStore(location: string, signal?: AbortSignal): Promise<ReadableStore> {
  if (isUrl(location)) {
    const http = await import("./http.js");
    if (!/\.zip$/i.test(new URL(location).pathname)) return http.openHttp(location);
    const { openZip } = await import("./zip.js");
    return openZip(await http.openHttpFile(location, signal), location, signal);
  }
  const { stat } = await import("node:fs/promises");
  const { systemError } = await import("../files/file.js");
  const found = await stat(location).catch((error) => {
    throw systemError(error, location, "read");
  });
  if (found.isDirectory()) return (await import("./folder.js")).openFolder(location);
  if (found.isFile() && isZipName(location)) {
    return (await import("./zip-file.js")).openZipFile(location, signal);
  }
  throw new FieldzipError("unsupported", {
    where: location,
    expected: "a folder, a .zip file or an http(s) URL",
    found: found.isFile() ? "another file" : "something that is neither file nor folder",
    remedy: "name the folder or .zip that holds the objects",
  });
}

/** Prepares to write a folder, or a zip where the name ends in `.zip`. */
export async function createStore(
  target: string,
  options: { force?: boolean } = {},
): Promise<WritableStore> {
  if (isUrl(target)) {
    throw new FieldzipError("unsupported", {
      where: target,
      expected: "a path",
      found: "a URL",
      remedy: "write the archive to a folder or .zip and upload that",
    });
  }
  if (isZipName(target)) return (await import("./zip-file.js")).createZipFile(target, options);
  return (await import("./folder.js")).createFolder(target, options);
}

function isZipName(location: string): boolean {
  return /\.zip$/i.test(location);
}
