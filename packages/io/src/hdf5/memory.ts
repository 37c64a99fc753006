import { decodeText } from "../netcdf/text.js";
import type { Hdf5Functions } from "./library.js";

/** The texts behind `count` C string pointers at `pointer`; a null pointer is an empty text. */
export function readTexts(functions: Hdf5Functions, pointer: number, count: number): string[] {
  const heap = functions.HEAPU8;
  const pointers = new DataView(heap.buffer, heap.byteOffset + pointer, count * 4);
  const texts = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    const start = pointers.getUint32(i * 4, true);
    texts[i] = start === 0 ? "" : decodeText(heap.slice(start, heap.indexOf(0, start)));
  }
  return texts;
}

/** The texts of `count` fields of `size` bytes; what follows the last byte that is not NUL is padding. */
export function readFixedTexts(bytes: Uint8Array, size: number, trim: boolean): string[] {
  const texts: string[] = [];
  for (let start = 0; start + size <= bytes.length; start += size) {
    let end = start + size;
    if (trim) while (end > start && bytes[end - 1] === 0) end--;
    texts.push(decodeText(bytes.slice(start, end)));
  }
  return texts;
}
