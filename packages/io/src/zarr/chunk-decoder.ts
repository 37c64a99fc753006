import {
  type Box,
  countOf,
  type DataArray,
  decompressBox,
  decompressChunk,
  FieldzipError,
  isFloatType,
  relativeTo,
  type WorkerPool,
} from "@fieldzip/core";
import { archiveVersion } from "./metadata.js";
import type { ArrayMetadata } from "./parse.js";
import { decodeStandard } from "./standard-codecs.js";

/** Decoded values and the box of the array that they fill; whole chunks of Zarr's own codecs reach beyond the array. */
export interface DecodedChunk {
  readonly data: DataArray;
  readonly box: Box;
}

/**
 * Stored bytes of one chunk to its values. `stored` is the chunk's box in the array, clipped to it; `wanted` the part
 * of it that is asked for: what comes holds this part, and the whole chunk where parts cannot be had alone.
 */
export async function decodeChunk(
  array: ArrayMetadata,
  stored: Box,
  wanted: Box,
  bytes: Uint8Array,
  where: string,
  options: { pool?: WorkerPool; signal?: AbortSignal } = {},
): Promise<DecodedChunk> {
  const { codec, dataType } = array;
  if (codec.name === "standard") {
    const data = await decodeStandard(bytes, dataType, countOf(array.chunk), where);
    return { data, box: { start: stored.start, shape: array.chunk } };
  }
  if (codec.name === "unknown" || !isFloatType(dataType)) {
    throw new FieldzipError("unsupported", {
      where,
      expected: `the codec fieldzip of floats, or bytes + gzip + crc32c (archive version ${archiveVersion})`,
      found: codec.name === "unknown" ? codec.description : `fieldzip of ${dataType}`,
      remedy: "read it with a newer release of fieldzip, or with another Zarr reader",
    });
  }
  const chunk = { dataType, shape: stored.shape, where, ...options };
  // By parts on all threads, or the whole on one.
  const part = countOf(wanted.shape) < countOf(stored.shape);
  if (decodesBoxes(array) && (part || (options.pool?.size ?? 0) > 1)) {
    const data = await decompressBox(bytes, relativeTo(wanted, stored.start), chunk);
    if (data) return { data, box: wanted };
  }
  return { data: await decompressChunk(bytes, chunk), box: stored };
}

/** Whether chunks may well be decoded in part. The metadata say what was asked for, the streams what was done. */
export function decodesBoxes({ codec }: ArrayMetadata): boolean {
  return codec.name === "fieldzip" && codec.configuration.predictor === "neural";
}
