/** What of `@fieldzip/io` runs in a browser: archives and other Zarr hierarchies over HTTP, dropped and in memory. No node: is reached from here. */
import type { Dataset } from "@fieldzip/core";
import { openUrl } from "./store/url.js";
import { type OpenArchiveOptions, openArchiveIn } from "./zarr/archive-dataset.js";

export { blobStore, openZipBlob } from "./store/blobs.js";
export { memoryStore } from "./store/memory.js";
export type { ByteRange, ReadableStore, WritableStore } from "./store/store.js";
export { openUrl } from "./store/url.js";
export { archiveIndex, type OpenArchiveOptions, openArchiveIn } from "./zarr/archive-dataset.js";
export type { ArchiveReader, StoredChunk } from "./zarr/archive-reader.js";
export { createArchiveIn } from "./zarr/archive-writer.js";
export { openZarrIn } from "./zarr/open-zarr.js";
export type { ArrayMetadata } from "./zarr/parse.js";

/** Opens the archive behind an http(s) URL, a folder or a `.zip`; relative URLs are the page's. */
export async function openArchive(
  location: string,
  options: OpenArchiveOptions = {},
): Promise<Dataset> {
  const base = (globalThis as { location?: { href: string } }).location?.href;
  return openArchiveIn(await openUrl(new URL(location, base).href, options.signal), options);
}
export { type StoredVariable, storedVariables } from "./zarr/stored-variable.js";
