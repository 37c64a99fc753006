import {
  type Box,
  bytesOf,
  type DataArray,
  type DataType,
  forEachRun,
  type Json,
  type NumericArray,
  stridesOf,
} from "@fieldzip/core";
import { fillBytes } from "./foreign-attributes.js";

/** A typed array, an array of strings, or one of zarrita's views of booleans and text. */
export interface ChunkData {
  readonly length: number;
  readonly [index: number]: unknown;
  get?(index: number): unknown;
}

/** Copies a part of a chunk (with any strides) to where it belongs in the output; bits stay as they are. */
export function copyPart(
  data: ChunkData,
  strides: readonly number[],
  part: Box,
  out: DataArray,
  outShape: readonly number[],
  target: Box,
): void {
  const plain = ArrayBuffer.isView(data);
  const bytes = plain ? bytesOf(data as unknown as NumericArray) : undefined;
  const outBytes = plain ? bytesOf(out as NumericArray) : undefined;
  const size = plain ? (data as unknown as NumericArray).BYTES_PER_ELEMENT : 1;
  const last = strides.length - 1;
  const partStrides = stridesOf(part.shape);
  forEachRun(outShape, target, (outer, inner, length) => {
    // A run may span several rows of the part: take it row by row.
    const row = last < 0 ? 1 : part.shape[last];
    for (let done = 0; done < length; done += row) {
      let rest = inner + done;
      let from = 0;
      for (let axis = 0; axis <= last; axis++) {
        const index = Math.floor(rest / partStrides[axis]);
        rest -= index * partStrides[axis];
        from += (part.start[axis] + index) * strides[axis];
      }
      const step = last < 0 ? 1 : strides[last];
      const to = outer + done;
      if (bytes && outBytes && step === 1) {
        outBytes.set(bytes.subarray(from * size, (from + row) * size), to * size);
        continue;
      }
      for (let k = 0; k < row; k++) {
        const source = from + k * step;
        if (bytes && outBytes) {
          for (let b = 0; b < size; b++) outBytes[(to + k) * size + b] = bytes[source * size + b];
        } else setValue(out, to + k, data.get ? data.get(source) : data[source]);
      }
    }
  });
}

function setValue(out: DataArray, index: number, value: unknown): void {
  if (Array.isArray(out)) out[index] = typeof value === "string" ? value : String(value ?? "");
  else (out as Uint8Array)[index] = value ? 1 : 0;
}

/** Gives a part of the output the value that chunks which were never written have. */
export function fillPart(
  fill: Json | undefined,
  type: DataType,
  out: DataArray,
  shape: readonly number[],
  target: Box,
): void {
  if (type === "string") {
    const text = typeof fill === "string" ? fill : "";
    forEachRun(shape, target, (offset, _, length) => {
      (out as string[]).fill(text, offset, offset + length);
    });
    return;
  }
  const value = fillBytes(fill, type);
  const bytes = bytesOf(out as NumericArray);
  if (value.every((byte) => byte === 0)) return;
  forEachRun(shape, target, (offset, _, length) => {
    for (let k = 0; k < length; k++) bytes.set(value, (offset + k) * value.length);
  });
}
