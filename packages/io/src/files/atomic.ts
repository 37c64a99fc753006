import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { FieldzipError } from "@fieldzip/core";
import { systemError } from "./file.js";

/** An output that is being written aside and appears under its name only when it is whole. */
export interface PendingOutput {
  /** Where to write: a path beside the target that does not exist yet. */
  readonly path: string;
  /** Flushes to disk and renames to the target; an old target (with `force`) goes only now. */
  publish(): Promise<void>;
  /** Removes what was written; the old target is untouched. */
  discard(): Promise<void>;
}

/**
 * Prepares to write the file or folder `target`. Refused at once where the target exists (without
 * `force`) or its folder cannot be written.
 */
export async function writeAside(
  target: string,
  options: { force?: boolean } = {},
): Promise<PendingOutput> {
  const full = resolve(target);
  const folder = dirname(full);
  if (!options.force && (await exists(full))) {
    throw new FieldzipError("exists", {
      where: target,
      found: "something under that name already",
      remedy: "choose another name, or pass --force (force: true) to replace it",
    });
  }
  const path = join(folder, `.${basename(full)}.partial-${process.pid}-${Date.now().toString(36)}`);
  // Fail before hours of work, not after: the folder must take a new entry now.
  try {
    await mkdir(path);
    await rm(path, { recursive: true });
  } catch (error) {
    throw systemError(error, folder, "write");
  }
  return {
    path,
    async publish() {
      try {
        await flush(path);
        if (options.force && (await exists(full))) {
          const old = `${path}.old`;
          await rename(full, old);
          try {
            await rename(path, full);
          } catch (error) {
            await rename(old, full);
            throw error;
          }
          await rm(old, { recursive: true, force: true });
        } else if (await exists(full)) {
          throw new FieldzipError("exists", {
            where: target,
            found: "something that appeared under that name meanwhile",
            remedy: "choose another name, or pass --force (force: true) to replace it",
          });
        } else {
          await rename(path, full);
        }
        await flush(folder);
      } catch (error) {
        await rm(path, { recursive: true, force: true });
        throw systemError(error, target, "write");
      }
    },
    async discard() {
      await rm(path, { recursive: true, force: true });
    },
  };
}

/**
 * Writes a file aside, flushes it, and puts it under its name in one rename: what stood there stays until then, and
 * there is never nothing. For what is rewritten now and then.
 */
export async function replaceFile(target: string, bytes: Uint8Array | string): Promise<void> {
  const full = resolve(target);
  const path = `${full}.partial-${process.pid}`;
  try {
    const handle = await open(path, "w");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(path, full);
    await flush(dirname(full));
  } catch (error) {
    await rm(path, { force: true });
    throw systemError(error, target, "write");
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** fsync of a file or a folder (the folder's entry list, so that a rename survives a crash). */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
