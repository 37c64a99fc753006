import { Dataset, type DatasetSource, type Dimension, type VariableSource } from "@fieldzip/core";
import type { ReadableStore } from "../store/store.js";
import { ArchiveReader, type ArchiveReaderOptions } from "./archive-reader.js";
import { fillValueOf } from "./attributes.js";
import type { ArrayMetadata } from "./parse.js";

export interface OpenArchiveOptions extends ArchiveReaderOptions {
  readonly signal?: AbortSignal;
}

/**
 * Opens the archive in a store, which is closed with the dataset. Reads the root metadata only;
 * variables are read lazily, joint ones each by itself.
 */
export async function openArchiveIn(
  store: ReadableStore,
  options: OpenArchiveOptions = {},
): Promise<Dataset> {
  try {
    return datasetOf(await ArchiveReader.open(store, options));
  } catch (error) {
    await store.close();
    throw error;
  }
}

const readers = new WeakMap<DatasetSource, ArchiveReader>();

/** The stored arrays and chunks behind a dataset that `openArchive` gave; undefined for others. */
export function archiveIndex(dataset: Dataset): ArchiveReader | undefined {
  return readers.get(dataset.source);
}

function datasetOf(reader: ArchiveReader): Dataset {
  const { metadata } = reader;
  const variables = reader.arrays
    .filter((array) => array.namesOf === undefined)
    .flatMap((array) => (array.joint ? jointVariables(reader, array) : [variable(reader, array)]));
  const rank = new Map(metadata.order.map((name, i) => [name, i]));
  variables.sort((a, b) => (rank.get(a.name) ?? Infinity) - (rank.get(b.name) ?? Infinity) || 0);
  const source: DatasetSource = {
    format: "archive",
    location: reader.location,
    dimensions: metadata.dimensions as readonly Dimension[],
    groups: metadata.groups,
    variables,
    original: {
      format: metadata.format,
      ...(metadata.original === undefined ? {} : { original: metadata.original }),
    },
    close: () => reader.close(),
  };
  readers.set(source, reader);
  return new Dataset(source);
}

function variable(reader: ArchiveReader, array: ArrayMetadata): VariableSource {
  const as = { name: array.path, fill: fillValueOf(array.attributes, array.dataType) };
  return {
    name: array.path,
    dataType: array.dataType,
    shape: array.shape,
    dimensions: array.dimensions,
    attributes: array.attributes,
    storedChunk: array.chunk,
    original: array.original,
    readBox: (box, signal) => reader.readBox(array, box, as, signal),
  };
}

/** The members of a joint array as single variables: one index of the joint axis each. */
function jointVariables(reader: ArchiveReader, array: ArrayMetadata): VariableSource[] {
  const { axis, members } = array.joint as NonNullable<ArrayMetadata["joint"]>;
  const without = <T>(list: readonly T[]): T[] => list.filter((_, i) => i !== axis);
  const inserted = (list: readonly number[], value: number): number[] => [
    ...list.slice(0, axis),
    value,
    ...list.slice(axis),
  ];
  return members.map(({ name, attributes, original }, place) => {
    const as = { name, fill: fillValueOf(attributes, array.dataType) };
    return {
      name,
      dataType: array.dataType,
      shape: without(array.shape),
      dimensions: without(array.dimensions),
      attributes,
      storedChunk: without(array.chunk),
      original,
      readBox: (box, signal) =>
        reader.readBox(
          array,
          { start: inserted(box.start, place), shape: inserted(box.shape, 1) },
          as,
          signal,
        ),
    };
  });
}
