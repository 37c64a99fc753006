import type { ArchiveHeader, ArchiveSink, ArraySink } from "./archive.js";
import { countOf } from "./array/box.js";
import { chunkBox, gridOf, indicesOf } from "./array/chunk-grid.js";
import { bytesPerValue } from "./array/data-type.js";
import type { Dataset } from "./array/dataset.js";
import { type CheckedOptions, checkOptions } from "./check-options.js";
import { describeStream } from "./decompress.js";
import { throwIfAborted } from "./errors.js";
import { chooseJoint } from "./joint.js";
import type { DifferenceReport } from "./metrics/difference.js";
import type { CompressOptions, Guarantee, PredictorName } from "./options.js";
import { type JointGroup, type PlannedArray, planArrays } from "./plan.js";
import { type Bounds, boundsOf } from "./quantise/bounds.js";
import { fillValuesOf, noticedRanges } from "./ranges.js";
import { type EncodedShard, encodeShard, readShard, type StoredArray } from "./shard.js";
import { storeTrained } from "./trained.js";
import { isTrained } from "./trained-chunk.js";

/** Bytes of original data that are read and encoded at once where there are workers: three shards. */
const BYTES_IN_WORK = 96 * 2 ** 20;

/** What became of one variable. */
export interface VariableReport {
  readonly name: string;
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly originalBytes: number;
  /** For a variable of a joint array its share by the bytes that are its own. */
  readonly archiveBytes: number;
  /** The predictor of most of its chunks; `standard` where Zarr's own codecs hold it. */
  readonly predictor: PredictorName | "standard";
  /** How what is decoded differs from it, where the predictor is a trained one. */
  readonly difference?: DifferenceReport;
}

/** Variables that were stored in one array, and why. */
export interface JointReport {
  readonly variables: readonly string[];
  /** Share of the bytes that it saved on a sample, 0 to 1; undefined where it was asked for. */
  readonly saves?: number;
  /** The laws that the sample showed: what a variable is, as a sum of products of others. */
  readonly laws: readonly {
    readonly variable: string;
    readonly terms: readonly {
      readonly coefficient: number;
      readonly factors: readonly string[];
    }[];
  }[];
}

export interface CompressReport {
  readonly guarantee: Guarantee;
  readonly variables: readonly VariableReport[];
  readonly joint: readonly JointReport[];
  /** Bytes of the values of all variables. */
  readonly originalBytes: number;
  /** Every byte of the archive, metadata included. */
  readonly archiveBytes: number;
  readonly seconds: number;
}

/**
 * The straight line, for a whole dataset: read a shard's box, cut it into chunks, encode them (on the
 * pool), store the shard. Memory holds a few shards at most, whatever the size of the dataset. On an
 * error or abort nothing of the archive remains.
 */
export async function compress(
  dataset: Dataset,
  sink: ArchiveSink,
  asked: CompressOptions = {},
): Promise<CompressReport> {
  const started = performance.now();
  try {
    const options = checkOptions(asked);
    const joint = await chooseJoint(dataset, options);
    const arrays = planArrays(dataset, options, joint);
    const total = arrays.reduce((sum, array) => sum + originalBytes(array), 0);
    const reports: VariableReport[] = [];
    let done = 0;
    const local = arrays.filter(({ trained }) => !trained);
    for await (const { array, report } of storeArrays(local, sink, options, (bytes, variable) => {
      done += bytes;
      options.onProgress?.({ stage: "compress", done, total, variable });
    })) {
      reports.push(...reportOf(array, report));
    }
    const header = headerOf(dataset);
    const trained = arrays.filter(isTrained);
    for await (const { array, report } of storeTrained(
      trained,
      sink,
      { header, originalBytes: total },
      options,
      ({ bytes, variable, training }) => {
        done += bytes;
        options.onProgress?.({ stage: "train", done, total, variable, training });
      },
    )) {
      reports.push(...reportOf(array, report));
    }
    throwIfAborted(options.signal);
    const { bytes } = await sink.publish(header);
    const order = new Map(dataset.variables.map((variable, k) => [variable.name, k]));
    reports.sort((a, b) => order.get(a.name)! - order.get(b.name)!);
    return {
      guarantee: options.guarantee,
      variables: reports,
      joint: joint.map(reportOfGroup),
      originalBytes: total,
      archiveBytes: bytes,
      seconds: (performance.now() - started) / 1000,
    };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function headerOf(dataset: Dataset): ArchiveHeader {
  return {
    groups: dataset.source.groups,
    dimensions: dataset.dimensions,
    variables: dataset.variables.map((variable) => variable.name),
    ...originOf(dataset),
  };
}

/** Format and particulars of the files that the data first came from, also when this is an archive of them. */
function originOf({ source }: Dataset): Pick<ArchiveHeader, "format" | "original"> {
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

/** A shard on its way through the line: its chunks, once they are encoded. */
interface ShardInWork {
  readonly array: PlannedArray;
  readonly index: readonly number[];
  readonly bytes: number;
  readonly encoded: Promise<EncodedShard>;
}

/**
 * Reads and encodes shards, several at once, and stores them one after another in the order of the
 * plan, so that an archive's bytes do not depend on who finished first. Yields each array when its
 * last shard is stored.
 */
async function* storeArrays(
  arrays: readonly PlannedArray[],
  sink: ArchiveSink,
  options: CheckedOptions,
  onStored: (bytes: number, variable: string) => void,
): AsyncGenerator<{ array: PlannedArray; report: StoredArray }> {
  const most = (options.pool?.size ?? 0) > 0 ? BYTES_IN_WORK : 0;
  const inWork: ShardInWork[] = [];
  let open: { array: PlannedArray; sink: ArraySink; report: StoredArray } | undefined;

  const storeFirst = async () => {
    const shard = inWork.shift()!;
    const { chunks, predictors } = await shard.encoded;
    throwIfAborted(options.signal);
    const stored = await open!.sink.writeShard(shard.index, chunks);
    open!.report.bytes += stored.bytes;
    for (const name of predictors) {
      open!.report.predictors.set(name, (open!.report.predictors.get(name) ?? 0) + 1);
    }
    if (shard.array.plan.joint) addParts(open!.report.parts, chunks);
    onStored(shard.bytes, shard.array.members[0].name);
  };
  /** Stores until at most `limit` bytes are in work; yields arrays that are left behind. */
  async function* drain(limit: number) {
    while (inWork.length > 0 && inWork.reduce((sum, shard) => sum + shard.bytes, 0) > limit) {
      yield* turnTo(inWork[0].array);
      await storeFirst();
    }
  }
  async function* turnTo(array: PlannedArray | undefined) {
    if (open?.array === array) return;
    if (open) yield { array: open.array, report: open.report };
    open = array && {
      array,
      sink: await sink.writeArray(array.plan),
      report: { bytes: 0, predictors: new Map(), parts: [] },
    };
  }

  for (const array of arrays) {
    const { shape, shard, dataType } = array.plan;
    const grid = gridOf(shape, shard);
    const bounds = await boundsFor(array, options);
    for (const index of indicesOf(grid)) {
      throwIfAborted(options.signal);
      const box = chunkBox(shape, shard, index);
      const bytes = countOf(box.shape) * bytesPerValue(dataType);
      yield* drain(Math.max(0, most - bytes));
      const values = await readShard(array, box, options.signal);
      const encoded = encodeShard(array, index, box, values, options, bounds);
      // Awaited in its turn; until then a failure must not count as unhandled.
      encoded.catch(() => {});
      inWork.push({ array, index, bytes, encoded });
    }
    if (countOf(grid) === 0) {
      // An array without values has no shards, but it has metadata.
      yield* drain(0);
      yield* turnTo(array);
    }
  }
  yield* drain(0);
  yield* turnTo(undefined);
}

/** What values of an array may be off by; a bound relative to their range asks for a look at them all. */
async function boundsFor(
  { plan, members }: PlannedArray,
  options: CheckedOptions,
): Promise<Bounds | undefined> {
  if (plan.codec.name === "standard" || plan.codec.guarantee.kind !== "bounded") return undefined;
  const { guarantee } = plan.codec;
  const fillValues = members.flatMap(fillValuesOf);
  const ranges =
    guarantee.boundKind === "range"
      ? await noticedRanges(members, fillValues, options)
      : members.map(() => 0);
  return boundsOf(guarantee, ranges, fillValues);
}

function reportOfGroup({ members, relations, saves }: JointGroup): JointReport {
  const nameOf = (variable: number) => members[variable].name;
  return {
    variables: members.map(({ name }) => name),
    saves,
    laws: (relations ?? []).flatMap(({ variable, law }) => {
      if (!law) return [];
      const terms = law.map(({ coefficient, factors }) => ({
        coefficient,
        factors: factors.map(nameOf),
      }));
      return [{ variable: nameOf(variable), terms }];
    }),
  };
}

function addParts(parts: number[], chunks: EncodedShard["chunks"]): void {
  for (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue;
    describeStream(chunk).variables?.forEach(({ bytes }, member) => {
      parts[member] = (parts[member] ?? 0) + bytes;
    });
  }
}

function reportOf({ plan, members }: PlannedArray, stored: StoredArray): VariableReport[] {
  const all = stored.parts.reduce((sum, bytes) => sum + bytes, 0);
  const predictor = [...stored.predictors].sort((a, b) => b[1] - a[1])[0]?.[0];
  return members.map((member, k) => ({
    name: member.name,
    dataType: member.dataType,
    shape: member.shape,
    originalBytes: countOf(member.shape) * bytesPerValue(member.dataType),
    archiveBytes: stored.bytes * (all > 0 ? (stored.parts[k] ?? 0) / all : 1 / members.length),
    predictor: plan.codec.name === "standard" ? "standard" : (predictor ?? "raw"),
    difference: stored.differences?.[k],
  }));
}
