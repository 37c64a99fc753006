import { type FileHandle, open } from "node:fs/promises";
import { writeAside } from "../files/atomic.js";
import { openFile, systemError } from "../files/file.js";
import { checkKey, duplicateKey, storeClosed } from "./keys.js";
import type { ReadableStore, WritableStore } from "./store.js";
import { appendZip, openZip, zipBytesOf } from "./zip.js";

/** Opens a `.zip` file as a store. */
export async function openZipFile(path: string, signal?: AbortSignal): Promise<ReadableStore> {
  const file = await openFile(path);
  try {
    return await openZip(file, path, signal);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * A `.zip` file being written aside: entries in the order they are put, streamed to disk.
 * The bytes depend on keys, objects and their order alone.
 */
export async function createZipFile(
  target: string,
  options: { force?: boolean; zip64?: boolean } = {},
): Promise<WritableStore> {
  const pending = await writeAside(target, options);
  let handle: FileHandle;
  try {
    handle = await open(pending.path, "wx");
  } catch (error) {
    throw systemError(error, target, "write");
  }
  const keys = new Set<string>();
  let size = 0;
  let closed = false;
  let failed = false;
  let last: Promise<void> = Promise.resolve();

  const zip = appendZip(async (bytes) => {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
      done += bytesWritten;
    }
    size += bytes.length;
  }, options);

  async function closeFile(): Promise<void> {
    closed = true;
    await last.catch(() => {});
    await handle.close().catch(() => {});
  }

  return {
    location: target,
    put(key, bytes) {
      // Entries are appended one after another, in the order of the calls.
      const task = async () => {
        checkKey(key, target);
        if (closed || failed) throw storeClosed(target);
        if (keys.has(key)) throw duplicateKey(key, target);
        keys.add(key);
        try {
          await zip.add(key, bytes);
        } catch (error) {
          failed = true;
          throw systemError(error, target, "write");
        }
      };
      const result = last.then(task);
      last = result.catch(() => {});
      return result;
    },
    bytesOf: zipBytesOf,
    async publish() {
      if (closed) throw storeClosed(target);
      await last;
      try {
        if (failed) throw storeClosed(target);
        await zip.finish();
      } catch (error) {
        await closeFile();
        await pending.discard();
        throw systemError(error, target, "write");
      }
      await closeFile();
      await pending.publish();
      return { bytes: size };
    },
    async discard() {
      await closeFile();
      await pending.discard();
    },
  };
}
