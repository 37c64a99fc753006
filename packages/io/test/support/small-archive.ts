import {
  type ArchiveSink,
  type ArrayPlan,
  allocate,
  type Box,
  chunkBox,
  compressChunk,
  countOf,
  type DataArray,
  type DataType,
  extractBox,
  FieldzipError,
  type FloatArray,
  gridOf,
  indicesOf,
  type NumericArray,
} from "@fieldzip/core";

/** An array for a test: its plan, short, and all its values. */
export interface TestArray {
  readonly path: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  readonly shard?: readonly number[];
  readonly dimensions: readonly string[];
  readonly data: DataArray;
  readonly codec?: "fieldzip" | "standard";
  /** Default `raw`. */
  readonly predictor?: "raw" | "auto";
  readonly attributes?: ArrayPlan["attributes"];
  readonly joint?: ArrayPlan["joint"];
  readonly original?: ArrayPlan["original"];
}

export function planOf(array: TestArray): ArrayPlan {
  const { path, dataType, shape, chunk, dimensions, joint, original } = array;
  return {
    path,
    dataType,
    shape,
    chunk,
    shard: array.shard ?? chunk,
    dimensions,
    attributes: array.attributes ?? {},
    codec:
      (array.codec ?? "standard") === "fieldzip"
        ? {
            name: "fieldzip",
            guarantee: { kind: "exact" },
            predictor: array.predictor ?? "raw",
            effort: "default",
          }
        : { name: "standard" },
    joint,
    original,
  };
}

/** Writes every shard of an array, in order, as `compress` does. */
export async function writeAll(sink: ArchiveSink, array: TestArray): Promise<void> {
  const plan = planOf(array);
  const arraySink = await sink.writeArray(plan);
  const perShard = plan.shard.map((size, axis) => size / plan.chunk[axis]);
  for (const shard of indicesOf(gridOf(plan.shape, plan.shard))) {
    const chunks: (Uint8Array | DataArray | undefined)[] = [];
    for (const inner of indicesOf(perShard)) {
      const index = inner.map((value, axis) => shard[axis] * perShard[axis] + value);
      if (index.some((value, axis) => value * plan.chunk[axis] >= plan.shape[axis])) {
        chunks.push(undefined);
        continue;
      }
      const box = chunkBox(plan.shape, plan.chunk, index);
      const values = extractBox(plan.dataType, array.data, plan.shape, box);
      chunks.push(
        plan.codec.name === "standard"
          ? values
          : (
              await compressChunk(values as FloatArray, box.shape, {
                predictor: array.predictor ?? "raw",
              })
            ).bytes,
      );
    }
    await arraySink.writeShard(shard, chunks);
  }
}

/** Values of which no two neighbours are alike, with odd bit patterns among the floats. */
export function valuesOf(type: DataType, shape: readonly number[]): DataArray {
  const count = countOf(shape);
  const data = allocate(type, count);
  for (let i = 0; i < count; i++) {
    const value = ((i * 2654435761) % 251) - 100;
    if (type === "string") (data as string[])[i] = i % 5 === 0 ? "" : `größe ${i} 𝄞\0`;
    else if (type === "int64" || type === "uint64") {
      (data as BigInt64Array)[i] = BigInt(value) ** 7n;
    } else (data as NumericArray)[i] = type.startsWith("float") ? value / 7 : value;
  }
  if (count > 4 && (type === "float32" || type === "float64")) {
    const floats = data as FloatArray;
    floats[1] = -0;
    floats[2] = Number.NEGATIVE_INFINITY;
    // A NaN with a payload, set as bits.
    new DataView(floats.buffer).setUint32(3 * floats.BYTES_PER_ELEMENT, 0x7fa12345, true);
    if (type === "float64") new DataView(floats.buffer).setUint32(28, 0x7ff41234, true);
  }
  return data;
}

/** Values as something that `toEqual` compares bit by bit. */
export function bitsOf(data: DataArray): unknown {
  return Array.isArray(data)
    ? data
    : {
        type: data.constructor.name,
        bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex"),
      };
}

export function boxOfData(array: TestArray, box: Box): DataArray {
  return extractBox(array.dataType, array.data, array.shape, box);
}

/** The tag of the error that `action` ends in; another kind of error is thrown on. */
export async function tagOf(action: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    if (error instanceof FieldzipError) return error.tag;
    throw error;
  }
  return "no error";
}
