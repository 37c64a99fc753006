/** What the values of variables are like, block by block: memory is bounded by a block. */
import {
  bytesPerValue,
  countOf,
  type Dataset,
  slabsTogether,
  throwIfAborted,
  type Variable,
  type WorkOptions,
} from "@fieldzip/core";
import { storedValues } from "./stored-values.js";

export interface VariableStatistics {
  readonly name: string;
  /** Values that count, and those that do not: NaN, infinite, or what the variable calls missing. */
  readonly count: number;
  readonly missing: number;
  /** NaN where no value counts. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the population: divided by `count`. */
  readonly standardDeviation: number;
  /** Counts in equal parts of min to max; max itself is in the last one. */
  readonly histogram?: readonly number[];
}

export interface StatisticsOptions extends WorkOptions {
  /** Names of variables of numbers. */
  readonly variables: readonly string[];
  /** Parts of the histogram; it needs a second pass. Default: none. */
  readonly bins?: number;
}

/** Bytes of values that are held at once, but for a stored chunk that is larger. */
const BLOCK_BYTES = 2 ** 25;

interface Moments {
  count: number;
  missing: number;
  min: number;
  max: number;
  mean: number;
  /** Sum of squared distances from the mean. */
  squares: number;
}

export async function statistics(
  dataset: Dataset,
  { variables: names, bins, signal, onProgress }: StatisticsOptions,
): Promise<VariableStatistics[]> {
  const variables = names.map((name) => dataset.variable(name));
  const passes = bins === undefined ? 1 : 2;
  const total =
    passes *
    variables.reduce(
      (sum, { shape, dataType }) => sum + countOf(shape) * bytesPerValue(dataType),
      0,
    );
  let done = 0;

  async function eachBlock(
    visit: (variable: Variable, values: Float64Array) => void,
  ): Promise<void> {
    const byName = new Map(variables.map((variable) => [variable.name, variable]));
    const sources = variables.map(({ source }) => source);
    for (const { source, box } of slabsTogether(sources, BLOCK_BYTES)) {
      throwIfAborted(signal);
      const variable = byName.get(source.name)!;
      visit(variable, await storedValues(variable).read(box, signal));
      done += countOf(box.shape) * bytesPerValue(variable.dataType);
      onProgress?.({ stage: "statistics", done, total, variable: source.name });
    }
  }

  const moments = new Map<string, Moments>();
  await eachBlock(({ name }, values) => {
    const block = momentsOf(values);
    const before = moments.get(name);
    moments.set(name, before ? merge(before, block) : block);
  });
  const histograms = new Map<string, number[]>();
  if (bins !== undefined) {
    await eachBlock(({ name }, values) => {
      const counts = histograms.get(name) ?? new Array<number>(bins).fill(0);
      histograms.set(name, counts);
      addCounts(counts, values, moments.get(name)!);
    });
  }
  return variables.map(({ name }) => {
    const { count, missing, min, max, mean, squares } =
      moments.get(name) ?? momentsOf(new Float64Array(0));
    const none = count === 0;
    return {
      ...{ name, count, missing },
      min: none ? Number.NaN : min,
      max: none ? Number.NaN : max,
      mean: none ? Number.NaN : mean,
      standardDeviation: none ? Number.NaN : Math.sqrt(squares / count),
      ...(bins === undefined
        ? {}
        : { histogram: histograms.get(name) ?? new Array<number>(bins).fill(0) }),
    };
  });
}

function momentsOf(values: Float64Array): Moments {
  let [count, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const mean = count > 0 ? sum / count : 0;
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return { count, missing: values.length - count, min, max, mean, squares };
}

/** Of two parts (Chan, Golub and LeVeque, 1979). */
function merge(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  const difference = b.mean - a.mean;
  const share = count > 0 ? b.count / count : 0;
  return {
    count,
    missing: a.missing + b.missing,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + difference * share,
    squares: a.squares + b.squares + difference ** 2 * a.count * share,
  };
}

function addCounts(counts: number[], values: Float64Array, { min, max }: Moments): void {
  const last = counts.length - 1;
  const scale = max > min ? counts.length / (max - min) : 0;
  for (const value of values) {
    if (Number.isFinite(value)) counts[Math.min(last, Math.floor((value - min) * scale))]++;
  }
}
