import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  bytesPerValue,
  countOf,
  Dataset,
  FieldzipError,
  type Json,
  throwIfAborted,
  type VariableSource,
} from "@fieldzip/core";
import { writeAside } from "../files/atomic.js";
import { systemError } from "../files/file.js";
import { type PlacedFile, type PlacedVariable, writePlaced } from "../files/placed.js";
import { npyFormat } from "../npy/write.js";
import { recordOf } from "../original.js";
import { rawFormat } from "../raw/write.js";
import {
  type FlatFormat,
  flatArrayOf,
  type WriteOptions,
  type Written,
} from "../raw/write-files.js";
import { unpackOverride } from "./attributes.js";
import { type KeptSeries, type KeptVariable, keptSeries } from "./kept.js";

/** Writes one file in a format that holds several variables (`netcdf`, `hdf5`). */
export type FileWriter = (
  dataset: Dataset,
  path: string,
  format: string,
  options: WriteOptions,
) => Promise<Written>;

/** Whether the dataset still says which files it came from. */
export function canSplit(dataset: Dataset, original: Json | undefined): boolean {
  return keptSeries(dataset, original) !== undefined;
}

/** Splits a dataset of steps into the files it was joined from, in the folder `target`. */
export async function writeSteps(
  dataset: Dataset,
  target: string,
  original: Json | undefined,
  options: WriteOptions,
  writeFile: FileWriter,
): Promise<Written> {
  const series = keptSeries(dataset, original) ?? [];
  const pending = await writeAside(target, { force: options.force });
  const files: string[] = [];
  let bytes = 0;
  try {
    await mkdir(pending.path).catch((error) => {
      throw systemError(error, target, "write");
    });
    for (const one of series) {
      const report = progressFrom(bytes, dataset, options);
      const flat = flatFormatOf(one.format);
      bytes += flat
        ? await writeFlatSeries(one, pending.path, flat, report)
        : await writeFiles(dataset, one, pending.path, report, writeFile);
      files.push(...one.files.map((name) => join(target, name)));
    }
    await pending.publish();
    return { files, bytes };
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

/** Counts of one part as counts of the whole. */
function progressFrom(before: number, dataset: Dataset, options: WriteOptions): WriteOptions {
  const { onProgress, signal } = options;
  const total = dataset.variables.reduce(
    (sum, { shape, dataType }) => sum + countOf(shape) * bytesPerValue(dataType),
    0,
  );
  if (!onProgress) return { signal };
  return {
    signal,
    onProgress: (progress) =>
      onProgress({ ...progress, done: Math.min(total, before + progress.done), total }),
  };
}

function flatFormatOf(format: string): FlatFormat | undefined {
  if (format === "npy") return npyFormat;
  return format === "raw" ? rawFormat() : undefined;
}

/** One variable in one file a step: every slab is read once and its steps go to their files. */
async function writeFlatSeries(
  series: KeptSeries,
  folder: string,
  format: FlatFormat,
  options: WriteOptions,
): Promise<number> {
  const files: PlacedFile[] = [];
  const variables: PlacedVariable[] = [];
  for (const variable of series.variables) {
    const places = series.files.map((name, index) => {
      const inFile = { ...partOf(variable, series, index), original: variable.originalIn(index) };
      const array = flatArrayOf(inFile, format);
      const path = join(folder, name);
      const size = array.offset + countOf(inFile.shape) * bytesPerValue(array.dataType);
      files.push({ path, size, head: array.head });
      return { path, array };
    });
    if (variable.role === "stacked") variables.push({ source: variable.source, places });
    else for (const place of places) variables.push({ source: variable.source, places: place });
  }
  await writePlaced(files, variables, options);
  return files.reduce((sum, file) => sum + file.size, 0);
}

async function writeFiles(
  dataset: Dataset,
  series: KeptSeries,
  folder: string,
  options: WriteOptions,
  writeFile: FileWriter,
): Promise<number> {
  let bytes = 0;
  let done = 0;
  for (const [index, name] of series.files.entries()) {
    throwIfAborted(options.signal);
    let latest = 0;
    const written = await writeFile(
      datasetOf(dataset, series, index),
      join(folder, name),
      series.format,
      {
        signal: options.signal,
        onProgress: (progress) => {
          latest = progress.done;
          options.onProgress?.({ ...progress, done: done + latest });
        },
      },
    );
    done += latest;
    bytes += written.bytes;
  }
  return bytes;
}

/** What one of the files held. */
function datasetOf(dataset: Dataset, series: KeptSeries, index: number): Dataset {
  const { source } = dataset;
  const originals = recordOf(series.originals);
  const key = String(index);
  const override = (name: string) => unpackOverride(series.attributes, index, name);
  return new Dataset({
    ...source,
    format: series.format,
    original: originals && Object.hasOwn(originals, key) ? originals[key] : series.original,
    dimensions: source.dimensions
      .filter(({ name }) => name !== series.stacked)
      .map((dimension) =>
        dimension.name === series.joined
          ? { ...dimension, size: series.records?.[index] ?? 0 }
          : dimension,
      ),
    groups: source.groups.map((group) => ({
      ...group,
      attributes: override(`g:${group.path}`) ?? group.attributes,
    })),
    variables: series.variables.map((variable) => ({
      ...partOf(variable, series, index),
      original: variable.originalIn(index),
      attributes: override(`v:${variable.name}`) ?? variable.source.attributes,
    })),
  });
}

/** The part of a variable that one file holds. */
function partOf(
  { source, role, name }: KeptVariable,
  series: KeptSeries,
  index: number,
): VariableSource {
  if (role === "once") return { ...source, name };
  if (role === "stacked") {
    return {
      ...source,
      name,
      shape: source.shape.slice(1),
      dimensions: source.dimensions.slice(1),
      storedChunk: source.storedChunk?.slice(1),
      async readBox(box, signal) {
        const start = [index, ...box.start];
        return source.readBox({ start, shape: [1, ...box.shape] }, signal);
      },
    };
  }
  const records = series.records ?? [];
  const before = records.slice(0, index).reduce((sum, count) => sum + count, 0);
  return {
    ...source,
    name,
    shape: [records[index], ...source.shape.slice(1)],
    readBox: (box, signal) =>
      source.readBox(
        { start: [box.start[0] + before, ...box.start.slice(1)], shape: box.shape },
        signal,
      ),
  };
}

/** A steps dataset as one that a single file holds: variables with the originals that still fit. */
export function asOneFile(dataset: Dataset): Dataset {
  return new Dataset({
    ...dataset.source,
    original: undefined,
    variables: dataset.source.variables.map((source) => {
      const kept = recordOf(source.original);
      if (kept?.format !== "steps") return source;
      // What was a whole variable in a file says nothing about one with an axis more.
      return { ...source, original: kept.role === "stacked" ? undefined : kept.original };
    }),
  });
}

/** For messages where a dataset of steps is to be split and no longer can. */
export function cannotSplit(target: string): FieldzipError {
  return new FieldzipError("usage", {
    where: target,
    expected: "the whole dataset, to split it into the files it came from",
    found: "a part of it",
    remedy: "name a file with an extension (.nc, .npy) or a format with --to",
  });
}
