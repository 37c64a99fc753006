import { type Box, countOf, extractBox, relativeTo } from "./array/box.js";
import { chunkBox, indicesOf } from "./array/chunk-grid.js";
import { bytesOf, type DataArray, type FloatArray, type NumericArray } from "./array/data-type.js";
import type { CheckedOptions } from "./check-options.js";
import { compressChunk } from "./compress-chunk.js";
import type { DifferenceReport } from "./metrics/difference.js";
import type { PredictorName } from "./options.js";
import type { PlannedArray } from "./plan.js";
import type { Bounds } from "./quantise/bounds.js";

/** The values of a shard's box; a joint array's members are read one after another and interleaved. */
export async function readShard(
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

/** What was stored of one array. */
export interface StoredArray {
  bytes: number;
  /** How many chunks each predictor encoded. */
  readonly predictors: Map<PredictorName, number>;
  /** Of a joint array, the bytes of every member in the streams. */
  readonly parts: number[];
  /** By member, how what is decoded differs, where it was trained. */
  readonly differences?: readonly DifferenceReport[];
}

/** The chunks of a shard as a store takes them, and the predictor of each encoded one. */
export interface EncodedShard {
  readonly chunks: readonly (Uint8Array | DataArray | undefined)[];
  readonly predictors: readonly PredictorName[];
}

/** Cuts a shard's values into chunks and encodes them, all at once, on the pool. */
export async function encodeShard(
  { plan, relations }: PlannedArray,
  index: readonly number[],
  box: Box,
  values: DataArray,
  options: CheckedOptions,
  bounds?: Bounds,
): Promise<EncodedShard> {
  const inShard = plan.shard.map((extent, axis) => extent / plan.chunk[axis]);
  const { codec } = plan;
  const predictors: PredictorName[] = [];
  const chunks = [...indicesOf(inShard)].map(async (inner) => {
    const place = inner.map((value, axis) => index[axis] * inShard[axis] + value);
    const chunk = chunkBox(plan.shape, plan.chunk, place);
    // Whole chunks of a shard may lie outside the array.
    if (chunk.shape.some((extent) => extent <= 0)) return undefined;
    const part = extractBox(plan.dataType, values, box.shape, relativeTo(chunk, box.start));
    if (codec.name === "standard") return part;
    const encoded = await compressChunk(part as FloatArray, chunk.shape, {
      predictor: codec.predictor,
      effort: codec.effort,
      variableAxis: plan.joint?.axis,
      relations,
      bounds,
      pool: options.pool,
      signal: options.signal,
      give: true,
    });
    predictors.push(encoded.predictor);
    return encoded.bytes;
  });
  return { chunks: await Promise.all(chunks), predictors };
}
