import { type Box, countOf } from "./array/box.js";
import { bytesPerValue, type FloatArray, type FloatType } from "./array/data-type.js";
import { FieldzipError, throwIfAborted } from "./errors.js";
import type { Guarantee, PredictorName } from "./options.js";
import type { PredictorDescription } from "./predictors/predictor.js";
import { predictorByNumber, predictors } from "./predictors/registry.js";
import {
  checkChunk,
  guaranteeNames,
  readHeader,
  type StreamHeader,
  sectionName,
} from "./stream/header.js";
import { limits } from "./stream/limits.js";
import type { DecodeChunkTask } from "./threads/chunk-tasks.js";
import { inlinePool, type WorkerPool } from "./threads/pool.js";

export interface DecompressChunkOptions {
  readonly dataType: FloatType;
  /** The shape that the chunk must have (clipped to the array). */
  readonly shape: readonly number[];
  /** For messages: `run.zarr, variable rho, chunk [3,0,1]`. */
  readonly where: string;
  readonly pool?: WorkerPool;
  readonly signal?: AbortSignal;
}

/**
 * The straight line backwards, for one chunk: stream -> sections and checksums -> entropy decoding ->
 * residuals -> prediction -> values. Nothing is allocated before the shape asked for is within limits.
 */
export async function decompressChunk(
  stream: Uint8Array,
  { dataType, shape, where, pool = inlinePool, signal }: DecompressChunkOptions,
): Promise<FloatArray> {
  throwIfAborted(signal);
  const count = checkSize(shape, dataType, where);
  checkChunk(readHeader(stream, where), { dataType, shape, where });
  const task: DecodeChunkTask = { stream, dataType, count, where };
  return pool.run<DecodeChunkTask, FloatArray>("decode-chunk", task, { signal });
}

/**
 * Values of a box of a chunk where its predictor can compute them without the others, on all threads; the same
 * bits. Undefined where the whole chunk has to be decoded.
 */
export async function decompressBox(
  stream: Uint8Array,
  box: Box,
  { dataType, shape, where, pool = inlinePool, signal }: DecompressChunkOptions,
): Promise<FloatArray | undefined> {
  throwIfAborted(signal);
  checkSize(box.shape, dataType, where);
  const header = readHeader(stream, where);
  checkChunk(header, { dataType, shape, where });
  const predictor = predictors.find(({ number }) => number === header.predictor);
  if (predictor?.kind !== "trained") return undefined;
  return predictor.decodeBox?.(stream, header, box, { where, pool, signal });
}

/** Values of a chunk; refused where there are more than a chunk can have. */
function checkSize(shape: readonly number[], dataType: FloatType, where: string): number {
  const count = countOf(shape);
  if (count * bytesPerValue(dataType) <= limits.chunkBytes) return count;
  throw new FieldzipError("limit", {
    where,
    expected: `a chunk of at most ${limits.chunkBytes} bytes`,
    found: `shape ${shape.join(" x ")} of ${dataType}`,
    remedy: "the archive is damaged or hostile; fieldzip writes no chunks of this size",
  });
}

/** What a stream says about itself, without decoding it. */
export interface StreamDescription extends PredictorDescription {
  readonly version: number;
  readonly dataType: FloatType;
  readonly guarantee: Guarantee["kind"];
  readonly predictor: PredictorName;
  readonly shape: readonly number[];
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
}

function guaranteeOf({ guarantee }: StreamHeader, where: string): Guarantee["kind"] {
  const found = guaranteeNames[guarantee];
  if (found) return found;
  throw new FieldzipError("unsupported", {
    where,
    expected: `guarantee 0 to ${guaranteeNames.length - 1}`,
    found: `guarantee ${guarantee}`,
    remedy: "read it with a newer release of fieldzip",
  });
}

/** Reads the header and the side information of a stream, for `inspect`. */
export function describeStream(stream: Uint8Array, where = "stream"): StreamDescription {
  const header: StreamHeader = readHeader(stream, where);
  const predictor = predictorByNumber(header.predictor, where);
  let description: PredictorDescription;
  try {
    description = predictor.describe(stream, header);
  } catch (error) {
    throw new FieldzipError(
      "format",
      {
        where: `${where}, side information`,
        expected: "what the predictor wrote",
        found: "other bytes",
        remedy: "the archive is damaged; run fieldzip verify",
      },
      error,
    );
  }
  return {
    ...description,
    version: header.version,
    dataType: header.dataType,
    guarantee: guaranteeOf(header, where),
    predictor: predictor.name,
    shape: header.shape,
    sections: header.sections.map(({ kind, length }) => ({
      name: sectionName(kind),
      bytes: length,
    })),
  };
}
