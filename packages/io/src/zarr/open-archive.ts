import { type Dataset, isFieldzipError } from "@fieldzip/core";
import { openStore } from "../store/open.js";
import type { ReadableStore } from "../store/store.js";
import { type OpenArchiveOptions, openArchiveIn } from "./archive-dataset.js";
import { holdsArchive } from "./open-zarr.js";

/**
 * Opens an archive: a folder, a `.zip` or an http(s) URL. Reads the root metadata only; variables
 * are read lazily, joint ones each by itself.
 */
export async function openArchive(
  location: string,
  options: OpenArchiveOptions = {},
): Promise<Dataset> {
  return openArchiveIn(await openStore(location, options), options);
}

/** True where an archive of ours, of whatever version, lies at `location`. Reads the metadata only. */
export async function isArchive(location: string, signal?: AbortSignal): Promise<boolean> {
  let store: ReadableStore | undefined;
  try {
    store = await openStore(location, { signal });
    return await holdsArchive(store, signal);
  } catch (error) {
    if (isFieldzipError(error, "aborted")) throw error;
    return false;
  } finally {
    await store?.close();
  }
}
