import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import {
  type Box,
  bytesPerValue,
  countOf,
  type DataType,
  forEachRun,
  indicesOf,
  stridesOf,
  swapBytes,
  throwIfAborted,
} from "@fieldzip/core";
import { type RandomAccessFile, systemError } from "./file.js";

export type ByteOrder = "little" | "big";

/** An array that lies flat in a file: C order, one value after another, no gaps. */
export interface FlatArray {
  /** Bytes before the first value. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly dataType: Exclude<DataType, "string">;
  readonly byteOrder: ByteOrder;
}

/** Bytes read or written by one call of the operating system, at most. */
const pieceBytes = 8 << 20;
/** Reading a gap of this size costs less than another call. */
const gapBytes = 1 << 16;

const machineOrder: ByteOrder =
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? "little" : "big";

/**
 * Reads `box` of a flat array into `target` (exactly the box's bytes), in the machine's byte order.
 * Rows that lie close together are read in one go.
 */
export async function readFlat(
  file: RandomAccessFile,
  array: FlatArray,
  box: Box,
  target: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  throwIfAborted(signal);
  if (countOf(box.shape) === 0) return;
  const size = bytesPerValue(array.dataType);
  const strides = stridesOf(array.shape);
  const axis = spanAxis(array.shape, box, size);
  const span = spanOf(box, strides, axis);
  const useful = countOf(box.shape.slice(axis));
  const inner = { start: box.shape.slice(axis).map(() => 0), shape: box.shape.slice(axis) };
  const first = box.start.reduce((sum, start, a) => sum + start * strides[a], 0);
  let filled = 0;
  for (const index of indicesOf(box.shape.slice(0, axis))) {
    const from = index.reduce((sum, value, a) => sum + value * strides[a], first);
    const position = array.offset + from * size;
    if (span === useful) {
      const end = span * size;
      for (let done = 0; done < end; done += pieceBytes) {
        const length = Math.min(pieceBytes, end - done);
        target.set(await file.read(position + done, length, signal), filled + done);
      }
    } else {
      const bytes = await file.read(position, span * size, signal);
      forEachRun(array.shape.slice(axis), inner, (outer, boxOffset, length) => {
        const run = bytes.subarray(outer * size, (outer + length) * size);
        target.set(run, filled + boxOffset * size);
      });
    }
    filled += useful * size;
  }
  if (array.byteOrder !== machineOrder) reverseValues(target, size);
}

/** Writes the values of `box` (`bytes`, in the machine's byte order) where they belong in the file. */
export async function writeFlat(
  handle: FileHandle,
  path: string,
  array: FlatArray,
  box: Box,
  bytes: Uint8Array,
): Promise<void> {
  const size = bytesPerValue(array.dataType);
  let source = bytes;
  if (array.byteOrder !== machineOrder && size > 1) {
    source = bytes.slice();
    reverseValues(source, size);
  }
  const long: { position: number; run: Uint8Array }[] = [];
  try {
    forEachRun(array.shape, box, (outer, boxOffset, length) => {
      const position = array.offset + outer * size;
      const run = source.subarray(boxOffset * size, (boxOffset + length) * size);
      // Short strided runs go out at once: a promise for each would cost more than the write.
      if (run.length <= gapBytes) writeWhole(handle.fd, run, position);
      else long.push({ position, run });
    });
    for (const { position, run } of long) {
      for (let done = 0; done < run.length; ) {
        const length = Math.min(pieceBytes, run.length - done);
        done += (await handle.write(run, done, length, position + done)).bytesWritten;
      }
    }
  } catch (error) {
    throw systemError(error, path, "write");
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}

/**
 * The first axis of the part of the box that is read in one go: as far out as the gaps that are
 * read along stay small.
 */
function spanAxis(shape: readonly number[], box: Box, size: number): number {
  const strides = stridesOf(shape);
  let axis = shape.length;
  while (axis > 0) {
    const span = spanOf(box, strides, axis - 1);
    const useful = countOf(box.shape.slice(axis - 1));
    const near = span * size <= gapBytes || (span <= 4 * useful && span * size <= pieceBytes);
    if (span !== useful && !near) break;
    axis--;
  }
  return axis;
}

/** Values from the first to the last of the box's part that starts at `axis`, gaps included. */
function spanOf(box: Box, strides: readonly number[], axis: number): number {
  let span = 1;
  for (let a = axis; a < strides.length; a++) span += (box.shape[a] - 1) * strides[a];
  return span;
}

/** Reverses the bytes of every value in place; `bytes` holds whole values. */
function reverseValues(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
  else swapBytes(bytes, size);
}
