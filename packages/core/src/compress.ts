import type { ArchiveSink, ArraySink } from "./archive.js";
import { type Box, countOf, extractBox, relativeTo } from "./array/box.js";
import { chunkBox, gridOf, indicesOf } from "./array/chunk-grid.js";
import {
  bytesOf,
  bytesPerValue,
  type DataArray,
  type FloatArray,
  type NumericArray,
} from "./array/data-type.js";
import type { Dataset } from "./array/dataset.js";
import { compressChunk } from "./compress-chunk.js";
import { throwIfAborted } from "./errors.js";
import { chooseJoint } from "./joint.js";
import type { CompressOptions, PredictorName } from "./options.js";
import { type PlannedArray, planArrays } from "./plan.js";
import type { Progress } from "./progress.js";

/** What became of one variable. */
export interface VariableReport {
  readonly name: string;
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly originalBytes: number;
  /** For a variable of a joint array its share by size. */
  readonly archiveBytes: number;
  /** The predictor of most of its chunks; `standard` where Zarr's own codecs hold it. */
  readonly predictor: PredictorName | "standard";
}

export interface CompressReport {
  readonly variables: readonly VariableReport[];
  /** Bytes of the values of all variables. */
  readonly originalBytes: number;
  /** Every byte of the archive, metadata included. */
  readonly archiveBytes: number;
  readonly seconds: number;
}

/**
 * The straight line, for a whole dataset: read a shard's box, cut it into chunks, encode them (on the
 * pool), store the shard. Memory holds two shards at most, whatever the size of the dataset. On an
 * error or abort nothing of the archive remains.
 */
export async function compress(
  dataset: Dataset,
  sink: ArchiveSink,
  options: CompressOptions = {},
): Promise<CompressReport> {
  const started = performance.now();
  try {
    const joint = await chooseJoint(dataset, options);
    const arrays = planArrays(dataset, options, joint);
    const total = arrays.reduce((sum, array) => sum + originalBytes(array), 0);
    const reports: VariableReport[] = [];
    let done = 0;
    for (const array of arrays) {
      const report = await compressArray(array, sink, options, (bytes, variable) => {
        done += bytes;
        const progress: Progress = { stage: "compress", done, total, variable };
        options.onProgress?.(progress);
      });
      reports.push(...report);
    }
    throwIfAborted(options.signal);
    const { bytes } = await sink.publish({
      groups: dataset.source.groups,
      dimensions: dataset.dimensions,
      variables: dataset.variables.map((variable) => variable.name),
      ...originOf(dataset),
    });
    const order = new Map(dataset.variables.map((variable, k) => [variable.name, k]));
    reports.sort((a, b) => order.get(a.name)! - order.get(b.name)!);
    return {
      variables: reports,
      originalBytes: total,
      archiveBytes: bytes,
      seconds: (performance.now() - started) / 1000,
    };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

/** Format and particulars of the files that the data first came from, also when this is an archive of them. */
function originOf({
  source,
}: Dataset): Pick<Parameters<ArchiveSink["publish"]>[0], "format" | "original"> {
  const inner = source.original;
  if (source.format === "archive" && inner && typeof inner === "object" && !Array.isArray(inner)) {
    return { format: String(inner.format), original: inner.original };
  }
  return { format: source.format, original: source.original };
}

function originalBytes({ members }: PlannedArray): number {
  return members.reduce(
    (sum, { shape, dataType }) => sum + countOf(shape) * bytesPerValue(dataType),
    0,
  );
}

async function compressArray(
  array: PlannedArray,
  sink: ArchiveSink,
  options: CompressOptions,
  onDone: (bytes: number, variable: string) => void,
): Promise<VariableReport[]> {
  const { plan, members } = array;
  const arraySink = await sink.writeArray(plan);
  const used = new Map<PredictorName, number>();
  let stored = 0;
  let pending: Promise<void> = Promise.resolve();
  for (const index of indicesOf(gridOf(plan.shape, plan.shard))) {
    throwIfAborted(options.signal);
    const box = chunkBox(plan.shape, plan.shard, index);
    // The next shard is read while the one before is encoded and written.
    const values = await readShard(array, box, options.signal);
    await pending;
    pending = storeShard(array, index, box, values, arraySink, options, used).then((bytes) => {
      stored += bytes;
      onDone(countOf(box.shape) * bytesPerValue(plan.dataType), members[0].name);
    });
    // Handled at the next await; without this an abort in between would count as unhandled.
    pending.catch(() => {});
  }
  await pending;
  const predictor = [...used].sort((a, b) => b[1] - a[1])[0]?.[0];
  return members.map((member) => ({
    name: member.name,
    dataType: member.dataType,
    shape: member.shape,
    originalBytes: countOf(member.shape) * bytesPerValue(member.dataType),
    archiveBytes: stored / members.length,
    predictor: plan.codec.name === "standard" ? "standard" : (predictor ?? "raw"),
  }));
}

/** The values of a shard's box; a joint array's members are read one after another and interleaved. */
async function readShard(
  { plan, members }: PlannedArray,
  box: Box,
  signal?: AbortSignal,
): Promise<DataArray> {
  if (!plan.joint) return members[0].readBox(box, signal);
  const { axis } = plan.joint;
  const inner: Box = { start: box.start.toSpliced(axis, 1), shape: box.shape.toSpliced(axis, 1) };
  const steps = countOf(box.shape.slice(0, axis));
  const run = countOf(box.shape.slice(axis + 1));
  const chosen = members.slice(box.start[axis], box.start[axis] + box.shape[axis]);
  let values: NumericArray | undefined;
  for (const [k, member] of chosen.entries()) {
    const part = (await member.readBox(inner, signal)) as NumericArray;
    values ??= new (part.constructor as new (count: number) => NumericArray)(countOf(box.shape));
    const [from, to] = [bytesOf(part), bytesOf(values)];
    const bytes = run * part.BYTES_PER_ELEMENT;
    for (let step = 0; step < steps; step++) {
      to.set(from.subarray(step * bytes, (step + 1) * bytes), (step * chosen.length + k) * bytes);
    }
  }
  return values!;
}

async function storeShard(
  { plan }: PlannedArray,
  index: readonly number[],
  box: Box,
  values: DataArray,
  sink: ArraySink,
  options: CompressOptions,
  used: Map<PredictorName, number>,
): Promise<number> {
  const inShard = plan.shard.map((extent, axis) => extent / plan.chunk[axis]);
  const { codec } = plan;
  const chunks = [...indicesOf(inShard)].map(async (inner) => {
    const chunk = chunkBox(
      plan.shape,
      plan.chunk,
      inner.map((value, axis) => index[axis] * inShard[axis] + value),
    );
    // Whole chunks of a shard may lie outside the array.
    if (chunk.shape.some((extent) => extent <= 0)) return undefined;
    const part = extractBox(plan.dataType, values, box.shape, relativeTo(chunk, box.start));
    if (codec.name === "standard") return part;
    const encoded = await compressChunk(part as FloatArray, chunk.shape, {
      predictor: codec.predictor,
      pool: options.pool,
      signal: options.signal,
    });
    used.set(encoded.predictor, (used.get(encoded.predictor) ?? 0) + 1);
    return encoded.bytes;
  });
  const { bytes } = await sink.writeShard(index, await Promise.all(chunks));
  return bytes;
}
