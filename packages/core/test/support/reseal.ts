import { crc32c } from "../../src/stream/crc32c.js";

/** Puts the right checksums into a stream that was tampered with. */
export function reseal(stream: Uint8Array): Uint8Array {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const [rank, sections] = [stream[8], stream[9]];
  const headerLength = 12 + 4 * rank + 12 * sections + 4;
  if (headerLength > stream.length) return stream;
  let offset = headerLength;
  for (let k = 0; k < sections; k++) {
    const entry = 12 + 4 * rank + 12 * k;
    const length = view.getUint32(entry + 4, true);
    if (offset + length > stream.length) break;
    view.setUint32(entry + 8, crc32c(stream.subarray(offset, offset + length)), true);
    offset += length;
  }
  view.setUint32(headerLength - 4, crc32c(stream.subarray(0, headerLength - 4)), true);
  return stream;
}
