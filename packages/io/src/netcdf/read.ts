import {
  allocate,
  type Box,
  bytesOf,
  bytesPerValue,
  countOf,
  type DataArray,
  FieldzipError,
  forEachRun,
  type NumericArray,
  slabsOf,
  throwIfAborted,
} from "@fieldzip/core";
import type { RandomAccessFile } from "../files/file.js";
import { swapInPlace } from "./byte-order.js";
import type { ClassicVariable } from "./header.js";

/** Values whose runs are planned and read together; bounds the memory beside the result. */
const slabValues = 2 ** 20;
/** Runs are read in one go while they span no more than this … */
const windowBytes = 4 * 2 ** 20;
/** … and lie no further apart than this: reading the gap costs less than another call. */
const gapBytes = 64 * 2 ** 10;

/** A stretch of the file and where its bytes go in the result. */
interface Run {
  readonly offset: number;
  readonly target: number;
  readonly length: number;
}

/**
 * Reads a box of a classic variable: file offsets are `begin` plus, for record variables, a
 * multiple of `recordBytes`. The result has the machine's byte order.
 */
export async function readClassicBox(
  file: RandomAccessFile,
  variable: ClassicVariable,
  recordBytes: number,
  box: Box,
  signal?: AbortSignal,
): Promise<DataArray> {
  throwIfAborted(signal);
  const count = countOf(box.shape);
  if (count === 0) return allocate(variable.dataType, 0);
  checkInside(file, variable, recordBytes, box);
  const size = bytesPerValue(variable.dataType);
  const data = allocate(variable.dataType, count) as NumericArray;
  const out = bytesOf(data);
  // Slabs of ones, merged along the fastest axes, follow each other in the result.
  let base = 0;
  for (const slab of slabsOf(box.shape, new Array(box.shape.length).fill(1), slabValues)) {
    const part = { start: slab.start.map((s, a) => s + box.start[a]), shape: slab.shape };
    const runs = runsOf(variable, recordBytes, part, base * size);
    for (const window of windowsOf(runs)) {
      const start = window[0].offset;
      const last = window[window.length - 1];
      const bytes = await file.read(start, last.offset + last.length - start, signal);
      for (const { offset, target, length } of window) {
        out.set(bytes.subarray(offset - start, offset - start + length), target);
      }
    }
    base += countOf(slab.shape);
  }
  swapInPlace(out, size);
  return data;
}

/** Offset of the value at `index`, in bytes. */
function offsetOf(variable: ClassicVariable, recordBytes: number, index: readonly number[]) {
  let offset = 0;
  let stride = bytesPerValue(variable.dataType);
  for (let axis = index.length - 1; axis >= (variable.record ? 1 : 0); axis--) {
    offset += index[axis] * stride;
    stride *= variable.dimensions[axis].size;
  }
  return variable.begin + offset + (variable.record ? index[0] * recordBytes : 0);
}

/** The file must hold the last value before memory for the box is taken. */
function checkInside(
  file: RandomAccessFile,
  variable: ClassicVariable,
  recordBytes: number,
  box: Box,
): void {
  const last = box.start.map((start, axis) => start + box.shape[axis] - 1);
  const end = offsetOf(variable, recordBytes, last) + bytesPerValue(variable.dataType);
  if (end <= file.size) return;
  throw new FieldzipError("truncated", {
    where: `${file.path}, variable ${variable.name}, box at ${box.start.join(",")}`,
    expected: `a file of at least ${end} bytes`,
    found: `${file.size} bytes`,
    remedy: "the file is incomplete; fetch or write it again",
  });
}

function runsOf(variable: ClassicVariable, recordBytes: number, box: Box, target: number): Run[] {
  const size = bytesPerValue(variable.dataType);
  const shape = variable.dimensions.map((dimension) => dimension.size);
  const runs: Run[] = [];
  if (!variable.record) {
    forEachRun(shape, box, (outer, inner, length) =>
      runs.push({
        offset: variable.begin + outer * size,
        target: target + inner * size,
        length: length * size,
      }),
    );
    return runs;
  }
  // Records of other variables lie between, so a run ends with its record at the latest.
  const inner: Box = { start: box.start.slice(1), shape: box.shape.slice(1) };
  const recordTarget = countOf(inner.shape) * size;
  for (let record = 0; record < box.shape[0]; record++) {
    const begin = variable.begin + (box.start[0] + record) * recordBytes;
    forEachRun(shape.slice(1), inner, (outer, within, length) =>
      runs.push({
        offset: begin + outer * size,
        target: target + record * recordTarget + within * size,
        length: length * size,
      }),
    );
  }
  return runs;
}

/** Groups runs, which ascend in the file, into stretches that are read at once. */
function* windowsOf(runs: readonly Run[]): Generator<Run[]> {
  let window: Run[] = [];
  for (const run of runs) {
    if (window.length > 0) {
      const last = window[window.length - 1];
      const gap = run.offset - (last.offset + last.length);
      const span = run.offset + run.length - window[0].offset;
      if (gap > gapBytes || span > windowBytes) {
        yield window;
        window = [];
      }
    }
    window.push(run);
  }
  if (window.length > 0) yield window;
}
