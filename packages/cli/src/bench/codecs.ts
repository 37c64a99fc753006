import * as zlib from "node:zlib";
import {
  compressChunk,
  decompressChunk,
  type Effort,
  type FloatArray,
  type FloatType,
} from "@fieldzip/core";

/** Values that are measured: C order, the machine's byte order. */
export interface BenchField {
  readonly values: FloatArray;
  readonly dataType: FloatType;
  readonly shape: readonly number[];
  /** For messages. */
  readonly where: string;
}

/** What one codec made of one field. */
export interface Measured {
  /** Size of what was encoded. */
  readonly bytes: number;
  /** Mean CPU seconds of a call. */
  readonly compress: number;
  readonly decompress: number;
}

export interface Codec {
  readonly name: string;
  /** Ours, and not a peer. */
  readonly ours: boolean;
  /** Encodes, decodes and compares every byte; throws where they differ or the codec refuses. */
  measure(field: BenchField, least: number, signal?: AbortSignal): Promise<Measured>;
}

/** Encodes to bytes and decodes these again, on the calling thread. */
interface Coder {
  encode(field: BenchField): Uint8Array | Promise<Uint8Array>;
  decode(encoded: Uint8Array, field: BenchField): FloatArray | Uint8Array | Promise<FloatArray>;
}

const efforts: readonly Effort[] = ["fast", "default", "max"];

/** What `compress` makes of a chunk, with each effort. */
export function ownCodecs(): Codec[] {
  return efforts.map((effort) =>
    inProcess(`fieldzip ${effort}`, true, {
      encode: async ({ values, shape }) => (await compressChunk(values, shape, { effort })).bytes,
      decode: (encoded, { dataType, shape, where }) =>
        decompressChunk(encoded, { dataType, shape, where }),
    }),
  );
}

/** What Node brings, so that there is always something to compare with. */
export function nodeCodecs(): Codec[] {
  // Only since Node 22.15; its types are older.
  const { zstdCompressSync, zstdDecompressSync } = zlib as typeof zlib & {
    zstdCompressSync?: (bytes: Uint8Array) => Uint8Array;
    zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array;
  };
  const codecs = [
    inProcess("gzip -6", false, {
      encode: ({ values }) => zlib.gzipSync(bytesOf(values)),
      decode: (encoded) => zlib.gunzipSync(encoded),
    }),
    inProcess("shuffle + gzip -6", false, {
      encode: ({ values }) => zlib.gzipSync(shuffle(bytesOf(values), values.BYTES_PER_ELEMENT)),
      decode: (encoded, { values }) =>
        unshuffle(zlib.gunzipSync(encoded), values.BYTES_PER_ELEMENT),
    }),
  ];
  if (zstdCompressSync && zstdDecompressSync) {
    codecs.push(
      inProcess("shuffle + zstd -3", false, {
        encode: ({ values }) =>
          zstdCompressSync(shuffle(bytesOf(values), values.BYTES_PER_ELEMENT)),
        decode: (encoded, { values }) =>
          unshuffle(zstdDecompressSync(encoded), values.BYTES_PER_ELEMENT),
      }),
    );
  }
  return codecs;
}

function inProcess(name: string, ours: boolean, coder: Coder): Codec {
  let warm = false;
  return {
    name,
    ours,
    async measure(field, least) {
      if (!warm) {
        // Once untimed: compiling is paid once a process and not once a chunk.
        await coder.decode(await coder.encode(field), field);
        warm = true;
      }
      const encoded = await timed(() => coder.encode(field), least);
      const decoded = await timed(() => coder.decode(encoded.result, field), least);
      if (Buffer.compare(bytesOf(decoded.result), bytesOf(field.values)) !== 0) {
        throw new Error("decoded bytes differ from the original");
      }
      return {
        bytes: encoded.result.length,
        compress: encoded.seconds,
        decompress: decoded.seconds,
      };
    },
  };
}

/** Mean CPU seconds (all threads of the process) of as many calls as fill `least`, and the last result. */
async function timed<Result>(
  call: () => Result | Promise<Result>,
  least: number,
): Promise<{ seconds: number; result: Result }> {
  const start = process.cpuUsage();
  for (let calls = 1; ; calls++) {
    const result = await call();
    const { user, system } = process.cpuUsage(start);
    const spent = (user + system) / 1e6;
    if (spent >= least || calls >= 1000) return { seconds: spent / calls, result };
  }
}

function bytesOf(values: FloatArray | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** All first bytes of the values, then all second ones, and so on. */
export function shuffle(bytes: Uint8Array, size: number): Uint8Array {
  const planes = new Uint8Array(bytes.length);
  const count = bytes.length / size;
  for (let plane = 0; plane < size; plane++) {
    const start = plane * count;
    for (let i = 0, at = plane; i < count; i++, at += size) planes[start + i] = bytes[at];
  }
  return planes;
}

export function unshuffle(planes: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(planes.length);
  const count = planes.length / size;
  for (let plane = 0; plane < size; plane++) {
    const start = plane * count;
    for (let i = 0, at = plane; i < count; i++, at += size) bytes[at] = planes[start + i];
  }
  return bytes;
}
