import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import type { RandomAccessFile } from "./file.js";

/** A file that a user handed to a page, read in ranges. */
export function blobFile(blob: Blob, name: string): RandomAccessFile {
  return {
    path: name,
    size: blob.size,
    async read(offset, length, signal) {
      throwIfAborted(signal);
      const part = blob.slice(offset, offset + length);
      const bytes = await part.arrayBuffer().catch((error) => {
        throw new FieldzipError(
          "io",
          {
            where: name,
            found: error instanceof Error ? error.message : "a file that cannot be read",
            remedy: "the file was moved or changed; choose it again",
          },
          error,
        );
      });
      if (bytes.byteLength === length) return new Uint8Array(bytes);
      throw new FieldzipError("truncated", {
        where: `${name}, offset ${offset}`,
        expected: `${length} bytes`,
        found: `${bytes.byteLength} before the end of the file`,
        remedy: "the file is incomplete; fetch or write it again",
      });
    },
    async close() {},
  };
}
