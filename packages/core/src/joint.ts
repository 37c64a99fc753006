import { countOf } from "./array/box.js";
import type { FloatArray } from "./array/data-type.js";
import type { Dataset, Variable } from "./array/dataset.js";
import { compressChunk } from "./compress-chunk.js";
import { throwIfAborted } from "./errors.js";
import type { CompressOptions } from "./options.js";
import { jointCandidates } from "./plan.js";

/** Values of each variable in the sample on which joint storage is tried. */
const SAMPLE_VALUES = 2 ** 15;
/** A joint array must save this share: reading one variable of it decodes them all. */
const LEAST_GAIN = 0.05;

/** The groups of variables to store jointly: all candidates, none, or those where a sample shows that it pays. */
export async function chooseJoint(
  dataset: Dataset,
  options: CompressOptions,
): Promise<Variable[][]> {
  const mode = options.joint ?? "auto";
  if (mode === "never" || options.predictor === "raw") return [];
  const candidates = jointCandidates(dataset);
  if (mode === "always") return candidates;
  const chosen: Variable[][] = [];
  for (const members of candidates) if (await paysOff(members, options)) chosen.push(members);
  return chosen;
}

/** Encodes a box from the middle of every member, singly and jointly. */
async function paysOff(members: readonly Variable[], options: CompressOptions): Promise<boolean> {
  const [{ shape }] = members;
  if (countOf(shape) === 0) return false;
  const extent = shape.map((size, axis) => (axis < shape.length - 3 ? 1 : size));
  for (let axis = 0; axis < extent.length && countOf(extent) > SAMPLE_VALUES; axis++) {
    const rest = countOf(extent) / extent[axis];
    extent[axis] = Math.min(extent[axis], Math.max(8, Math.floor(SAMPLE_VALUES / rest)));
  }
  const box = {
    start: shape.map((size, axis) => Math.floor((size - extent[axis]) / 2)),
    shape: extent,
  };
  let single = 0;
  const parts: FloatArray[] = [];
  for (const member of members) {
    throwIfAborted(options.signal);
    const values = (await member.readBox(box, options.signal)) as FloatArray;
    parts.push(values);
    single += (await compressChunk(values, extent, options)).bytes.length;
  }
  const joined = new (parts[0].constructor as new (count: number) => FloatArray)(
    members.length * countOf(extent),
  );
  parts.forEach((part, k) => {
    joined.set(part as never, k * part.length);
  });
  const joint = await compressChunk(joined, [members.length, ...extent], {
    ...options,
    variableAxis: 0,
  });
  return joint.bytes.length < (1 - LEAST_GAIN) * single;
}
