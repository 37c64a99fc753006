import { FieldzipError } from "@fieldzip/core";
import type { ReadableStore } from "../store/store.js";
import { archiveLimits } from "./limits.js";
import { notAnArchive } from "./parse.js";

/** The parsed root `zarr.json` of a store; what is too long is refused before it is parsed. */
export async function readRoot(store: ReadableStore, signal?: AbortSignal): Promise<unknown> {
  // One byte more than allowed tells a document that is too long from one that just fits.
  const range = { offset: 0, length: archiveLimits.metadataBytes + 1 };
  const bytes = await store.getRange("zarr.json", range, signal);
  if (!bytes) throw notAnArchive(store.location, "no zarr.json");
  if (bytes.length > archiveLimits.metadataBytes) {
    throw new FieldzipError("limit", {
      where: `${store.location}, zarr.json`,
      expected: `at most ${archiveLimits.metadataBytes} bytes`,
      found: "more",
      remedy: "split the dataset into several archives",
    });
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new FieldzipError(
      "format",
      {
        where: `${store.location}, zarr.json`,
        expected: "JSON",
        found: error instanceof Error ? error.message.slice(0, 100) : "other bytes",
        remedy: "the archive's metadata is damaged; restore zarr.json",
      },
      error,
    );
  }
}
