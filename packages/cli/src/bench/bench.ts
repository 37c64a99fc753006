import {
  countOf,
  type Dataset,
  type FloatArray,
  type FloatType,
  isFieldzipError,
  throwIfAborted,
  type WorkOptions,
} from "@fieldzip/core";
import { type BenchField, type Codec, nodeCodecs, ownCodecs } from "./codecs.js";
import { startPeers } from "./peers.js";
import { type SampledChunk, sampleOf } from "./sample.js";

export interface BenchOptions extends WorkOptions {
  /** Default: all of float type. */
  readonly variables?: readonly string[];
  /** Bytes of original data that are measured, at most (but always a chunk). Default 64 MB. */
  readonly limit?: number;
  /** The Python that has the peers. Default: `FIELDZIP_PYTHON`, else `python3`. */
  readonly python?: string;
}

/** What one codec came to over the whole sample. */
export interface BenchResult {
  readonly name: string;
  readonly ours: boolean;
  /** Original bytes / encoded bytes. */
  readonly ratio: number;
  readonly bitsPerValue: number;
  /** MB/s of original data in CPU time of one thread. */
  readonly compress: number;
  readonly decompress: number;
  /** Of the encoded sample. */
  readonly bytes: number;
}

export interface BenchReport {
  readonly location: string;
  readonly variables: readonly string[];
  readonly chunks: number;
  readonly values: number;
  /** Bytes that were measured, and of all values of the variables. */
  readonly bytes: number;
  readonly ofBytes: number;
  /** Best ratio first. */
  readonly codecs: readonly BenchResult[];
  /** Codecs that refused a field or lost bits, with the reason. */
  readonly failed: Readonly<Record<string, string>>;
  /** Peers that are not there, with the packages that pip would have to install. */
  readonly missing: Readonly<Record<string, string>>;
  /** Why there are no peers at all. */
  readonly noPeers?: string;
  readonly versions: Readonly<Record<string, string>>;
}

export const defaultLimit = 64e6;
/** A call is repeated until this much CPU time is spent, so that small fields are timed, too. */
const leastSeconds = 0.02;

/**
 * Measures our efforts and the peers that are there on the user's own values: every codec gets the
 * same chunks, in turns, and every decoded byte is compared. Memory: one chunk. Changes nothing.
 */
export async function bench(dataset: Dataset, options: BenchOptions = {}): Promise<BenchReport> {
  const { signal, onProgress, variables, limit = defaultLimit } = options;
  const sample = sampleOf(dataset, { variables, limit });
  const asked = options.python ?? process.env.FIELDZIP_PYTHON;
  const python = asked || "python3";
  const peers = await startPeers(python, { required: Boolean(asked), signal });
  try {
    const codecs = [...ownCodecs(), ...nodeCodecs(), ...(peers?.codecs ?? [])];
    const sums = new Map(codecs.map((codec) => [codec, { bytes: 0, compress: 0, decompress: 0 }]));
    const failed: Record<string, string> = {};
    const total = sample.bytes * codecs.length;
    let done = 0;
    for (const chunk of sample.chunks) {
      const field = await read(chunk, dataset.location, signal);
      for (const [codec, sum] of sums) {
        await turnEventLoop();
        throwIfAborted(signal);
        onProgress?.({ stage: "bench", done, total, variable: codec.name });
        const measured = failed[codec.name]
          ? undefined
          : await attempt(codec, field, failed, signal);
        done += chunk.bytes;
        if (!measured) continue;
        sum.bytes += measured.bytes;
        sum.compress += measured.compress;
        sum.decompress += measured.decompress;
      }
    }
    const values = sample.chunks.reduce((sum, { box }) => sum + countOf(box.shape), 0);
    return {
      location: dataset.location,
      variables: sample.variables,
      chunks: sample.chunks.length,
      values,
      bytes: sample.bytes,
      ofBytes: sample.ofBytes,
      codecs: resultsOf(sums, failed, sample.bytes, values),
      failed,
      missing: peers?.missing ?? {},
      ...(peers ? {} : { noPeers: `${python} does not run` }),
      versions: { node: process.versions.node, ...peers?.versions },
    };
  } finally {
    await peers?.close();
  }
}

/** A codec that refuses a field is a result, not the end of the bench. */
async function attempt(
  codec: Codec,
  field: BenchField,
  failed: Record<string, string>,
  signal: AbortSignal | undefined,
) {
  try {
    return await codec.measure(field, leastSeconds, signal);
  } catch (error) {
    throwIfAborted(signal);
    // Ours must not fail: that is a bug, and not a line in a table.
    if (codec.ours && isFieldzipError(error)) throw error;
    failed[codec.name] = error instanceof Error ? error.message : String(error);
    return undefined;
  }
}

async function read(
  { variable, box }: SampledChunk,
  location: string,
  signal: AbortSignal | undefined,
): Promise<BenchField> {
  const values = (await variable.readBox(box, signal)) as FloatArray;
  return {
    values,
    dataType: variable.dataType as FloatType,
    // Axes of extent 1 say nothing, and some peers stumble over them.
    shape: box.shape.filter((extent) => extent !== 1),
    where: `${location}, variable ${variable.name}, box at [${box.start.join(",")}]`,
  };
}

function resultsOf(
  sums: ReadonlyMap<Codec, { bytes: number; compress: number; decompress: number }>,
  failed: Readonly<Record<string, string>>,
  originalBytes: number,
  values: number,
): BenchResult[] {
  return [...sums]
    .filter(([{ name }]) => !failed[name])
    .map(([{ name, ours }, { bytes, compress, decompress }]) => ({
      name,
      ours,
      ratio: originalBytes / bytes,
      bitsPerValue: (8 * bytes) / values,
      compress: originalBytes / 1e6 / compress,
      decompress: originalBytes / 1e6 / decompress,
      bytes,
    }))
    .sort((a, b) => b.ratio - a.ratio);
}

/** Between two measurements the event loop turns, so that Ctrl-C is heard. */
function turnEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
