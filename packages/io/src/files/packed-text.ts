import { deflateRawSync, inflateRawSync } from "node:zlib";
import { FieldzipError, type Json } from "@fieldzip/core";

/** Text files that are kept beside the data are small; what unpacks to more is hostile. */
export const packedTextLimit = 16 << 20;

/** The bytes of a small text file as a short string for JSON: deflated, base64. */
export function packBytes(bytes: Uint8Array): string {
  return deflateRawSync(bytes, { level: 9 }).toString("base64");
}

/** The bytes again; a typed error where the string is none of ours. */
export function unpackBytes(packed: Json | undefined, where: string): Uint8Array {
  try {
    return inflateRawSync(Buffer.from(packed as string, "base64"), {
      maxOutputLength: packedTextLimit,
    });
  } catch (error) {
    throw new FieldzipError(
      "format",
      {
        where,
        expected: "a packed text file",
        found: "something else",
        remedy: "the archive is damaged; write another format, such as NetCDF (.nc)",
      },
      error,
    );
  }
}
