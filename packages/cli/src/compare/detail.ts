import {
  countOf,
  type Dataset,
  inlinePool,
  type NumericArray,
  type PowerSpectra,
  subset,
  throwIfAborted,
  type Variable,
} from "@fieldzip/core";
import { hasSlice, type MiddleSlice, middleSlice } from "../plot/middle-slice.js";
import { fieldNames } from "../sampling.js";
import { type CompareOptions, type Comparison, type FieldComparison, pairsOf } from "./compare.js";
import { type Field, floatsOf, readPart } from "./fields.js";
import type { Pair } from "./points.js";
import { isMeasured } from "./report.js";
import { measureSpectrum, type Work } from "./structure.js";

/** What is drawn of one variable: its middle slice, and the spectra and histograms of the field that holds it. */
export interface FieldDetail {
  readonly name: string;
  readonly unit: string;
  readonly slice: MiddleSlice;
  /** Values of the slice in both, row after row; NaN where there is none. */
  readonly original: Float64Array;
  readonly decoded: Float64Array;
  readonly measures: FieldComparison;
  /** Undefined where values are missing. */
  readonly spectra?: PowerSpectra;
  readonly histograms: FieldHistograms;
}

/** Counts in equal parts of a range. */
export interface Counts {
  readonly low: number;
  readonly high: number;
  readonly counts: Float64Array;
}

export interface FieldHistograms {
  /** Over the range of the original. */
  readonly original: Counts;
  readonly decoded: Counts;
  /** Of decoded - original, as far as it goes to either side. */
  readonly error: Counts;
}

const BINS = 80;
const PART_VALUES = 2 ** 21;

/** Variables that are drawn, at most. */
export const mostDrawn = 24;

/** Names of the variables to draw: fields that differ, or all where none does. */
export function drawnNames(original: Dataset, { variables }: Comparison): string[] {
  const drawable = variables.filter(({ name }) => hasSlice(original.variable(name)));
  const names = new Set(fieldNames(original));
  const fields = drawable.filter(({ name }) => names.has(name));
  const differing = drawable.filter(isMeasured);
  const chosen = [differing, fields, drawable].find((list) => list.length > 0) ?? [];
  return chosen.map(({ name }) => name);
}

/** Reads what is drawn of variables, one after another. `options` are those of the comparison. */
export async function* readDetails(
  original: Dataset,
  decoded: Dataset,
  comparison: Comparison,
  names: readonly string[],
  options: CompareOptions,
): AsyncGenerator<FieldDetail> {
  const { select = {}, pool = inlinePool, signal, onProgress } = options;
  const [a, b] = [original, decoded].map((dataset) => subset(dataset, names, select));
  const pairs = pairsOf(a, b);
  for (const [k, name] of names.entries()) {
    throwIfAborted(signal);
    onProgress?.({ stage: "plot", done: k, total: names.length, variable: name });
    const pair = pairs.find((one) => one.original.name === name)!;
    const { fields } = comparison.variables.find((one) => one.name === name)!;
    const measuresOf = (field: Field) => fields[pair.fields.indexOf(field)];
    yield await readDetail(pair, a, measuresOf, { pool, signal, onDone: () => {} });
  }
}

async function readDetail(
  pair: Pair,
  dataset: Dataset,
  measuresOf: (field: Field) => FieldComparison,
  work: Work,
): Promise<FieldDetail> {
  const { original, decoded } = pair;
  const slice = await middleSlice(dataset, original);
  const field = pair.fields.find(({ box }) => isInside(slice.box.start, box))!;
  const measures = measuresOf(field);
  const read = async (variable: Variable) => {
    const data = (await variable.readBox(slice.box, work.signal)) as NumericArray;
    return Float64Array.from(floatsOf(variable, data));
  };
  const units = original.attributes.units?.values[0];
  return {
    name: original.name,
    unit: typeof units === "string" ? units.slice(0, 24) : "",
    ...{ slice, measures },
    original: await read(original),
    decoded: await read(decoded),
    spectra: await measureSpectrum(pair, field, work),
    histograms: await countValues(pair, field, measures, work),
  };
}

function isInside(place: readonly number[], { start, shape }: Field["box"]): boolean {
  return place.every((at, axis) => at >= start[axis] && at < start[axis] + shape[axis]);
}

async function countValues(
  { original, decoded }: Pair,
  field: Field,
  { difference: { min, max, maxError } }: FieldComparison,
  { signal }: Work,
): Promise<FieldHistograms> {
  const [a, b] = [countsOf(min, max), countsOf(min, max)];
  const error = countsOf(-maxError, maxError);
  const { shape } = field;
  const planes = Math.max(1, Math.floor(PART_VALUES / (shape[1] * shape[2])));
  for (let from = 0; from < shape[0]; from += planes) {
    throwIfAborted(signal);
    const box = {
      start: [from, 0, 0],
      shape: [Math.min(planes, shape[0] - from), shape[1], shape[2]],
    };
    const x = await readPart(original, field, box, signal);
    const y = await readPart(decoded, field, box, signal);
    for (let i = 0; i < countOf(box.shape); i++) {
      count(a, x[i]);
      count(b, y[i]);
      count(error, y[i] - x[i]);
    }
  }
  return { original: a, decoded: b, error };
}

function countsOf(low: number, high: number): Counts {
  return { low, high, counts: new Float64Array(BINS) };
}

/** What is not finite does not count; what is outside counts at the end. */
function count({ low, high, counts }: Counts, value: number): void {
  if (!Number.isFinite(value)) return;
  const part = high > low ? Math.floor(((value - low) / (high - low)) * BINS) : BINS >> 1;
  counts[Math.min(BINS - 1, Math.max(0, part))]++;
}
