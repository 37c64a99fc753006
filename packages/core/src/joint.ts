import { createEncoder, type Encoder } from "@fieldzip/kernels";
import { countOf } from "./array/box.js";
import type { FloatArray } from "./array/data-type.js";
import type { Dataset, Variable } from "./array/dataset.js";
import { compressChunk } from "./compress-chunk.js";
import { throwIfAborted } from "./errors.js";
import type { CompressOptions } from "./options.js";
import { jointCandidates } from "./plan.js";
import { geometryOf } from "./predictors/mechanism/geometry.js";
import { findRelations } from "./predictors/mechanism/joint/order.js";

/** Values of each variable in the sample on which joint storage is tried. */
const SAMPLE_VALUES = 2 ** 15;
/** A joint array must save this share: reading one variable of it decodes them all. */
const LEAST_GAIN = 0.05;
/** Bits a value, on average over the variables, that what they say of each other must promise to be tried. */
const LEAST_PROMISE = 0.4;
/** Bits that a variable must be expected to gain, or the others by it, to be stored with them. */
const LEAST_RELATION = 0.1;

let encoder: Encoder | undefined;

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
  for (const members of candidates) {
    const related = await tryGroup(members, options);
    if (related) chosen.push(related);
  }
  return chosen;
}

/** A box from the middle of every member: what do they say of each other, and do those that do save enough? */
async function tryGroup(
  members: readonly Variable[],
  options: CompressOptions,
): Promise<Variable[] | undefined> {
  const [{ shape }] = members;
  if (countOf(shape) === 0) return undefined;
  const extent = shape.map((size, axis) => (axis < shape.length - 3 ? 1 : size));
  for (let axis = 0; axis < extent.length && countOf(extent) > SAMPLE_VALUES; axis++) {
    const rest = countOf(extent) / extent[axis];
    extent[axis] = Math.min(extent[axis], Math.max(8, Math.floor(SAMPLE_VALUES / rest)));
  }
  const box = {
    start: shape.map((size, axis) => Math.floor((size - extent[axis]) / 2)),
    shape: extent,
  };
  const parts: FloatArray[] = [];
  for (const member of members) {
    throwIfAborted(options.signal);
    parts.push((await member.readBox(box, options.signal)) as FloatArray);
  }
  encoder ??= createEncoder();
  const relations = findRelations(parts, geometryOf(extent), encoder) ?? [];
  const related = new Set<number>();
  let promise = 0;
  for (const { variable, law, helpers, gain } of relations) {
    if (gain < LEAST_RELATION) continue;
    promise += gain;
    related.add(variable);
    for (const other of [...(law ?? []).flatMap(({ factors }) => factors), ...helpers]) {
      related.add(other);
    }
  }
  const places = [...related].sort((a, b) => a - b);
  if (places.length < 2 || promise < LEAST_PROMISE * places.length) return undefined;
  const saves = await paysOff(
    places.map((place) => parts[place]),
    extent,
    options,
  );
  return saves ? places.map((place) => members[place]) : undefined;
}

/** Encodes the parts singly and jointly. */
async function paysOff(
  parts: readonly FloatArray[],
  shape: readonly number[],
  options: CompressOptions,
): Promise<boolean> {
  let single = 0;
  for (const part of parts) single += (await compressChunk(part, shape, options)).bytes.length;
  const joined = new (parts[0].constructor as new (count: number) => FloatArray)(
    parts.length * countOf(shape),
  );
  parts.forEach((part, k) => {
    joined.set(part as never, k * part.length);
  });
  const joint = await compressChunk(joined, [parts.length, ...shape], {
    ...options,
    variableAxis: 0,
  });
  return joint.bytes.length < (1 - LEAST_GAIN) * single;
}
