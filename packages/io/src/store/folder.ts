import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, realpath } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import { flush, writeAside } from "../files/atomic.js";
import { systemError } from "../files/file.js";
import { checkKey, clipRange, duplicateKey, storeClosed } from "./keys.js";
import type { ByteRange, ReadableStore, WritableStore } from "./store.js";

/** Whether symbolic links may lead out of a folder: for whom reads for others, they may not. */
export type LinkRule = "anywhere" | "inside";

/**
 * A folder, one file an object. Keys cannot lead out of it; symbolic links inside it are followed,
 * because sites keep large objects elsewhere that way, unless `links` wants them to stay `inside`.
 */
export function openFolder(location: string, links: LinkRule = "anywhere"): ReadableStore {
  const root = resolve(location);

  /** Where the object really lies. */
  async function placeOf(key: string): Promise<string> {
    const path = join(root, key);
    if (links === "anywhere") return path;
    const [top, real] = [await realpath(root), await realpath(path)];
    if (real.startsWith(top + sep)) return real;
    throw new FieldzipError("unsupported", {
      where: `${location}, ${key}`,
      expected: "an object inside the folder",
      found: "a symbolic link that leads out of it",
      remedy: "put the object itself there, or allow such links (--follow-links)",
    });
  }

  /** Runs `use` on the open object, or gives undefined where there is no such regular file. */
  async function withObject<T>(
    key: string,
    signal: AbortSignal | undefined,
    use: (handle: FileHandle, size: number, path: string) => Promise<T>,
  ): Promise<T | undefined> {
    throwIfAborted(signal);
    checkKey(key, location);
    let path = join(root, key);
    let handle: FileHandle;
    try {
      path = await placeOf(key);
      // Without O_NONBLOCK a named pipe put in place of an object would block for ever.
      handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw systemError(error, path, "read");
    }
    try {
      const stat = await handle.stat();
      return stat.isFile() ? await use(handle, stat.size, path) : undefined;
    } catch (error) {
      throw systemError(error, path, "read");
    } finally {
      await handle.close();
    }
  }

  const read = (key: string, range: ByteRange | undefined, signal?: AbortSignal) =>
    withObject(key, signal, async (handle, size) => {
      const { offset, length } = clipRange(range ?? { offset: 0, length: size }, size);
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    });

  return {
    location,
    get: (key, signal) => read(key, undefined, signal),
    getRange: (key, range, signal) => read(key, range, signal),
    size: (key, signal) => withObject(key, signal, async (_, size) => size),
    async list(prefix) {
      const keys: string[] = [];
      const walk = async (folder: string, base: string): Promise<void> => {
        for (const entry of await readdir(folder, { withFileTypes: true })) {
          const key = base + entry.name;
          if (entry.isDirectory()) await walk(join(folder, entry.name), `${key}/`);
          else if (key.startsWith(prefix)) keys.push(key);
        }
      };
      await walk(root, "").catch((error) => {
        throw systemError(error, root, "read");
      });
      return keys.sort();
    },
    async close() {},
  };
}

/** A folder being written aside; every object is flushed to disk as it is put. */
export async function createFolder(
  target: string,
  options: { force?: boolean } = {},
): Promise<WritableStore> {
  const pending = await writeAside(target, options);
  const folders = new Set<string>();
  const running = new Set<Promise<void>>();
  let bytesInAll = 0;
  let done = false;

  async function write(key: string, bytes: Uint8Array): Promise<void> {
    const path = join(pending.path, key);
    const folder = dirname(path);
    if (!folders.has(folder)) {
      await mkdir(folder, { recursive: true });
      for (let up = folder; up.length >= pending.path.length; up = dirname(up)) folders.add(up);
    }
    // Exclusive: on a file system that ignores case, `T` must not overwrite `t`.
    const handle = await open(path, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    bytesInAll += bytes.length;
  }

  return {
    location: target,
    async put(key, bytes) {
      checkKey(key, target);
      if (done) throw storeClosed(target);
      const task = write(key, bytes);
      running.add(task);
      try {
        await task;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") throw duplicateKey(key, target);
        throw systemError(error, join(target, key), "write");
      } finally {
        running.delete(task);
      }
    },
    async publish() {
      if (done) throw storeClosed(target);
      done = true;
      await Promise.all(running);
      try {
        for (const folder of folders) await flush(folder);
      } catch (error) {
        await pending.discard();
        throw systemError(error, target, "write");
      }
      await pending.publish();
      return { bytes: bytesInAll };
    },
    async discard() {
      done = true;
      // A write still running would put its folder back after the removal.
      await Promise.allSettled(running);
      await pending.discard();
    },
  };
}
