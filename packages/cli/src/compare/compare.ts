import {
  addAgreement,
  type BitAgreement,
  bytesPerValue,
  type ConservedSum,
  countOf,
  type Dataset,
  describedDimension,
  FieldzipError,
  inlinePool,
  mergeDifferences,
  type Selection,
  subset,
  type Variable,
  type WorkerPool,
  type WorkOptions,
} from "@fieldzip/core";
import { compareMetadata, type Difference } from "./facts.js";
import { type Field, fieldsOf } from "./fields.js";
import { measurePoints, type Pair, type PointReport } from "./points.js";
import type { PictureMeasures } from "./render.js";
import {
  fullSimilarity,
  measureSimilarity,
  measureSpectrum,
  type Similarity,
  type Spectrum,
  type Work,
} from "./structure.js";

export interface CompareOptions extends WorkOptions {
  /** Names of the variables to compare; default all. */
  readonly variables?: readonly string[];
  /** Which part of both, per dimension: an index or `[from, to)`. */
  readonly select?: Selection;
  /** Only what one pass over the values gives: no similarity, no spectra. */
  readonly quick?: boolean;
  /** Where similarity and spectra are computed; default inline. */
  readonly pool?: WorkerPool;
}

/** How one dataset (`decoded`) differs from another (`original`). */
export interface Comparison {
  /** Names, types, shapes, dimensions and attributes that differ; no values. */
  readonly facts: readonly Difference[];
  /** Every variable that both have in the same shape. */
  readonly variables: readonly VariableComparison[];
  /** True where no fact and no bit of a value differs. */
  readonly equal: boolean;
  readonly seconds: number;
}

export interface VariableComparison extends FieldMeasures {
  readonly name: string;
  readonly units?: string;
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly dimensions: readonly string[];
  /** Every bit of every value is the same. */
  readonly equal: boolean;
  /** One per step; the measures of the variable itself are over all of them. */
  readonly fields: readonly FieldComparison[];
  /** How the rendered pictures of one of them differ, where they were asked for. */
  readonly picture?: PictureMeasures;
}

export interface FieldComparison extends FieldMeasures {
  /** Where the field stands: `{ step: 3 }`. */
  readonly at: Readonly<Record<string, number>>;
}

/** Of a variable: PSNR and the like over all values, similarity and spectrum error as means over fields. */
export interface FieldMeasures extends PointReport {
  readonly similarity?: Similarity;
  readonly spectrum?: SpectrumMeasures;
}

export type SpectrumMeasures = Pick<Spectrum, "error" | "faithfulTo" | "waveNumbers" | "part">;

/** Shares of the work, about. */
const SHARES = { points: 0.1, similarity: 0.6, spectrum: 0.3 } as const;

/**
 * Measures how `decoded` differs from `original`, variable by variable and step by step. Memory is bounded
 * by slabs of 32 MiB and one field of at most 2^24 values per thread. Errors: `missing` where the two
 * have no variable in common.
 */
export async function compare(
  original: Dataset,
  decoded: Dataset,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { variables = [], select = {}, quick = false, pool = inlinePool } = options;
  const { signal, onProgress } = options;
  const started = performance.now();
  const [a, b] = [original, decoded].map((dataset) => subset(dataset, variables, select));
  const facts = compareMetadata(b, a);
  // Coordinates on several axes come along for the writers; here they would be lines that nobody asked for.
  const pairs = pairsOf(a, b).filter(
    ({ original: { source } }) =>
      variables.length === 0 ||
      variables.includes(source.name) ||
      describedDimension(a, source) !== undefined,
  );
  if (pairs.length === 0) throw nothingInCommon(original, decoded);

  const total = pairs.reduce((sum, pair) => sum + bytesOf(pair.original), 0);
  let done = 0;
  const advance = ({ original: { name } }: Pair, bytes: number, share: keyof typeof SHARES) => {
    done += bytes * (quick ? 1 : SHARES[share]);
    onProgress?.({ stage: "compare", done: Math.min(done, total), total, variable: name });
  };

  const points = await measurePoints(
    pairs,
    (pair, bytes) => advance(pair, bytes, "points"),
    signal,
  );
  const measured = new Map<Field, FieldComparison>();
  const jobs = pairs.flatMap((pair) => pair.fields.map((field) => ({ pair, field })));
  const lanes = Array.from({ length: pool.size + 1 }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { pair, field } = job;
      const work = (share: keyof typeof SHARES): Work => ({
        ...{ pool, signal },
        onDone: (bytes) => advance(pair, bytes, share),
      });
      const point = points.get(field)!;
      const structure = quick ? {} : await structureOf(pair, field, point, work);
      measured.set(field, { at: placed(field, select), ...point, ...structure });
    }
  });
  // Every lane must have stopped before the caller may close the datasets.
  for (const result of await Promise.allSettled(lanes)) {
    if (result.status === "rejected") throw result.reason;
  }

  const found = pairs.map((pair) =>
    variableOf(
      pair,
      pair.fields.map((field) => measured.get(field)!),
    ),
  );
  return {
    facts,
    variables: found,
    equal: facts.length === 0 && found.every(({ equal }) => equal),
    seconds: (performance.now() - started) / 1000,
  };
}

async function structureOf(
  pair: Pair,
  field: Field,
  { bits, difference, missing }: PointReport,
  work: (share: keyof typeof SHARES) => Work,
): Promise<Pick<FieldMeasures, "similarity" | "spectrum">> {
  const similarity = fullSimilarity(field);
  if (!similarity || !isNumeric(pair.original) || difference.count === 0) return {};
  if (bits?.differingValues === 0) {
    const whole = missing.original === 0;
    const waveNumbers = Math.floor(Math.max(...field.shape) / 2);
    const spectrum = { error: 0, faithfulTo: waveNumbers, waveNumbers };
    return { similarity, spectrum: whole ? spectrum : undefined };
  }
  const { min, max } = difference;
  const scale = { range: max - min, near: min };
  const spectrum = await measureSpectrum(pair, field, work("spectrum"));
  return {
    similarity: await measureSimilarity(pair, field, scale, work("similarity")),
    spectrum: spectrum && {
      error: spectrum.error,
      faithfulTo: spectrum.faithfulTo,
      waveNumbers: spectrum.waveNumbers,
      part: spectrum.part,
    },
  };
}

/** Variables of the same name and shape, and their fields. */
export function pairsOf(original: Dataset, decoded: Dataset): Pair[] {
  return original.variables.flatMap((variable) => {
    const other = decoded.variables.find(({ name }) => name === variable.name);
    const comparable =
      other &&
      other.shape.join() === variable.shape.join() &&
      (other.dataType === variable.dataType || (isNumeric(variable) && isNumeric(other)));
    if (!comparable) return [];
    return [{ original: variable, decoded: other, fields: fieldsOf(original, variable) }];
  });
}

export function isNumeric({ dataType }: Variable): boolean {
  return dataType !== "string" && dataType !== "char";
}

/** A selection counts from the whole dataset. */
function placed({ at }: Field, select: Selection): Record<string, number> {
  return Object.fromEntries(
    Object.entries(at).map(([axis, place]) => {
      const chosen = select[axis] ?? 0;
      return [axis, place + (typeof chosen === "number" ? chosen : chosen[0])];
    }),
  );
}

function variableOf(
  { original: { name, attributes, dataType, shape, dimensions } }: Pair,
  fields: readonly FieldComparison[],
): VariableComparison {
  const units = attributes.units?.values[0];
  const bits = fields.reduce<BitAgreement | undefined>(
    (all, field) => (all && field.bits ? addAgreement(all, field.bits) : undefined),
    { values: 0, differingValues: 0, differingBits: 0 },
  );
  return {
    ...{ name, dataType, shape, dimensions, fields, bits },
    units: typeof units === "string" && units !== "" ? units : undefined,
    equal: bits?.differingValues === 0,
    difference: mergeDifferences(fields.map(({ difference }) => difference)),
    missing: {
      original: total(fields.map(({ missing }) => missing.original)),
      decoded: total(fields.map(({ missing }) => missing.decoded)),
      both: total(fields.map(({ missing }) => missing.both)),
    },
    // A total is kept at every step or not at all.
    sum: fields.reduce<ConservedSum>(
      (worst, { sum }, k) => (k === 0 || sum.relativeError > worst.relativeError ? sum : worst),
      { original: 0, decoded: 0, relativeError: 0 },
    ),
    similarity: meanSimilarity(fields.flatMap(({ similarity }) => similarity ?? [])),
    spectrum: meanSpectrum(fields.flatMap(({ spectrum }) => spectrum ?? [])),
  };
}

function meanSimilarity(all: readonly Similarity[]): Similarity | undefined {
  if (all.length === 0) return undefined;
  const volumes = all.flatMap(({ volume }) => volume ?? []);
  return {
    slices: Object.fromEntries(
      Object.keys(all[0].slices).map((axis) => [axis, mean(all.map(({ slices }) => slices[axis]))]),
    ),
    slice: mean(all.map(({ slice }) => slice)),
    volume: volumes.length > 0 ? mean(volumes) : undefined,
  };
}

function meanSpectrum(all: readonly SpectrumMeasures[]) {
  if (all.length === 0) return undefined;
  return {
    error: mean(all.map(({ error }) => error)),
    faithfulTo: Math.min(...all.map(({ faithfulTo }) => faithfulTo)),
    waveNumbers: all[0].waveNumbers,
    part: all[0].part,
  };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}

/** Of the numbers that are some; NaN without any. */
function mean(numbers: readonly number[]): number {
  const some = numbers.filter((value) => !Number.isNaN(value));
  return total(some) / some.length;
}

function bytesOf({ shape, dataType }: Variable): number {
  return countOf(shape) * bytesPerValue(dataType);
}

function nothingInCommon(original: Dataset, decoded: Dataset): FieldzipError {
  return new FieldzipError("missing", {
    where: decoded.location,
    expected: `a variable of ${original.location}, in the same shape`,
    found: decoded.variables.map(({ name, shape }) => `${name} (${shape.join(" x ")})`).join(", "),
    remedy: "compare datasets of one run, or name the axes and shape of raw files alike",
  });
}
