import { Dataset, isFieldzipError } from "@fieldzip/core";
import type { ReadableStore } from "../store/store.js";
import { type OpenArchiveOptions, openArchiveIn } from "./archive-dataset.js";
import { archiveNote } from "./parse.js";
import { readRoot } from "./root.js";

/**
 * Opens the Zarr hierarchy in a store, an archive of ours or what another tool wrote. The store is closed with the
 * dataset. Needs nothing of Node.
 */
export async function openZarrIn(
  store: ReadableStore,
  options: OpenArchiveOptions = {},
): Promise<Dataset> {
  try {
    if (await holdsArchive(store, options.signal)) return await openArchiveIn(store, options);
    const { openForeignZarr } = await import("./foreign.js");
    return new Dataset(await openForeignZarr(store, options.signal));
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** True where an archive of ours, of whatever version, lies in a store. Reads the metadata only. */
export async function holdsArchive(store: ReadableStore, signal?: AbortSignal): Promise<boolean> {
  try {
    return archiveNote(await readRoot(store, signal)) !== undefined;
  } catch (error) {
    // Whatever else is wrong with the document is said by who opens it.
    if (isFieldzipError(error, "aborted") || isFieldzipError(error, "io")) throw error;
    return false;
  }
}
