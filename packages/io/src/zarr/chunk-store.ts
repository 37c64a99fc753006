import {
  type Box,
  chunkBox,
  countOf,
  FieldzipError,
  gridOf,
  LeastRecentlyUsed,
} from "@fieldzip/core";
import type { ReadableStore } from "../store/store.js";
import { shardKey } from "./archive-writer.js";
import { readerBudget } from "./limits.js";
import type { ArrayMetadata } from "./parse.js";
import { type ChunkRange, indexBytes, parseShardIndex } from "./shard.js";

/** Where the chunks of an archive lie: objects, shard indices, ranges. Decodes nothing. */
export class ChunkStore {
  private readonly indices = new LeastRecentlyUsed<(ChunkRange | undefined)[]>(
    readerBudget.indexBytes,
  );

  constructor(readonly store: ReadableStore) {}

  /** The range of a chunk in its shard; undefined where the object is the chunk. */
  async rangeOf(
    array: ArrayMetadata,
    index: readonly number[],
    where: string,
    signal?: AbortSignal,
  ): Promise<ChunkRange | undefined> {
    if (!array.sharded) return undefined;
    const ranges = await this.shardIndex(array, shardOf(array, index), where, signal);
    const range = ranges[placeInShard(array, index)];
    // Our archives store every chunk inside the array: one that is missing was lost.
    if (!range) throw missing(where, "a place in the shard index");
    return range;
  }

  /** Bytes of a run of chunks in a shard, or the whole object without a range. */
  async read(
    array: ArrayMetadata,
    shard: readonly number[],
    range: ChunkRange | undefined,
    where: string,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const key = shardKey(array.path, shard);
    if (!range) {
      const bytes = await this.store.get(key, signal);
      if (!bytes) throw missing(where, `object ${key}`);
      return bytes;
    }
    const bytes = await this.store.getRange(key, range, signal);
    if (!bytes) throw missing(where, `object ${key}`);
    if (bytes.length === range.length) return bytes;
    throw new FieldzipError("truncated", {
      where: `${where}, object ${key}, offset ${range.offset}`,
      expected: `${range.length} bytes`,
      found: `${bytes.length}`,
      remedy: "the object is incomplete; restore it or read the other chunks with --skip-damaged",
    });
  }

  /** Bytes stored for one shard, its index included. */
  async shardBytes(array: ArrayMetadata, shard: readonly number[], signal?: AbortSignal) {
    return (await this.store.size(shardKey(array.path, shard), signal)) ?? 0;
  }

  private async shardIndex(
    array: ArrayMetadata,
    shard: readonly number[],
    where: string,
    signal?: AbortSignal,
  ): Promise<(ChunkRange | undefined)[]> {
    const key = shardKey(array.path, shard);
    const known = this.indices.get(key);
    if (known) return known;
    const count = countOf(chunksPerShard(array));
    const suffixLength = indexBytes(count);
    const bytes = await this.store.getRange(key, { suffixLength }, signal);
    if (!bytes) throw missing(where, `object ${key}`);
    const ranges = parseShardIndex(bytes, count, `${where}, index of ${key}`);
    this.indices.set(key, ranges, suffixLength);
    return ranges;
  }
}

export function chunksPerShard(array: ArrayMetadata): number[] {
  return array.shard.map((size, axis) => size / array.chunk[axis]);
}

/** The shard that holds the chunk at `index`. */
export function shardOf(array: ArrayMetadata, index: readonly number[]): number[] {
  const per = chunksPerShard(array);
  return index.map((value, axis) => Math.floor(value / per[axis]));
}

function placeInShard(array: ArrayMetadata, index: readonly number[]): number {
  const per = chunksPerShard(array);
  return index.reduce((place, value, axis) => place * per[axis] + (value % per[axis]), 0);
}

/** The box of the chunk at `index`, clipped to the array. */
export function boxOf(array: ArrayMetadata, index: readonly number[]): Box {
  return chunkBox(array.shape, array.chunk, index);
}

/** How many chunks an array has, per axis. */
export function chunkGrid(array: ArrayMetadata): number[] {
  return gridOf(array.shape, array.chunk);
}

function missing(where: string, expected: string): FieldzipError {
  return new FieldzipError("truncated", {
    where,
    expected,
    found: "none",
    remedy: "the archive is incomplete; restore it or read the other chunks with --skip-damaged",
  });
}
