import { throwIfAborted } from "@fieldzip/core";
import { blobFile } from "../files/blob.js";
import { checkKey, clipRange } from "./keys.js";
import type { ReadableStore } from "./store.js";
import { openZip } from "./zip.js";

/** An archive in one `.zip` that a user handed to a page. */
export function openZipBlob(
  blob: Blob,
  name: string,
  signal?: AbortSignal,
): Promise<ReadableStore> {
  return openZip(blobFile(blob, name), name, signal);
}

/** A folder that a user handed to a page: its files by their path below it. */
export function blobStore(files: ReadonlyMap<string, Blob>, location: string): ReadableStore {
  const part = async (blob: Blob, offset: number, length: number, signal?: AbortSignal) => {
    throwIfAborted(signal);
    return blobFile(blob, location).read(offset, length, signal);
  };
  return {
    location,
    async get(key, signal) {
      checkKey(key, location);
      const blob = files.get(key);
      return blob && part(blob, 0, blob.size, signal);
    },
    async getRange(key, range, signal) {
      checkKey(key, location);
      const blob = files.get(key);
      if (!blob) return undefined;
      const { offset, length } = clipRange(range, blob.size);
      return part(blob, offset, length, signal);
    },
    async size(key) {
      checkKey(key, location);
      return files.get(key)?.size;
    },
    async list(prefix) {
      return [...files.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    async close() {},
  };
}
