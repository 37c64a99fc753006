/**
 * Which values of a field are trained on. Structured samples (all, strided, a slice, a block: the
 * published "fictitious decomposition") keep their axes; a random share is a list of points.
 */
import { FieldzipError } from "@fieldzip/core";
import type { Coordinates } from "@fieldzip/kernels/network";
import { type ActiveCells, activeCells } from "./active-cells.js";
import { storedAxisCoordinates } from "./quantise/quantised-model.js";
import { createRandom, permutation } from "./random.js";

export type Sampling =
  | { readonly kind: "all" }
  /** Every `stride`-th value along every axis, the first one included. */
  | { readonly kind: "stride"; readonly stride: number }
  /** So large a share of all values (0 to 1), drawn without repetition. */
  | { readonly kind: "random"; readonly share: number; readonly seed: number }
  /** Where something happens, what is near, and a share of the rest: see there. */
  | ({ readonly kind: "active" } & ActiveCells)
  /** One place of one axis. */
  | { readonly kind: "slice"; readonly axis: number; readonly index: number }
  /** A box. */
  | {
      readonly kind: "block";
      readonly start: readonly number[];
      readonly shape: readonly number[];
    };

export interface Sample {
  readonly coordinates: Coordinates;
  /** Index in the field of every sampled value, in the order of the coordinates. */
  readonly places: Uint32Array;
}

/** Coordinates of an axis of so many values: evenly from -1 to 1; 0 for a single one. */
export function axisCoordinates(length: number): Float32Array {
  return storedAxisCoordinates({ length, low: 0, total: length });
}

/** `axes`: coordinates of the whole field, one array an axis, slowest first; `variables`: its values. */
export function sampleField(
  axes: readonly Float32Array[],
  sampling: Sampling,
  variables: readonly ArrayLike<number>[],
): Sample {
  const lengths = axes.map(({ length }) => length);
  if (sampling.kind === "active") return activeSample(axes, variables, sampling);
  if (sampling.kind === "random") return randomSample(axes, sampling.share, sampling.seed);
  return boxSample(axes, boxOf(lengths, sampling));
}

interface Steps {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function boxOf(
  lengths: readonly number[],
  sampling: Exclude<Sampling, { kind: "random" | "active" }>,
): Steps[] {
  return lengths.map((length, axis) => {
    let steps = { start: 0, step: 1, count: length };
    if (sampling.kind === "stride") {
      const { stride } = sampling;
      steps = { start: 0, step: stride, count: Math.ceil(length / stride) };
    } else if (sampling.kind === "slice" && sampling.axis === axis) {
      steps = { start: sampling.index, step: 1, count: 1 };
    } else if (sampling.kind === "block") {
      steps = { start: sampling.start[axis], step: 1, count: sampling.shape[axis] };
    }
    const whole = [steps.start, steps.step, steps.count].every(Number.isInteger);
    const last = steps.start + (steps.count - 1) * steps.step;
    const known =
      sampling.kind !== "slice" || (sampling.axis >= 0 && sampling.axis < lengths.length);
    if (
      !whole ||
      !known ||
      steps.start < 0 ||
      steps.step < 1 ||
      steps.count < 1 ||
      last >= length
    ) {
      throw new FieldzipError("usage", {
        where: `sampling, axis ${axis}`,
        expected: `a ${sampling.kind} within 0 to ${length - 1}`,
        found: JSON.stringify(sampling),
        remedy: "choose places that the field has",
      });
    }
    return steps;
  });
}

function boxSample(axes: readonly Float32Array[], box: readonly Steps[]): Sample {
  const sub = axes.map((axis, a) => {
    const { start, step, count } = box[a];
    return Float32Array.from({ length: count }, (_, i) => axis[start + i * step]);
  });
  // Axis by axis: every place so far is followed by the places of the next axis.
  let places = Uint32Array.of(0);
  box.forEach(({ start, step, count }, a) => {
    const next = new Uint32Array(places.length * count);
    places.forEach((place, p) => {
      for (let i = 0; i < count; i++) {
        next[p * count + i] = place * axes[a].length + start + i * step;
      }
    });
    places = next;
  });
  return { coordinates: { axes: sub }, places };
}

function randomSample(axes: readonly Float32Array[], share: number, seed: number): Sample {
  const total = axes.reduce((product, { length }) => product * length, 1);
  if (!(share > 0 && share <= 1)) {
    throw new FieldzipError("usage", {
      where: "sampling",
      expected: "a share above 0 and at most 1",
      found: String(share),
      remedy: "say how much of the field is to be trained on",
    });
  }
  const count = Math.max(1, Math.round(share * total));
  // In the field's order: batches are shuffled anyway, and gathering is kinder to memory.
  const places = permutation(total, createRandom(seed)).slice(0, count).sort();
  return pointSample(axes, places);
}

function activeSample(
  axes: readonly Float32Array[],
  variables: readonly ArrayLike<number>[],
  sampling: ActiveCells,
): Sample {
  const { threshold, dilate, rest } = sampling;
  const known = threshold >= 0 && rest >= 0 && rest <= 1 && Number.isInteger(dilate) && dilate >= 0;
  const lengths = axes.map(({ length }) => length);
  const places = known ? activeCells(lengths, variables, sampling) : new Uint32Array(0);
  if (places.length > 0) return pointSample(axes, places);
  throw new FieldzipError("usage", {
    where: "sampling",
    expected: "active cells, or a share of the rest",
    found: JSON.stringify(sampling),
    remedy: "lower the threshold, or train on a share of the rest, too",
  });
}

/** Places in the field's order, as points. */
function pointSample(axes: readonly Float32Array[], places: Uint32Array): Sample {
  const points = new Float32Array(places.length * axes.length);
  places.forEach((place, p) => {
    let rest = place;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      points[p * axes.length + axis] = axes[axis][rest % axes[axis].length];
      rest = Math.floor(rest / axes[axis].length);
    }
  });
  return { coordinates: { points }, places };
}
