import {
  bytesOf,
  bytesPerValue,
  crc32c,
  type DataArray,
  type DataType,
  FieldzipError,
  viewBytes,
} from "@fieldzip/core";
import { readStream } from "../store/bytes.js";
import { archiveLimits } from "./limits.js";
import { checkCrc32c } from "./shard.js";

/** Zarr's own codecs as the archive uses them: values to bytes, gzip, crc32c. */

/** Values of a whole chunk to stored bytes. */
export async function encodeStandard(data: DataArray, where: string): Promise<Uint8Array> {
  const plain = Array.isArray(data) ? encodeStrings(data, where) : bytesOf(data);
  const gzip = new Blob([plain as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(gzip).arrayBuffer());
  // The operating system's number, so that every system writes the same bytes: 255 is "unknown".
  packed[9] = 255;
  const out = new Uint8Array(packed.length + 4);
  out.set(packed);
  new DataView(out.buffer).setUint32(packed.length, crc32c(packed), true);
  return out;
}

/** Stored bytes to the `count` values of a whole chunk. */
export async function decodeStandard(
  bytes: Uint8Array,
  dataType: DataType,
  count: number,
  where: string,
): Promise<DataArray> {
  if (bytes.length < 4) throw badChunk(where, "a checksum at the end", `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = bytes.subarray(0, -4);
  checkCrc32c(packed, view.getUint32(packed.length, true), where);
  if (dataType === "string") {
    return decodeStrings(await gunzip(packed, archiveLimits.chunkBytes, where), count, where);
  }
  const size = count * bytesPerValue(dataType);
  const plain = await gunzip(packed, size, where);
  if (plain.length !== size) throw badChunk(where, `${size} bytes`, `${plain.length}`);
  return viewBytes(dataType, plain);
}

/** Inflates at most `limit` bytes. */
async function gunzip(bytes: Uint8Array, limit: number, where: string): Promise<Uint8Array> {
  const tooLong = () =>
    new FieldzipError("limit", {
      where,
      expected: `at most ${limit} bytes`,
      found: "a gzip stream that holds more",
      remedy: "the chunk is damaged or made to harm; do not use it",
    });
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return readStream(stream, limit, tooLong).catch((error) => {
    if (error instanceof FieldzipError) throw error;
    throw badChunk(where, "a gzip stream", error instanceof Error ? error.message : "none", error);
  });
}

/** Zarr's `vlen-utf8`: the count, then per string its length in bytes and its UTF-8, uint32 little-endian. */
function encodeStrings(values: readonly string[], where: string): Uint8Array {
  const encoder = new TextEncoder();
  const encoded = values.map((value) => {
    if (/[\ud800-\udfff]/u.test(value)) {
      throw new FieldzipError("unsupported", {
        where,
        expected: "Unicode text",
        found: "half of a surrogate pair, which UTF-8 cannot say",
        remedy: "store the variable as bytes (char)",
      });
    }
    return encoder.encode(value);
  });
  const out = new Uint8Array(encoded.reduce((sum, text) => sum + 4 + text.length, 4));
  const view = new DataView(out.buffer);
  view.setUint32(0, values.length, true);
  let at = 4;
  for (const text of encoded) {
    view.setUint32(at, text.length, true);
    out.set(text, at + 4);
    at += 4 + text.length;
  }
  return out;
}

function decodeStrings(bytes: Uint8Array, count: number, where: string): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = bytes.length < 4 ? -1 : view.getUint32(0, true);
  if (found !== count) throw badChunk(where, `${count} strings`, `${found}`);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const values: string[] = [];
  let at = 4;
  for (let i = 0; i < count; i++) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : -1;
    if (length < 0 || at + 4 + length > bytes.length) {
      throw badChunk(where, `${count} strings`, `the end after ${i}`);
    }
    try {
      values.push(decoder.decode(bytes.subarray(at + 4, at + 4 + length)));
    } catch (error) {
      throw badChunk(where, "UTF-8 text", `other bytes in string ${i}`, error);
    }
    at += 4 + length;
  }
  if (at !== bytes.length) throw badChunk(where, "nothing after the strings", "more bytes");
  return values;
}

function badChunk(where: string, expected: string, found: string, cause?: unknown): FieldzipError {
  return new FieldzipError(
    "format",
    {
      where,
      expected,
      found,
      remedy: "the archive is damaged; restore it or read the other chunks with --skip-damaged",
    },
    cause,
  );
}

/** True where `data` is the array class that holds values of `type`. */
export function sameKind(data: DataArray, type: DataType): boolean {
  if (type === "string") return Array.isArray(data);
  return !Array.isArray(data) && data.constructor === viewBytes(type, empty).constructor;
}
const empty = new Uint8Array(0);
