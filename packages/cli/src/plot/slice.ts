import {
  type Box,
  bytesPerValue,
  countOf,
  type DataArray,
  type Dataset,
  describeStream,
  explainChunk,
  extractBox,
  FieldzipError,
  type FloatType,
  insertBox,
  intersect,
  relativeTo,
  throwIfAborted,
  type Variable,
  type WorkOptions,
} from "@fieldzip/core";
import {
  type ArchiveReader,
  type ArrayMetadata,
  archiveIndex,
  type StoredChunk,
} from "@fieldzip/io";
import { type MiddleSlice, middleSlice } from "./middle-slice.js";

/** A 2-D part of a variable, and what its predictor missed there. */
export interface FieldSlice extends MiddleSlice {
  readonly variable: Variable;
  /** Values, row after row. */
  readonly values: Float64Array;
  /** 1 where a value stands for "no value here": not finite, a fill value, masked. */
  readonly absent: Uint8Array;
  /** What `missed` is; `nothing` for variables that are not predicted. */
  readonly shows: "residual classes" | "source term" | "nothing";
  /** NaN where there is none. */
  readonly missed: Float32Array;
  /** Of the chunk in the middle, where there is a learned operator. */
  readonly equation?: string;
  readonly predictor: string;
}

/**
 * Reads the middle slice of a variable and how every value of it was predicted, chunk by chunk. Errors: `usage` for what is no archive or no
 * field of two axes.
 */
export async function readSlice(
  dataset: Dataset,
  variable: Variable,
  options: WorkOptions = {},
): Promise<FieldSlice> {
  const reader = archiveIndex(dataset);
  if (!reader) {
    throw new FieldzipError("usage", {
      where: dataset.location,
      expected: "an archive to plot",
      found: dataset.format,
      remedy: "compress the file first; fieldzip inspect --plot shows what was learned from it",
    });
  }
  const slice = await middleSlice(dataset, variable);
  const { box } = slice;
  const values = Float64Array.from(
    (await variable.readBox(box, options.signal)) as ArrayLike<number | bigint>,
    Number,
  );
  const found = await readMissed(reader, variable, box, options);
  return { ...slice, variable, values, absent: absentOf(variable, values, found), ...found };
}

type Missed = Pick<FieldSlice, "shows" | "missed" | "equation" | "predictor"> & {
  readonly masked: Uint8Array;
};

/** Goes through the chunks that meet the box, one at a time. */
async function readMissed(
  reader: ArchiveReader,
  variable: Variable,
  box: Box,
  { signal, onProgress }: WorkOptions,
): Promise<Missed> {
  const missed = new Float32Array(countOf(box.shape)).fill(Number.NaN);
  const masked = new Uint8Array(countOf(box.shape));
  const stored = storedBoxOf(reader, variable, box);
  if (stored?.array.codec.name !== "fieldzip") {
    return { shows: "nothing", missed, masked, predictor: "standard" };
  }
  const chunks: StoredChunk[] = [];
  for (const chunk of reader.storedChunks(stored.array)) {
    if (intersect(stored.box, chunk.box)) chunks.push(chunk);
  }
  const bytesOfChunk = (chunk: StoredChunk) =>
    countOf(chunk.box.shape) * bytesPerValue(variable.dataType);
  const total = chunks.reduce((sum, chunk) => sum + bytesOfChunk(chunk), 0);
  let done = 0;
  let shows: FieldSlice["shows"] = "nothing";
  let equation: string | undefined;
  let predictor = "raw";
  for (const [k, chunk] of chunks.entries()) {
    throwIfAborted(signal);
    onProgress?.({ stage: "plot", done, total, variable: variable.name });
    done += bytesOfChunk(chunk);
    // Explaining a chunk takes about a second at most; in between, Ctrl-C is heard.
    await new Promise((resolve) => setImmediate(resolve));
    const bytes = await chunk.bytes(signal);
    const { where } = chunk;
    const dataType = stored.array.dataType as FloatType;
    const shape = chunk.box.shape;
    const explained = await explainChunk(bytes, { dataType, shape, where, signal });
    const part = intersect(stored.box, chunk.box)!;
    const inChunk = relativeTo(part, chunk.box.start);
    const inSlice = relativeTo(part, stored.box.start);
    const take = (type: "float32" | "uint8", from: DataArray, to: DataArray) =>
      insertBox(to, stored.box.shape, inSlice, extractBox(type, from, shape, inChunk));
    take("float32", explained.picture, missed);
    take("uint8", explained.masked, masked);
    if (explained.shows !== "nothing") shows = explained.shows;
    if (k === chunks.length >> 1 || equation === undefined) {
      const description = describeStream(bytes, where);
      equation = description.equation ?? equation;
      if (description.predictor !== "raw") predictor = description.predictor;
    }
  }
  return { shows, missed, masked, equation, predictor };
}

/** The array that holds a variable, and the variable's box in it (one more axis in a joint array). */
function storedBoxOf(
  reader: ArchiveReader,
  { name }: Variable,
  box: Box,
): { array: ArrayMetadata; box: Box } | undefined {
  const array = reader.arrayOf(name);
  if (!array?.joint) return array && { array, box };
  const { axis, members } = array.joint;
  const member = members.findIndex((one) => one.name === name);
  const start = box.start.toSpliced(axis, 0, member);
  return { array, box: { start, shape: box.shape.toSpliced(axis, 0, 1) } };
}

function absentOf({ attributes }: Variable, values: Float64Array, { masked }: Missed): Uint8Array {
  const fills = ["_FillValue", "missing_value"].flatMap((name) =>
    (attributes[name]?.values ?? []).map(Number),
  );
  return Uint8Array.from(values, (value, i) =>
    masked[i] || !Number.isFinite(value) || fills.includes(value) ? 1 : 0,
  );
}
