import { createDecoder, createEncoder, type Decoder, type Encoder } from "@fieldzip/kernels";
import { type FloatArray, type FloatType, floatTypeOf } from "../array/data-type.js";
import { FieldzipError } from "../errors.js";
import type { PredictorName } from "../options.js";
import type { EncodeOptions, LocalPredictor } from "../predictors/predictor.js";
import { localPredictorByName, localPredictors } from "../predictors/registry.js";
import { type Section, sizeOfSections, writeStream } from "../stream/header.js";
import { errorOfStatus } from "../stream/status.js";

export interface EncodeChunkTask {
  readonly values: FloatArray;
  readonly shape: readonly number[];
  readonly predictor: PredictorName | "auto";
  readonly options: EncodeOptions;
}

export interface EncodedChunk {
  readonly bytes: Uint8Array;
  /** The predictor that was used. */
  readonly predictor: PredictorName;
}

export interface DecodeChunkTask {
  readonly stream: Uint8Array;
  readonly dataType: FloatType;
  readonly count: number;
  readonly where: string;
}

/** One of each a thread; made on first use, since starting costs a few milliseconds. */
let encoder: Encoder | undefined;
let decoder: Decoder | undefined;

/** predict -> quantise -> entropy-code -> stream, for one chunk. */
export function encodeChunk({ values, shape, predictor, options }: EncodeChunkTask): EncodedChunk {
  const candidates =
    predictor === "auto"
      ? localPredictors.filter(({ automatic }) => automatic)
      : [localPredictorByName(predictor), localPredictorByName("raw")];
  let best: { predictor: LocalPredictor; sections: readonly Section[]; size: number } | undefined;
  for (const candidate of new Set(candidates)) {
    const sections = tryEncode(candidate, values, shape, options);
    if (!sections) continue;
    const size = sizeOfSections(sections);
    if (!best || size < best.size) best = { predictor: candidate, sections, size };
  }
  const { predictor: chosen, sections } = best!;
  const bounded = options.bounds && chosen.guarantees.includes("bounded");
  const promise = bounded ? "bounded" : "exact";
  return {
    bytes: writeStream(floatTypeOf(values), chosen.number, shape, sections, promise),
    predictor: chosen.name,
  };
}

function tryEncode(
  predictor: LocalPredictor,
  values: FloatArray,
  shape: readonly number[],
  options: EncodeOptions,
) {
  try {
    encoder ??= createEncoder();
    return predictor.encode(values, shape, encoder, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    encoder = undefined;
    throw new FieldzipError(
      "limit",
      {
        where: `a chunk of ${values.length} values`,
        expected: "memory to encode it",
        found: "none left",
        remedy: "use smaller chunks (--chunk-values) or fewer threads",
      },
      error,
    );
  }
}

/** stream -> values, for one chunk, by the WebAssembly decoder. */
export function decodeChunk({ stream, dataType, count, where }: DecodeChunkTask): FloatArray {
  decoder ??= createDecoder();
  try {
    const { status, detail, values } = decoder.decode(stream, dataType, count);
    if (values) return values;
    throw errorOfStatus(status, detail, where);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    // The decoder checks everything, so this is a bug of ours; still one chunk's error, not a crash.
    decoder = undefined;
    throw new FieldzipError(
      "format",
      {
        where,
        expected: "a stream that decodes or is refused",
        found: `a trap in the decoder (${error.message})`,
        remedy: "please report this chunk as a bug of fieldzip",
      },
      error,
    );
  }
}
