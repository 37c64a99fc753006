import {
  countOf,
  type DataArray,
  decompressChunk,
  FieldzipError,
  isFloatType,
  type WorkerPool,
} from "@fieldzip/core";
import { archiveVersion } from "./metadata.js";
import type { ArrayMetadata } from "./parse.js";
import { decodeStandard } from "./standard-codecs.js";

/** Decoded values and the shape that they have: clipped to the array, or whole where Zarr pads. */
export interface DecodedChunk {
  readonly data: DataArray;
  readonly shape: readonly number[];
}

/** Stored bytes of one chunk to its values. `clipped` is the chunk's shape inside the array. */
export async function decodeChunk(
  array: ArrayMetadata,
  clipped: readonly number[],
  bytes: Uint8Array,
  where: string,
  options: { pool?: WorkerPool; signal?: AbortSignal } = {},
): Promise<DecodedChunk> {
  const { codec, dataType } = array;
  if (codec.name === "standard") {
    const data = await decodeStandard(bytes, dataType, countOf(array.chunk), where);
    return { data, shape: array.chunk };
  }
  if (codec.name === "unknown" || !isFloatType(dataType)) {
    throw new FieldzipError("unsupported", {
      where,
      expected: `the codec fieldzip of floats, or bytes + gzip + crc32c (archive version ${archiveVersion})`,
      found: codec.name === "unknown" ? codec.description : `fieldzip of ${dataType}`,
      remedy: "read it with a newer release of fieldzip, or with another Zarr reader",
    });
  }
  const data = await decompressChunk(bytes, { dataType, shape: clipped, where, ...options });
  return { data, shape: clipped };
}
