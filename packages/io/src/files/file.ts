import { open } from "node:fs/promises";
import { FieldzipError, throwIfAborted } from "@fieldzip/core";

/** A file that is read at any offset. */
export interface RandomAccessFile {
  readonly path: string;
  readonly size: number;
  /** Reads exactly `length` bytes at `offset`; a typed error where the file ends before. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a regular file for reading. */
export async function openFile(path: string): Promise<RandomAccessFile> {
  const handle = await open(path, "r").catch((error) => {
    throw systemError(error, path, "read");
  });
  const { size } = await handle.stat();
  return {
    path,
    size,
    async read(offset, length, signal) {
      throwIfAborted(signal);
      if (offset + length > size) {
        throw new FieldzipError("truncated", {
          where: `${path}, offset ${offset}`,
          expected: `${length} bytes`,
          found: `${Math.max(0, size - offset)} before the end of the file`,
          remedy: "the file is incomplete; fetch or write it again",
        });
      }
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle
          .read(bytes, done, length - done, offset + done)
          .catch((error) => {
            throw systemError(error, path, "read");
          });
        if (bytesRead === 0) {
          throw new FieldzipError("truncated", {
            where: `${path}, offset ${offset + done}`,
            expected: `${length - done} more bytes`,
            found: "the end of the file",
            remedy: "the file shrank while it was read; try again when its writer is done",
          });
        }
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

const remedies: Record<string, string> = {
  ENOENT: "check the path; there is no such file",
  EACCES: "no permission; choose another place or change the permission",
  EPERM: "no permission; choose another place or change the permission",
  EROFS: "the file system is read-only; choose another place",
  ENOSPC: "the disk is full; free some space or choose another place",
  EDQUOT: "the quota is used up; free some space or choose another place",
  EISDIR: "this is a folder; name a file",
  ENOTDIR: "a part of the path is not a folder",
  EMFILE: "too many open files; raise the limit with ulimit -n",
};

/** An error of the operating system as a typed one that says what to do. */
export function systemError(error: unknown, path: string, doing: string): FieldzipError {
  if (error instanceof FieldzipError) return error;
  const code = (error as NodeJS.ErrnoException)?.code ?? "unknown error";
  return new FieldzipError(
    code === "ENOENT" && doing === "read" ? "missing" : "io",
    {
      where: path,
      found: `${code} on ${doing}`,
      remedy: remedies[code] ?? "the operating system refused; see the cause",
    },
    error,
  );
}
