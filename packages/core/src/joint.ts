import { createEncoder, type Encoder } from "@fieldzip/kernels";
import { type Box, countOf } from "./array/box.js";
import type { FloatArray } from "./array/data-type.js";
import type { Dataset, Variable, VariableSource } from "./array/dataset.js";
import type { CheckedOptions } from "./check-options.js";
import { compressChunk } from "./compress-chunk.js";
import { throwIfAborted } from "./errors.js";
import { type JointGroup, jointCandidates } from "./plan.js";
import { geometryOf } from "./predictors/mechanism/geometry.js";
import { relationsIn } from "./predictors/mechanism/joint/known-relations.js";
import {
  ENOUGH,
  findRelations,
  MOST_FIELDS,
  type Relation,
} from "./predictors/mechanism/joint/order.js";

/** Values of each variable in the sample on which joint storage is tried: a share of a field, the least and the most. */
const SAMPLE_SHARE = 1 / 48;
const LEAST_VALUES = 2 ** 12;
const SAMPLE_VALUES = 2 ** 15;
/** Boxes that it is made of, the least extent of one on an axis, and by what share of each axis they lie apart. */
const SAMPLE_BOXES = 4;
const SMALLEST_EXTENT = 16;
const STRIDES = [0.618, 0.755, 0.57, 0.431];
/** Points for a first look: what promises nothing costs no more than that. */
const QUICK_POINTS = 384;
/** Groups of fewer values are coded sooner than looked at. */
const SMALLEST_GROUP = 2 ** 16;
/** A joint array must save this share: reading one variable of it decodes them all. */
const LEAST_GAIN = 0.05;
/** Bits a value, on average over the variables, that what they say of each other must promise to be tried. */
const LEAST_PROMISE = 0.4;
/** Bits that a variable must be expected to gain, or the others by it, to be stored with them. */
const LEAST_RELATION = 0.1;
/**
 * Bits by which a law says less of what neighbouring values miss than of how a field bends, which is what its search
 * goes by: smooth fields that resemble each other by 3 bits saved nothing in the runs where it was tried.
 */
const LAW_DISCOUNT = 3;
/** A law may take all of what a variable costs, but not more. */
const MOST_PROMISE = 16;

let encoder: Encoder | undefined;

/** The groups of variables to store jointly: all candidates, none, or those where a sample shows that it pays. */
export async function chooseJoint(
  dataset: Dataset,
  options: CheckedOptions,
): Promise<JointGroup[]> {
  const mode = options.joint ?? "auto";
  if (mode === "never" || options.predictor === "raw") return [];
  const candidates = jointCandidates(dataset, options);
  // One network holds them all; what they say of each other, it learns.
  if (options.trained) return candidates.map((members) => ({ members }));
  const chosen: JointGroup[] = [];
  for (const members of mode === "always" ? candidates : candidates.flatMap(inParts)) {
    const group = await tryGroup(members, mode === "always", options);
    if (group) chosen.push(group);
  }
  return chosen;
}

/** Many variables as several groups of about as many. */
function inParts(members: readonly Variable[]): Variable[][] {
  const parts = Math.ceil(members.length / MOST_FIELDS);
  const each = Math.ceil(members.length / parts);
  return Array.from({ length: parts }, (_, k) => members.slice(k * each, (k + 1) * each));
}

/** A sample of every member: what do they say of each other, and do those that do save enough? */
async function tryGroup(
  members: readonly Variable[],
  always: boolean,
  options: CheckedOptions,
): Promise<JointGroup | undefined> {
  const [{ shape }] = members;
  const whole = members.length * countOf(shape);
  if (whole === 0 || (whole < SMALLEST_GROUP && !always)) return always ? { members } : undefined;
  const { boxes, shape: extent } = sampleOf(members[0].source);
  const parts: FloatArray[] = [];
  for (const member of members) {
    const pieces: FloatArray[] = [];
    for (const box of boxes) {
      throwIfAborted(options.signal);
      pieces.push((await member.readBox(box, options.signal)) as FloatArray);
    }
    parts.push(joined(pieces));
  }
  encoder ??= createEncoder();
  // Effort `fast` has no time for more than laws that say nearly all.
  const fast = options.effort === "fast";
  const quick = always
    ? []
    : (findRelations(parts, geometryOf(extent), encoder, QUICK_POINTS) ?? []);
  const places = always
    ? members.map((_, k) => k)
    : promising(fast ? quick.filter(nearlySays) : quick);
  if (places.length < 2) return undefined;
  const some = places.map((place) => parts[place]);
  // The slowest effort gains about as much, and would take seconds.
  const trial: CheckedOptions = { ...options, effort: "default" };
  const joint = await encodeJointly(some, extent, trial);
  let saves: number | undefined;
  if (!always) {
    let single = 0;
    for (const part of some) single += (await compressChunk(part, extent, trial)).bytes.length;
    saves = 1 - joint.length / single;
    if (saves < LEAST_GAIN) return undefined;
  }
  const chosen = places.map((place) => members[place]);
  return { members: chosen, relations: relationsIn(joint), saves };
}

function nearlySays({ law, gain }: Relation): boolean {
  return law !== undefined && gain >= ENOUGH;
}

/** The variables that say enough of others, and these; none where that does not promise enough. */
function promising(relations: readonly Relation[]): number[] {
  const related = new Set<number>();
  let promise = 0;
  for (const { variable, law, helpers, gain } of relations) {
    if (gain < LEAST_RELATION) continue;
    promise += Math.min(law ? Math.max(0, gain - LAW_DISCOUNT) : gain, MOST_PROMISE);
    related.add(variable);
    for (const other of [...(law ?? []).flatMap(({ factors }) => factors), ...helpers]) {
      related.add(other);
    }
  }
  return promise < LEAST_PROMISE * related.size ? [] : [...related].sort((a, b) => a - b);
}

async function encodeJointly(
  parts: readonly FloatArray[],
  shape: readonly number[],
  options: CheckedOptions,
): Promise<Uint8Array> {
  const encoded = await compressChunk(joined(parts), [parts.length, ...shape], {
    ...options,
    variableAxis: 0,
  });
  return encoded.bytes;
}

function joined(parts: readonly FloatArray[]): FloatArray {
  const { length } = parts[0];
  const Floats = parts[0].constructor as new (count: number) => FloatArray;
  const all = new Floats(parts.length * length);
  parts.forEach((part, k) => {
    all.set(part as never, k * length);
  });
  return all;
}

/**
 * Boxes of a variable, and the shape that they have when they are stacked along the slowest axis that is longer than
 * 1: a few at scattered places, since variables may be related in one part of the domain and not in another.
 */
function sampleOf({ shape, storedChunk }: Pick<VariableSource, "shape" | "storedChunk">): {
  boxes: Box[];
  shape: number[];
} {
  const last = shape.map((_, axis) => axis >= shape.length - 3);
  const whole = countOf(shape.filter((_, axis) => last[axis]));
  const values = Math.min(SAMPLE_VALUES, Math.max(LEAST_VALUES, whole * SAMPLE_SHARE));
  // Where a file is stored in chunks each box may cost a whole one.
  const count = whole <= values ? 1 : storedChunk ? 2 : SAMPLE_BOXES;
  const extent = shape.map((size, axis) => (last[axis] ? size : 1));
  for (let axis = 0; axis < extent.length && countOf(extent) > values / count; axis++) {
    const rest = countOf(extent) / extent[axis];
    const wanted = Math.max(SMALLEST_EXTENT, Math.floor(values / count / rest));
    extent[axis] = Math.min(extent[axis], wanted);
  }
  const boxes = Array.from({ length: count }, (_, k): Box => {
    const start = shape.map((size, axis) => {
      const place = (0.5 + k * STRIDES[axis % STRIDES.length]) % 1;
      return Math.floor((size - extent[axis]) * place);
    });
    return { start, shape: extent };
  });
  const axis = Math.max(
    0,
    extent.findIndex((size) => size > 1),
  );
  return { boxes, shape: extent.with(axis, extent[axis] * count) };
}
