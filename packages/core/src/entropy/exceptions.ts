import { bytesOf, type FloatArray } from "../array/data-type.js";

/** The section "exceptions": the values at `places` (ascending), each as the distance to the one before and its bits. */
export function writeExceptions(values: FloatArray, places: readonly number[]): Uint8Array {
  const size = values.BYTES_PER_ELEMENT;
  const original = bytesOf(values);
  const bytes: number[] = [];
  let before = 0;
  for (const place of places) {
    let distance = place - before;
    before = place;
    while (distance >= 128) {
      bytes.push((distance & 127) | 128);
      distance >>>= 7;
    }
    bytes.push(distance, ...original.subarray(place * size, (place + 1) * size));
  }
  return Uint8Array.from(bytes);
}
