import { type Box, bytesPerValue, countOf, intersect, LeastRecentlyUsed } from "@fieldzip/core";
import { type DecodedChunk, decodesBoxes } from "./chunk-decoder.js";
import { boxOf } from "./chunk-store.js";
import { readerBudget } from "./limits.js";
import type { ArrayMetadata } from "./parse.js";

/**
 * What is decoded of a chunk for a box: all of it, but where a small part can be had alone, and then for all
 * variables of a joint array, who are likely to be asked for next.
 */
export function wantedBox(array: ArrayMetadata, index: readonly number[], box: Box): Box {
  const stored = boxOf(array, index);
  if (!decodesBoxes(array)) return stored;
  const asked = intersect(box, stored) ?? stored;
  const axis = array.joint?.axis;
  const part =
    axis === undefined
      ? asked
      : {
          start: asked.start.with(axis, stored.start[axis]),
          shape: asked.shape.with(axis, stored.shape[axis]),
        };
  return 2 * countOf(part.shape) <= countOf(stored.shape) ? part : stored;
}

/** Chunks, and parts of chunks, that are decoded or being decoded: those used last, up to a number of bytes. */
export class DecodedChunks {
  private readonly chunks = new LeastRecentlyUsed<Promise<DecodedChunk>>(readerBudget.decodedBytes);

  /** The chunk, or what `box` needs of it. */
  find(
    array: ArrayMetadata,
    index: readonly number[],
    box: Box,
  ): Promise<DecodedChunk> | undefined {
    const whole = this.chunks.get(keyOf(array, index, boxOf(array, index)));
    if (whole || !decodesBoxes(array)) return whole;
    return this.chunks.get(keyOf(array, index, wantedBox(array, index, box)));
  }

  keep(
    array: ArrayMetadata,
    index: readonly number[],
    wanted: Box,
    chunk: Promise<DecodedChunk>,
  ): void {
    const key = keyOf(array, index, wanted);
    this.chunks.set(key, chunk, weightOf(array, wanted));
    chunk.then(
      ({ box }) => {
        const whole = keyOf(array, index, boxOf(array, index));
        if (key === whole || countOf(box.shape) === countOf(wanted.shape)) return;
        // All of it came where a part was asked for: others need not ask again.
        this.chunks.delete(key, chunk);
        this.chunks.set(whole, chunk, weightOf(array, box));
      },
      () => this.chunks.delete(key, chunk),
    );
  }

  forget(
    array: ArrayMetadata,
    index: readonly number[],
    box: Box,
    chunk: Promise<DecodedChunk>,
  ): void {
    for (const part of [boxOf(array, index), wantedBox(array, index, box)]) {
      this.chunks.delete(keyOf(array, index, part), chunk);
    }
  }

  clear(): void {
    this.chunks.clear();
  }
}

function weightOf({ dataType }: ArrayMetadata, { shape }: Box): number {
  return countOf(shape) * bytesPerValue(dataType);
}

function keyOf({ path }: ArrayMetadata, index: readonly number[], { start, shape }: Box): string {
  return `${path} ${index.join(",")} ${start} ${shape}`;
}
