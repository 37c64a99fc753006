import { join } from "node:path";
import {
  allocate,
  type Box,
  bytesOf,
  countOf,
  type DataArray,
  type DatasetSource,
  type Dimension,
  type Group,
  type Json,
  memoryVariable,
  type NumericArray,
  textAttribute,
  throwIfAborted,
  type VariableSource,
} from "@fieldzip/core";
import { type OpenPool, openPool } from "../files/pool.js";
import { listSteps, type StepSeries } from "./names.js";
import { inspectSeries, type SeriesStructure, variableOf } from "./series.js";

/** Files that are held open at once. */
const openFiles = 8;

export interface StepsOptions {
  /** Opens one file. */
  readonly open: (path: string) => Promise<DatasetSource>;
  /** Whether bare values count as steps (their shape and type are known). */
  readonly withRaw: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Opens a folder of files of equal structure as one dataset, in the natural order of their names.
 *
 * The files are joined along the unlimited dimension that they have, else along a new leading axis
 * `step`, whose coordinate holds the numbers in the names. Coordinates, and small variables, that
 * are the same to the bit in every file are kept once. Opening looks into every file (structure
 * and coordinates only); a few are held open at once.
 */
export async function openSteps(folder: string, options: StepsOptions): Promise<DatasetSource> {
  const { format, series } = await listSteps(folder, options.withRaw);
  if (series.length === 1 && series[0].files.length === 1) {
    return options.open(join(folder, series[0].files[0]));
  }
  const pool = openPool<string, DatasetSource>(openFiles, options.open, (source) => source.close());
  try {
    const dataset = emptyDataset();
    const originals: Json[] = [];
    for (const [index, one] of series.entries()) {
      const paths = one.files.map((file) => join(folder, file));
      const structure = await inspectSeries(paths, pool, options.signal);
      const oneVariable = format === "npy" || format === "raw";
      const stacked = addSeries(dataset, one, structure, index, oneVariable, paths, pool);
      originals.push({
        format: structure.first.format,
        original: structure.first.original ?? null,
        files: [...one.files],
        joined: structure.joined?.name ?? null,
        records: structure.joined ? [...structure.records] : null,
        stacked: stacked ?? null,
        attributes: structure.attributes,
        originals: structure.originals,
      });
    }
    return {
      format: "steps",
      location: folder,
      dimensions: [...dataset.dimensions].map(([name, rest]) => ({ name, ...rest })),
      groups: [...dataset.groups.values()],
      variables: dataset.variables,
      original: { series: originals },
      close: () => pool.close(),
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

interface GrowingDataset {
  readonly dimensions: Map<string, Omit<Dimension, "name">>;
  readonly groups: Map<string, Group>;
  readonly variables: VariableSource[];
  /** Step axes by the numbers along them. */
  readonly stepAxes: Map<string, string>;
}

function emptyDataset(): GrowingDataset {
  return { dimensions: new Map(), groups: new Map(), variables: [], stepAxes: new Map() };
}

/** Adds the variables of one series; returns the name of its new axis, if it has one. */
function addSeries(
  dataset: GrowingDataset,
  series: StepSeries,
  structure: SeriesStructure,
  index: number,
  oneVariable: boolean,
  paths: readonly string[],
  pool: OpenPool<string, DatasetSource>,
): string | undefined {
  const { first, joined, records, roles } = structure;
  const total = records.reduce((sum, count) => sum + count, 0);
  const renamed = new Map<string, string>();
  for (const { name, size, unlimited } of first.dimensions) {
    const whole = {
      size: name === joined?.name ? total : size,
      ...(unlimited ? { unlimited } : {}),
    };
    const known = dataset.dimensions.get(name);
    const free = known && known.size !== whole.size ? `${series.stem}_${name}` : name;
    renamed.set(name, free);
    dataset.dimensions.set(free, whole);
  }
  for (const group of first.groups) {
    if (!dataset.groups.has(group.path)) dataset.groups.set(group.path, group);
  }
  const names = new Set(first.variables.map(({ name }) => name));
  const stacked = [...roles.values()].includes("stacked")
    ? stepAxis(dataset, series, names)
    : undefined;
  for (const source of first.variables) {
    const role = roles.get(source.name) ?? "stacked";
    const others = structure.variableOriginals.get(source.name);
    const inner = source.dimensions.map((name) => renamed.get(name) ?? name);
    dataset.variables.push({
      ...source,
      name: oneVariable ? series.stem : source.name,
      shape:
        role === "once"
          ? source.shape
          : role === "joined"
            ? [total, ...source.shape.slice(1)]
            : [paths.length, ...source.shape],
      dimensions: role === "stacked" ? [stacked as string, ...inner] : inner,
      storedChunk:
        role === "stacked" && source.storedChunk ? [1, ...source.storedChunk] : source.storedChunk,
      original: {
        format: "steps",
        series: index,
        name: source.name,
        role,
        original: source.original ?? null,
        ...(others ? { others } : {}),
      },
      readBox: (box, signal) => {
        if (role === "once") {
          return pool.use(paths[0], (file) =>
            variableOf(file, source.name, paths[0]).readBox(box, signal),
          );
        }
        return readAcross(
          source,
          role === "joined" ? records : undefined,
          paths,
          pool,
          box,
          signal,
        );
      },
    });
  }
  return stacked;
}

/** The axis of the steps, with their numbers as its coordinate; series of equal numbers share one. */
function stepAxis(dataset: GrowingDataset, series: StepSeries, taken: ReadonlySet<string>): string {
  const key = series.numbers.join();
  const known = dataset.stepAxes.get(key);
  if (known) return known;
  const isTaken = (name: string) => dataset.dimensions.has(name) || taken.has(name);
  let name = "step";
  if (isTaken(name)) name = `step_${series.stem}`;
  while (isTaken(name)) name += "_";
  dataset.stepAxes.set(key, name);
  dataset.dimensions.set(name, { size: series.files.length });
  dataset.variables.push(
    memoryVariable(name, "int32", [name], [series.files.length], Int32Array.from(series.numbers), {
      long_name: textAttribute("number in the file's name"),
    }),
  );
  return name;
}

/** Reads a box whose first axis runs through the files: one index each, or `records[k]`. */
async function readAcross(
  source: VariableSource,
  records: readonly number[] | undefined,
  paths: readonly string[],
  pool: OpenPool<string, DatasetSource>,
  box: Box,
  signal?: AbortSignal,
): Promise<DataArray> {
  const out = allocate(source.dataType, countOf(box.shape));
  const row = countOf(box.shape.slice(1));
  const [from, to] = [box.start[0], box.start[0] + box.shape[0]];
  let before = 0;
  for (let k = 0; k < paths.length && before < to; k++) {
    const count = records?.[k] ?? 1;
    const low = Math.max(from, before);
    const high = Math.min(to, before + count);
    if (low < high) {
      throwIfAborted(signal);
      const inner: Box = records
        ? {
            start: [low - before, ...box.start.slice(1)],
            shape: [high - low, ...box.shape.slice(1)],
          }
        : { start: box.start.slice(1), shape: box.shape.slice(1) };
      const data = await pool.use(paths[k], (file) =>
        variableOf(file, source.name, paths[k]).readBox(inner, signal),
      );
      copyInto(out, (low - from) * row, data);
    }
    before += count;
  }
  return out;
}

function copyInto(out: DataArray, offset: number, data: DataArray): void {
  if (Array.isArray(out)) {
    for (let k = 0; k < data.length; k++) out[offset + k] = (data as string[])[k];
  } else {
    const size = (out as NumericArray).BYTES_PER_ELEMENT;
    bytesOf(out as NumericArray).set(bytesOf(data as NumericArray), offset * size);
  }
}
