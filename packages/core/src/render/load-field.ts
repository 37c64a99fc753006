import { countOf } from "../array/box.js";
import { abortedError, throwIfAborted } from "../errors.js";
import type { Field, FieldValues } from "./field.js";
import { type FieldLayout, unpacking } from "./field-layout.js";
import type { Level } from "./levels.js";
import {
  type FieldPart,
  type NetworkSampler,
  nearestFirst,
  sampledParts,
  storedParts,
  type Triple,
} from "./parts.js";

export interface LoadOptions {
  readonly step: number;
  /** Places along the axes that are neither space nor time. */
  readonly others: readonly number[];
  /** What is looked at: parts near it come first. Places z, y, x of the variable. */
  readonly near: readonly number[];
  /** How finely: one look after another, the last is the field. */
  readonly levels: readonly Level[];
  readonly networks?: NetworkSampler;
  /** Parts that are read at once. */
  readonly lanes: number;
  /** The same field, read less finely: it stands in for what is not here yet. */
  readonly before?: Field;
  readonly signal: AbortSignal;
  /** Told of the field as it grows: the same values, a new version. */
  readonly onProgress: (field: Field) => void;
}

/** Reads one step of a variable part by part, those near the cursor first; resolves to the whole field. */
export async function loadField(layout: FieldLayout, options: LoadOptions): Promise<Field> {
  let { before: field } = options;
  for (const level of options.levels) {
    const isLast = level === options.levels.at(-1);
    field = await loadLevel(layout, level, { ...options, before: field }, isLast);
  }
  if (!field) throw new RangeError("a field is read at one level at least");
  return field;
}

async function loadLevel(
  layout: FieldLayout,
  { every, by }: Level,
  options: LoadOptions,
  isLast: boolean,
): Promise<Field> {
  const { variable, space } = layout;
  const { signal, near, step, others, networks, before } = options;
  const shape = space.map(({ size }, axis) => Math.ceil(size / every[axis])) as Triple;
  const unpack = unpacking(variable);
  const places = { step, others, every };
  const parts = nearestFirst(
    by === "networks" && networks
      ? sampledParts(layout, places, networks)
      : storedParts(layout, places),
    space,
    near,
  );
  let values: FieldValues | undefined;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let come = 0;
  const now = (): Field => {
    const own: Field["range"] = low <= high ? [low, high] : [Number.NaN, Number.NaN];
    const isWhole = come === parts.length;
    return {
      ...{ layout, step, shape, every },
      values: values ?? new Float32Array(0),
      range: before && !isWhole ? wider(own, before.range) : own,
      // A first look is not the field.
      done: isLast ? come / parts.length : 0,
      standsIn: !isLast || (before !== undefined && !isWhole),
      version: come + (before?.version ?? 0),
    };
  };

  let next = 0;
  const lane = async () => {
    while (next < parts.length) {
      throwIfAborted(signal);
      const part = parts[next++];
      const read = unpack(await part.read(signal));
      throwIfAborted(signal);
      values ??= firstValues(read, shape, every, before);
      const seen = insertPart(values, shape, part, read);
      if (seen[0] < low) low = seen[0];
      if (seen[1] > high) high = seen[1];
      come++;
      options.onProgress(now());
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.lanes) }, lane));
  if (signal.aborted) throw abortedError(signal);
  return now();
}

/** What a field holds before anything of it is here: the coarser one, or no values. */
function firstValues(like: FieldValues, shape: Triple, every: Triple, before?: Field): FieldValues {
  const count = countOf(shape);
  const values = like instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  if (!before || before.values.length === 0) return values.fill(Number.NaN);
  const [z, y, x] = shape.map((size, axis) =>
    Int32Array.from({ length: size }, (_, at) =>
      Math.min(before.shape[axis] - 1, Math.round((at * every[axis]) / before.every[axis])),
    ),
  );
  let to = 0;
  for (const plane of z) {
    for (const line of y) {
      const from = (plane * before.shape[1] + line) * before.shape[2];
      for (const column of x) values[to++] = before.values[from + column];
    }
  }
  return values;
}

function wider(one: Field["range"], other: Field["range"]): Field["range"] {
  if (Number.isNaN(one[0])) return other;
  if (Number.isNaN(other[0])) return one;
  return [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
}

/** Puts a part in its place; its least and largest finite value. */
function insertPart(
  values: FieldValues,
  shape: Triple,
  { targets }: FieldPart,
  part: FieldValues,
): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const [planes, rows, columns] = targets;
  let from = 0;
  for (const plane of planes) {
    for (const row of rows) {
      const to = (plane * shape[1] + row) * shape[2];
      if (plane >= 0 && row >= 0) {
        for (let x = 0; x < columns.length; x++) {
          if (columns[x] < 0) continue;
          const value = part[from + x];
          values[to + columns[x]] = value;
          if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
          if (value > high && value < Number.POSITIVE_INFINITY) high = value;
        }
      }
      from += columns.length;
    }
  }
  return [low, high];
}
