import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type Box,
  bytesOf,
  bytesPerValue,
  countOf,
  type NumericArray,
  slabsTogether,
  throwIfAborted,
  type VariableSource,
  type WorkOptions,
} from "@fieldzip/core";
import { flush } from "./atomic.js";
import { systemError } from "./file.js";
import { type FlatArray, writeFlat } from "./flat.js";

/** A place for a flat array in a file that is being written. */
export interface Placement {
  readonly path: string;
  readonly array: FlatArray;
}

/** A variable and where its values go: one place, or one for each index of its first axis. */
export interface PlacedVariable {
  readonly source: VariableSource;
  readonly places: Placement | readonly Placement[];
}

/** A file of which everything but the placed values is known. */
export interface PlacedFile {
  readonly path: string;
  /** Bytes in all. */
  readonly size: number;
  /** What stands before the values. */
  readonly head?: Uint8Array;
  /** What else stands in it, before, between and after them. */
  readonly fixed?: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** Bytes of values that are in memory at once while writing (a whole chunk if that is larger). */
const slabBytes = 32 << 20;

/**
 * Writes flat files slab by slab: each slab is read once, in whole chunks, and its parts go where
 * they belong, in one file or in many. Resolves when everything is on disk.
 */
export async function writePlaced(
  files: readonly PlacedFile[],
  variables: readonly PlacedVariable[],
  options: WorkOptions,
): Promise<void> {
  for (const file of files) {
    throwIfAborted(options.signal);
    await mkdir(dirname(file.path), { recursive: true }).catch((error) => {
      throw systemError(error, file.path, "write");
    });
    await withFile(file.path, "wx", async (handle) => {
      await handle.truncate(file.size);
      const head = file.head ? [{ offset: 0, bytes: file.head }] : [];
      for (const { offset, bytes } of [...head, ...(file.fixed ?? [])]) {
        await handle.write(bytes, 0, bytes.length, offset);
      }
    });
  }
  const total = variables.reduce((sum, { source }) => sum + sizeOf(source), 0);
  let done = 0;
  const placesOf = new Map(variables.map(({ source, places }) => [source, places]));
  for (const { source, box } of slabsTogether([...placesOf.keys()], slabBytes)) {
    throwIfAborted(options.signal);
    const bytes = bytesOf((await source.readBox(box, options.signal)) as NumericArray);
    for (const part of partsOf(placesOf.get(source)!, box)) {
      const length = countOf(part.box.shape) * bytesPerValue(source.dataType);
      await withFile(part.place.path, "r+", (handle) =>
        writeFlat(
          handle,
          part.place.path,
          part.place.array,
          part.box,
          bytes.subarray(part.index * length, (part.index + 1) * length),
        ),
      );
    }
    done += bytes.length;
    options.onProgress?.({ stage: "decompress", done, total, variable: source.name });
  }
  for (const file of files) {
    await flush(file.path).catch((error) => {
      throw systemError(error, file.path, "write");
    });
  }
}

function sizeOf(source: VariableSource): number {
  return countOf(source.shape) * bytesPerValue(source.dataType);
}

function partsOf(
  places: Placement | readonly Placement[],
  box: Box,
): { place: Placement; box: Box; index: number }[] {
  if (!Array.isArray(places)) return [{ place: places as Placement, box, index: 0 }];
  const inner = { start: box.start.slice(1), shape: box.shape.slice(1) };
  return Array.from({ length: box.shape[0] }, (_, index) => ({
    place: places[box.start[0] + index],
    box: inner,
    index,
  }));
}

async function withFile(
  path: string,
  flags: string,
  work: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  try {
    const handle = await open(path, flags);
    try {
      await work(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw systemError(error, path, "write");
  }
}
