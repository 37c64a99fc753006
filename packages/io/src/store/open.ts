import { stat } from "node:fs/promises";
import { FieldzipError } from "@fieldzip/core";
import { systemError } from "../files/file.js";
import { createFolder, type LinkRule, openFolder } from "./folder.js";
import type { ReadableStore, WritableStore } from "./store.js";
import { isUrl, openUrl } from "./url.js";
import { createZipFile, openZipFile } from "./zip-file.js";

export interface OpenStoreOptions {
  readonly signal?: AbortSignal;
  /** Where symbolic links inside a folder may lead: default anywhere. */
  readonly links?: LinkRule;
}

/** Opens what lies at `location`: a folder, a `.zip` file, or an http(s) URL of either. */
export async function openStore(
  location: string,
  { signal, links }: OpenStoreOptions = {},
): Promise<ReadableStore> {
  if (isUrl(location)) return openUrl(location, signal);
  const found = await stat(location).catch((error) => {
    throw systemError(error, location, "read");
  });
  if (found.isDirectory()) return openFolder(location, links);
  if (found.isFile() && isZipName(location)) {
    return openZipFile(location, signal);
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
  if (isZipName(target)) return createZipFile(target, options);
  return createFolder(target, options);
}

function isZipName(location: string): boolean {
  return /\.zip$/i.test(location);
}
