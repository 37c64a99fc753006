import type { ArrayPlan, JointMember } from "./archive.js";
import { isStepAxis } from "./array/axes.js";
import { countOf } from "./array/box.js";
import { bytesPerValue } from "./array/data-type.js";
import { type Dataset, groupOf, type Variable } from "./array/dataset.js";
import type { CheckedOptions, TrainedCodec } from "./check-options.js";
import { type Treatment, treatmentOf } from "./fields.js";
import type { Relation } from "./predictors/mechanism/joint/order.js";
import { limits } from "./stream/limits.js";

/** Values per chunk: 4 MB of float32, small enough for caches and workers. */
const CHUNK_VALUES = 2 ** 20;
/** The same of a joint array, all variables together: each has its own stencils, and wants values to learn them from. */
const JOINT_VALUES = 2 ** 22;
/** Bytes of original data per shard, about: the object that a store holds and a writer keeps in memory. */
const SHARD_BYTES = 32 * 2 ** 20;

/** Volumes are cut into blocks, not plates: slices and rows are not cut below this while other axes can give. */
const SMALLEST_CUT = 32;

/** One stored array and the variables that go into it, in order. */
export interface PlannedArray {
  readonly plan: ArrayPlan;
  readonly members: readonly Variable[];
  /** What the members of a joint array say of each other, where a sample showed it. */
  readonly relations?: readonly Relation[];
  /** Where its chunks are trained one after another and not encoded in any worker. */
  readonly trained?: TrainedCodec;
  /** The axis of steps, where it has one. */
  readonly stepAxis?: number;
}

/** Variables to store jointly, and what a sample showed that they say of each other. */
export interface JointGroup {
  readonly members: readonly Variable[];
  readonly relations?: readonly Relation[];
  /** Share of the bytes that this saved on the sample, where it was tried. */
  readonly saves?: number;
}

/** Decides how a dataset is cut into arrays, chunks and shards. `joint` holds the groups to store jointly. */
export function planArrays(
  dataset: Dataset,
  options: CheckedOptions,
  joint: readonly JointGroup[] = [],
): PlannedArray[] {
  const inJoint = new Set(joint.flatMap(({ members }) => members));
  const treatment = treatmentOf(dataset, options);
  const planned = dataset.variables
    .filter((variable) => !inJoint.has(variable))
    .map((variable) => planSingle(variable, treatment(variable), dataset, options));
  joint.forEach((group, k) => {
    planned.push(planJoint(group, k, dataset, options));
  });
  return planned;
}

function planSingle(
  variable: Variable,
  treatment: Treatment,
  dataset: Dataset,
  asked: CheckedOptions,
): PlannedArray {
  const options = treatment === "asked" ? asked : withoutLoss(asked);
  const { trained } = options;
  const most = chunkLimit(variable, options, trained?.predictor.chunkValues ?? CHUNK_VALUES);
  const chunk = chunkShape(variable.shape, most, trained?.predictor.mostAxes);
  return {
    members: [variable],
    trained,
    stepAxis: stepAxisOf(variable, dataset),
    plan: {
      path: variable.name,
      dataType: variable.dataType,
      shape: variable.shape,
      dimensions: variable.dimensions,
      attributes: variable.attributes,
      chunk,
      shard: shardShape(variable.shape, chunk, bytesPerValue(variable.dataType)),
      codec: treatment === "standard" ? { name: "standard" } : codecOf(options),
      original: variable.source.original,
    },
  };
}

/** `[step, variable, z, y, x]`: the variable axis comes after the step axis, or first where there is none. */
function planJoint(
  { members, relations }: JointGroup,
  number: number,
  dataset: Dataset,
  options: CheckedOptions,
): PlannedArray {
  const [first] = members;
  const { trained } = options;
  const stepAxis = stepAxisOf(first, dataset);
  const axis = stepAxis === undefined ? 0 : 1;
  const shape = first.shape.toSpliced(axis, 0, members.length);
  const group = groupOf(first.name);
  const path = `${group === "" ? "" : `${group}/`}joint_${number}`;
  // A chunk holds all variables, so that one can be predicted from another.
  const most = chunkLimit(first, options, trained?.predictor.chunkValues ?? JOINT_VALUES);
  const perVariable = chunkShape(
    first.shape,
    Math.max(1, Math.floor(most / members.length)),
    trained?.predictor.mostAxes,
  );
  const chunk = perVariable.toSpliced(axis, 0, members.length);
  return {
    members,
    relations,
    trained,
    stepAxis,
    plan: {
      path,
      dataType: first.dataType,
      shape,
      dimensions: first.dimensions.toSpliced(axis, 0, `${path}_variable`),
      attributes: {},
      chunk,
      shard: shardShape(shape, chunk, bytesPerValue(first.dataType)),
      codec: codecOf(options),
      joint: {
        axis,
        members: members.map(
          (member): JointMember => ({
            name: member.name,
            attributes: member.attributes,
            original: member.source.original,
          }),
        ),
      },
    },
  };
}

/** Groups of two or more fields on the same dimensions: candidates for a joint array. */
export function jointCandidates(dataset: Dataset, options: CheckedOptions): Variable[][] {
  const treatment = treatmentOf(dataset, options);
  const groups = new Map<string, Variable[]>();
  for (const variable of dataset.variables) {
    if (treatment(variable) !== "asked" || variable.shape.length < 2) continue;
    const key = [
      groupOf(variable.name),
      variable.dataType,
      ...variable.dimensions,
      ...variable.shape,
    ].join("|");
    groups.set(key, [...(groups.get(key) ?? []), variable]);
  }
  return [...groups.values()].filter(
    (members) => members.length > 1 && members[0].shape.length < limits.rank,
  );
}

/** The same with every bit kept, and untrained. */
function withoutLoss(options: CheckedOptions): CheckedOptions {
  const { trained, predictor } = options;
  return {
    ...options,
    ...{ guarantee: { kind: "exact" }, trained: undefined },
    predictor: trained ? "auto" : predictor,
  };
}

/** Only the slowest axis can be that of steps. */
function stepAxisOf({ dimensions: [dimension] }: Variable, dataset: Dataset): 0 | undefined {
  return dimension !== undefined && isStepAxis(dataset, dimension) ? 0 : undefined;
}

function codecOf({ guarantee, predictor, effort, trained }: CheckedOptions): ArrayPlan["codec"] {
  return trained
    ? { name: "fieldzip", guarantee, predictor, settings: trained.settings }
    : { name: "fieldzip", guarantee, predictor, effort };
}

function chunkLimit(
  variable: Variable,
  { chunkValues }: CheckedOptions,
  otherwise: number,
): number {
  const most = limits.chunkBytes / bytesPerValue(variable.dataType);
  return Math.max(1, Math.min(most, chunkValues ?? otherwise));
}

/**
 * A box of at most `limit` values that cuts `shape` into about equal parts, along the slowest axes
 * first: fast axes stay whole as long as possible, since rows and slices are what prediction lives on.
 * Where `mostAxes` is given, no more axes of it are longer than 1.
 */
export function chunkShape(
  shape: readonly number[],
  limit: number,
  mostAxes = shape.length,
): number[] {
  const chunk = shape.map((extent) => Math.max(1, extent));
  for (let axis = 0; chunk.filter((extent) => extent > 1).length > mostAxes; axis++)
    chunk[axis] = 1;
  for (let axis = 0; axis < chunk.length && countOf(chunk) > limit; axis++) {
    const rest = countOf(chunk) / chunk[axis];
    const least = axis >= chunk.length - 3 && axis < chunk.length - 1 ? SMALLEST_CUT : 1;
    const parts = Math.ceil(chunk[axis] / Math.max(1, Math.floor(limit / rest)));
    // A few blocks come out alike rather than leave a sliver.
    const most = Math.floor(chunk[axis] / least);
    chunk[axis] =
      parts <= most
        ? Math.ceil(chunk[axis] / parts)
        : most < 4
          ? Math.ceil(chunk[axis] / Math.max(1, most))
          : least;
  }
  for (let axis = 0; axis < chunk.length && countOf(chunk) > limit; axis++) {
    const rest = countOf(chunk) / chunk[axis];
    const parts = Math.ceil(chunk[axis] / Math.max(1, Math.floor(limit / rest)));
    chunk[axis] = Math.ceil(chunk[axis] / parts);
  }
  return chunk;
}

/** Whole chunks along the fastest axes first, up to about SHARD_BYTES. */
function shardShape(
  shape: readonly number[],
  chunk: readonly number[],
  valueBytes: number,
): number[] {
  const shard = [...chunk];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const room = Math.floor(SHARD_BYTES / (countOf(shard) * valueBytes));
    const wanted = Math.max(1, Math.ceil(shape[axis] / chunk[axis]));
    const taken = Math.max(1, Math.min(wanted, room));
    shard[axis] = chunk[axis] * taken;
    if (taken < wanted) break;
  }
  return shard;
}
