import {
  allocate,
  type Box,
  chunksOf,
  countOf,
  type DataArray,
  extractBox,
  FieldzipError,
  gridOf,
  indicesOf,
  insertBox,
  intersect,
  isFieldzipError,
  relativeTo,
  throwIfAborted,
  type WorkerPool,
  wholeBox,
} from "@fieldzip/core";
import type { ReadableStore } from "../store/store.js";
import { type DecodedChunk, decodeChunk } from "./chunk-decoder.js";
import { boxOf, ChunkStore, chunkGrid, shardOf } from "./chunk-store.js";
import { eachLimited, Semaphore } from "./concurrency.js";
import { filled, isDamage } from "./damage.js";
import { DecodedChunks, wantedBox } from "./decoded-chunks.js";
import { readerBudget } from "./limits.js";
import { type ArchiveMetadata, type ArrayMetadata, parseArchive } from "./parse.js";
import { readRoot } from "./root.js";
import { runsOf } from "./runs.js";
import type { ChunkRange } from "./shard.js";

export interface ArchiveReaderOptions {
  /** Where chunks are decoded. Without one they are decoded inline, to the same bits. */
  readonly pool?: WorkerPool;
  /**
   * What a damaged or missing chunk does. Default `throw`. `skip` reads it as the variable's fill
   * value (else NaN, or 0 for integers) and reports it to `onSkipped`.
   */
  readonly onDamaged?: "throw" | "skip";
  readonly onSkipped?: (error: FieldzipError) => void;
}

/** One stored chunk, for `inspect` and `verify`. */
export interface StoredChunk {
  readonly array: ArrayMetadata;
  readonly index: readonly number[];
  /** Its box in the stored array, clipped to it. */
  readonly box: Box;
  /** For messages: `run.zarr, variable rho, chunk [3,0,1]`. */
  readonly where: string;
  /** The stored bytes; a typed error where they are missing or cut short. */
  bytes(signal?: AbortSignal): Promise<Uint8Array>;
}

/** Reads stored arrays: looks chunks up, fetches, decodes, puts boxes together. */
export class ArchiveReader {
  private readonly chunks: ChunkStore;
  private readonly decoding: Semaphore;
  private readonly decoded = new DecodedChunks();

  private constructor(
    private readonly store: ReadableStore,
    readonly metadata: ArchiveMetadata,
    private readonly options: ArchiveReaderOptions,
  ) {
    this.chunks = new ChunkStore(store);
    // One at work and one waiting at every worker, and one to be put in its place here.
    this.decoding = new Semaphore(2 * (options.pool?.size ?? 0) + 1);
  }

  /** Reads and checks the metadata, and no values. The store is closed with the reader. */
  static async open(
    store: ReadableStore,
    options: ArchiveReaderOptions & { signal?: AbortSignal } = {},
  ): Promise<ArchiveReader> {
    const root = await readRoot(store, options.signal);
    return new ArchiveReader(store, parseArchive(root, store.location), options);
  }

  get location(): string {
    return this.store.location;
  }

  /** The stored arrays; a joint array is one of them. */
  get arrays(): readonly ArrayMetadata[] {
    return this.metadata.arrays;
  }

  /** The array that holds a variable; a joint one holds several. */
  arrayOf(name: string): ArrayMetadata | undefined {
    return this.arrays.find((array) =>
      array.joint
        ? array.joint.members.some((member) => member.name === name)
        : array.path === name,
    );
  }

  /** Every chunk of an array (of all arrays), in C order, without reading it. */
  *storedChunks(array?: ArrayMetadata): Generator<StoredChunk> {
    for (const one of array ? [array] : this.arrays) {
      for (const index of indicesOf(chunkGrid(one))) yield this.chunkAt(one, index);
    }
  }

  /** The chunk at `index` of the chunk grid, without reading it. */
  chunkAt(array: ArrayMetadata, index: readonly number[]): StoredChunk {
    const where = this.whereOf(array.path, index);
    return {
      array,
      index,
      box: boxOf(array, index),
      where,
      bytes: async (signal) => {
        const range = await this.chunks.rangeOf(array, index, where, signal);
        return this.chunks.read(array, shardOf(array, index), range, where, signal);
      },
    };
  }

  /** Decodes a stored chunk to the values of its box. */
  async decode(chunk: StoredChunk, bytes: Uint8Array, signal?: AbortSignal): Promise<DataArray> {
    const { array, box, where } = chunk;
    const { pool } = this.options;
    const decoded = await decodeChunk(array, box, box, bytes, where, { pool, signal });
    if (countOf(decoded.box.shape) === countOf(box.shape)) return decoded.data;
    return extractBox(array.dataType, decoded.data, decoded.box.shape, wholeBox(box.shape));
  }

  /** Bytes stored for an array, shard indices included and metadata not. Asks for sizes only. */
  async storedBytes(array: ArrayMetadata, signal?: AbortSignal): Promise<number> {
    let bytes = 0;
    const shards = indicesOf(gridOf(array.shape, array.shard));
    await eachLimited(shards, readerBudget.shardsAtOnce, async (shard) => {
      throwIfAborted(signal);
      // Not `bytes += await …`, which adds to what bytes were before the wait: several shards are asked at once.
      const size = await this.chunks.shardBytes(array, shard, signal);
      bytes += size;
    });
    return bytes;
  }

  /**
   * Reads a box of a stored array, touching only the chunks that it meets. `as` is the variable on
   * whose behalf: its name for messages and the value that damaged chunks read as.
   */
  async readBox(
    array: ArrayMetadata,
    box: Box,
    as: { readonly name: string; readonly fill: number | bigint | string },
    signal?: AbortSignal,
  ): Promise<DataArray> {
    throwIfAborted(signal);
    if (countOf(box.shape) === 0) return allocate(array.dataType, 0);
    // The result is allocated once the first chunk has come: a size out of damaged metadata that
    // nothing stands behind costs nothing.
    let out: DataArray | undefined;
    const insert = (index: readonly number[], chunk: DecodedChunk | undefined) => {
      out ??= this.allocateBox(array, box, as.name);
      const part = intersect(box, boxOf(array, index));
      if (!part) return;
      const target = relativeTo(part, box.start);
      const values = chunk
        ? extractBox(array.dataType, chunk.data, chunk.box.shape, relativeTo(part, chunk.box.start))
        : filled(array, countOf(part.shape), as.fill);
      insertBox(out, box.shape, target, values);
    };
    const lanes = Math.max(readerBudget.shardsAtOnce, (this.options.pool?.size ?? 0) + 1);
    await eachLimited(chunksOf(box, array.shard), lanes, async (shard) => {
      const shardBox = { start: shard.map((v, a) => v * array.shard[a]), shape: array.shard };
      const inside = intersect(box, shardBox);
      if (inside) await this.readShard(array, shard, inside, as.name, insert, signal);
    });
    return out ?? this.allocateBox(array, box, as.name);
  }

  async close(): Promise<void> {
    this.decoded.clear();
    await this.store.close();
  }

  /** Loads the chunks of one shard that `box` meets: neighbours in one read, decoded side by side. */
  private async readShard(
    array: ArrayMetadata,
    shard: readonly number[],
    box: Box,
    name: string,
    insert: (index: readonly number[], chunk: DecodedChunk | undefined) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const missing: { index: number[]; range: ChunkRange | undefined }[] = [];
    const guard = async (
      index: readonly number[],
      work: () => Promise<DecodedChunk | undefined>,
    ) => {
      let chunk: DecodedChunk | undefined;
      try {
        chunk = await work();
      } catch (error) {
        if (this.options.onDamaged !== "skip" || !isDamage(error)) throw error;
        this.options.onSkipped?.(error);
      }
      insert(index, chunk);
    };
    for (const index of chunksOf(box, array.chunk)) {
      throwIfAborted(signal);
      const cached = this.decoded.find(array, index, box);
      if (cached) {
        await guard(index, () => this.shared(array, index, cached, box, name, signal));
        continue;
      }
      const where = this.whereOf(name, index);
      try {
        missing.push({ index, range: await this.chunks.rangeOf(array, index, where, signal) });
      } catch (error) {
        await guard(index, () => Promise.reject(error));
      }
    }
    for (const run of runsOf(missing)) {
      const where = this.whereOf(name, run.chunks[0].index);
      // Read when the first chunk asks for it: another reader may have loaded them all meanwhile.
      let started: Promise<Uint8Array> | undefined;
      const bytes = () => (started ??= this.chunks.read(array, shard, run.range, where, signal));
      await Promise.all(
        run.chunks.map(({ index, range }) =>
          guard(index, () => this.load(array, index, bytes, range, run.range, box, name, signal)),
        ),
      );
    }
  }

  /** Decodes one chunk out of a run; keeps it where only a part of it was asked for. */
  private load(
    array: ArrayMetadata,
    index: readonly number[],
    run: () => Promise<Uint8Array>,
    range: ChunkRange | undefined,
    runRange: ChunkRange | undefined,
    box: Box,
    name: string,
    signal?: AbortSignal,
  ): Promise<DecodedChunk> {
    const known = this.decoded.find(array, index, box);
    if (known) return this.shared(array, index, known, box, name, signal);
    const stored = boxOf(array, index);
    const wanted = wantedBox(array, index, box);
    const where = this.whereOf(name, index);
    const { pool } = this.options;
    const chunk = run().then((bytes) => {
      const from = range && runRange ? range.offset - runRange.offset : 0;
      // A copy of its own: a worker would be sent the whole run behind a view.
      const part =
        range && range.length < bytes.length ? bytes.slice(from, from + range.length) : bytes;
      return this.decoding.run(() => {
        throwIfAborted(signal);
        return decodeChunk(array, stored, wanted, part, where, { pool, signal });
      });
    });
    const partly = countOf(intersect(box, stored)?.shape ?? [0]) < countOf(stored.shape);
    if (partly) this.decoded.keep(array, index, wanted, chunk);
    return chunk;
  }

  /** A chunk that somebody else loads or has loaded; loaded anew where that one was stopped. */
  private async shared(
    array: ArrayMetadata,
    index: readonly number[],
    cached: Promise<DecodedChunk>,
    box: Box,
    name: string,
    signal?: AbortSignal,
  ): Promise<DecodedChunk> {
    try {
      return await cached;
    } catch (error) {
      throwIfAborted(signal);
      if (!isFieldzipError(error, "aborted")) throw error;
      this.decoded.forget(array, index, box, cached);
    }
    const where = this.whereOf(name, index);
    const range = await this.chunks.rangeOf(array, index, where, signal);
    const bytes = () => this.chunks.read(array, shardOf(array, index), range, where, signal);
    return this.load(array, index, bytes, range, range, box, name, signal);
  }

  private allocateBox(array: ArrayMetadata, box: Box, name: string): DataArray {
    try {
      return allocate(array.dataType, countOf(box.shape));
    } catch (error) {
      throw new FieldzipError(
        "limit",
        {
          where: `${this.location}, variable ${name}`,
          expected: "a box that fits into memory",
          found: `${box.shape.join(" x ")} values of ${array.dataType}`,
          remedy: "read it in smaller boxes",
        },
        error,
      );
    }
  }

  private whereOf(name: string, index: readonly number[]): string {
    return `${this.location}, variable ${name}, chunk [${index.join(",")}]`;
  }
}
