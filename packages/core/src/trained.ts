/** Arrays of a trained predictor: one chunk after another, each on all threads. */
import type { ArchiveHeader, ArchiveSink } from "./archive.js";
import { countOf } from "./array/box.js";
import { gridOf, indicesOf } from "./array/chunk-grid.js";
import { bytesOf, bytesPerValue, type FloatArray, type FloatType } from "./array/data-type.js";
import type { CheckedOptions } from "./check-options.js";
import { checkJob, chunkCheckpoints } from "./checkpoints.js";
import { compressChunk } from "./compress-chunk.js";
import { decompressChunk } from "./decompress.js";
import { FieldzipError, throwIfAborted } from "./errors.js";
import {
  type DifferenceReport,
  type DifferenceSums,
  differenceSums,
} from "./metrics/difference.js";
import type { Guarantee, PredictorName } from "./options.js";
import type { PlannedArray } from "./plan.js";
import { predictorByNumber } from "./predictors/registry.js";
import type { TrainingFigures } from "./progress.js";
import { boundOf, boundsOf } from "./quantise/bounds.js";
import { fillValuesOf, noticedRanges, withoutFillValues } from "./ranges.js";
import type { StoredArray } from "./shard.js";
import { crc32c } from "./stream/crc32c.js";
import { readHeader } from "./stream/header.js";
import { readTrainedChunk, type TrainedArray } from "./trained-chunk.js";

export interface TrainedProgress {
  /** Bytes of original data since the last call; may be a part of a chunk. */
  readonly bytes: number;
  readonly variable: string;
  readonly training?: TrainingFigures;
}

/**
 * Trains and stores. Everything else of the archive must be stored already: then it is known what a goal's ratio leaves
 * for these arrays.
 */
export async function* storeTrained(
  arrays: readonly TrainedArray[],
  sink: ArchiveSink,
  { header, originalBytes }: { header: ArchiveHeader; originalBytes: number },
  options: CheckedOptions,
  onProgress: (progress: TrainedProgress) => void,
): AsyncGenerator<{ array: PlannedArray; report: StoredArray }> {
  const { guarantee, seconds, checkpoints } = options;
  const until = seconds === undefined ? undefined : performance.now() + 1000 * seconds;
  if (checkpoints) await checkJob(checkpoints, options, arrays);
  const sinks = [];
  for (const { plan } of arrays) sinks.push(await sink.writeArray(plan));
  const ratio = guarantee.kind === "best-effort" ? guarantee.goal.ratio : undefined;
  const budget: Budget = {
    values: arrays.reduce((sum, { plan }) => sum + countOf(plan.shape), 0),
    bytes: ratio && originalBytes / ratio - (await sink.size(header)) - indexBytes(arrays),
    until,
  };
  for (const [k, array] of arrays.entries()) {
    const { plan } = array;
    const run = await openRun(array, options, budget, onProgress);
    let bytes = 0;
    const inShard = plan.shard.map((extent, axis) => extent / plan.chunk[axis]);
    for (const index of indicesOf(gridOf(plan.shape, plan.shard))) {
      const chunks: (Uint8Array | undefined)[] = [];
      for (const inner of indicesOf(inShard)) {
        const place = inner.map((value, axis) => index[axis] * inShard[axis] + value);
        const inside = place.every((value, axis) => value * plan.chunk[axis] < plan.shape[axis]);
        chunks.push(inside ? await run.encode(place) : undefined);
      }
      bytes += (await sinks[k].writeShard(index, chunks)).bytes;
    }
    const differences = run.differences.map((sums) => sums.report());
    checkBounds(array, differences, run.ranges, guarantee);
    yield { array, report: { bytes, predictors: run.predictors, parts: [], differences } };
  }
}

/** What is left for the chunks to come. */
interface Budget {
  values: number;
  /** Of streams, where the goal is a ratio. */
  bytes?: number;
  /** Of `performance.now()`, where there is a limit. */
  until?: number;
}

/** An array's chunks in order, and what is remembered from one to the next. */
async function openRun(
  array: TrainedArray,
  options: CheckedOptions,
  budget: Budget,
  onProgress: (progress: TrainedProgress) => void,
) {
  const { plan, members, trained, stepAxis } = array;
  const { guarantee, pool, signal, checkpoints } = options;
  const dataType = plan.dataType as FloatType;
  const variableAxis = plan.joint?.axis;
  const fillValues = members.flatMap(fillValuesOf);
  const ranges = await noticedRanges(members, fillValues, options);
  const bounds = boundsOf(guarantee, ranges, fillValues);
  const differences = members.map(() => differenceSums());
  const predictors = new Map<PredictorName, number>();
  /** The newest stream at every place but for its step. */
  const latest = new Map<string, Uint8Array>();

  async function encode(place: readonly number[]): Promise<Uint8Array> {
    throwIfAborted(signal);
    const { box, own, values, low, high } = await readTrainedChunk(array, place, signal);
    const where = `${plan.path.replaceAll("/", "_")}-${place.join(".")}`;
    const kept = checkpoints && chunkCheckpoints(checkpoints, where, crc32c(bytesOf(values)));
    const tell = createTeller(countOf(box.shape) * bytesPerValue(dataType), (bytes, training) =>
      onProgress({ bytes, training, variable: members[0].name }),
    );
    const beside = place.filter((_, axis) => axis !== stepAxis).join();
    const share = countOf(box.shape) / budget.values;
    const seconds = budget.until && (share * Math.max(0, budget.until - performance.now())) / 1000;
    let bytes = await kept?.stream();
    // What an earlier run has done took its share of the time.
    if (bytes && seconds) budget.until! -= 1000 * seconds;
    if (!bytes) {
      const previous = latest.get(beside);
      bytes = await trained.predictor.encode(
        {
          ...{ values, shape: box.shape, low, high, variableAxis, stepAxis },
          ...{ ranges, fillValues, previous },
        },
        {
          ...{ guarantee, settings: trained.settings, pool, signal, checkpoint: kept?.training },
          seconds,
          bytes: budget.bytes === undefined ? undefined : Math.max(1, share * budget.bytes),
          onProgress: (figures, part) => tell(Math.min(1, part), figures),
        },
      );
      // What it has nothing to offer for.
      bytes ??= (await compressChunk(own, box.shape, { variableAxis, bounds, pool, signal })).bytes;
      await kept?.finish(bytes);
    }
    latest.set(beside, bytes);
    const decode = { dataType, shape: box.shape, where, pool, signal };
    const decoded = await decompressChunk(bytes, decode);
    if (guarantee.kind === "exact") checkBits(own, decoded, where);
    const fields = { original: withoutFillValues(own, fillValues), decoded };
    addDifferences(differences, fields, box.shape, variableAxis);
    const { name } = predictorByNumber(readHeader(bytes, where).predictor, where);
    predictors.set(name, (predictors.get(name) ?? 0) + 1);
    budget.values -= countOf(box.shape);
    if (budget.bytes !== undefined) budget.bytes -= bytes.length;
    tell(1);
    return bytes;
  }
  return { encode, predictors, differences, ranges };
}

/** Turns shares of a chunk that are done into bytes since the last call. */
function createTeller(
  chunkBytes: number,
  onProgress: (bytes: number, training?: TrainingFigures) => void,
): (share: number, training?: TrainingFigures) => void {
  let told = 0;
  return (share, training) => {
    onProgress((share - told) * chunkBytes, training);
    told = share;
  };
}

/** What is promised is looked at in what was decoded. Throws `guarantee`. */
function checkBits(original: FloatArray, decoded: FloatArray, where: string): void {
  const [bits, others] = [bytesOf(original), bytesOf(decoded)];
  if (bits.every((byte, i) => byte === others[i])) return;
  throw breach(where, "every bit", "others in what is decoded");
}

function checkBounds(
  { members }: TrainedArray,
  differences: readonly DifferenceReport[],
  ranges: readonly number[],
  guarantee: Guarantee,
): void {
  if (guarantee.kind !== "bounded") return;
  for (const [k, { maxError, lost }] of differences.entries()) {
    const bound = boundOf(guarantee, ranges[k]);
    if (lost === 0 && maxError <= bound) continue;
    throw breach(`variable ${members[k].name}`, `errors up to ${bound}`, `${maxError}`);
  }
}

function breach(where: string, expected: string, found: string): FieldzipError {
  const remedy = "report this as a bug of fieldzip; another predictor will do";
  return new FieldzipError("guarantee", { where, expected, found, remedy });
}

function addDifferences(
  differences: readonly DifferenceSums[],
  { original, decoded }: { original: FloatArray; decoded: FloatArray },
  shape: readonly number[],
  variableAxis = 0,
): void {
  // Without a variable axis the whole chunk is of one variable.
  const before = differences.length > 1 ? countOf(shape.slice(0, variableAxis)) : 1;
  const run = original.length / before / differences.length;
  for (let at = 0, k = 0; at < original.length; at += run, k++) {
    const sums = differences[k % differences.length];
    sums.add(original.subarray(at, at + run), decoded.subarray(at, at + run));
  }
}

/** What shards hold besides their chunks: an index of 16 bytes a chunk and its checksum. */
function indexBytes(arrays: readonly TrainedArray[]): number {
  return arrays.reduce((sum, { plan }) => {
    const inShard = countOf(plan.shard) / countOf(plan.chunk);
    return inShard > 1 ? sum + countOf(gridOf(plan.shape, plan.shard)) * (16 * inShard + 4) : sum;
  }, 0);
}
