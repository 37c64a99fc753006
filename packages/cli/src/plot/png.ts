import { deflateSync } from "node:zlib";

/** An opaque colour, each part 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * A PNG of palette colours: `indices` holds one byte a pixel, row after row from the top; the palette at
 * most 256 colours, of which the first one may be clear.
 */
export function encodePng(
  width: number,
  height: number,
  indices: Uint8Array,
  palette: readonly Colour[],
  { clearFirst = false } = {},
): Uint8Array {
  return pngOf(width, height, 3, indices, [
    block("PLTE", Uint8Array.from(palette.flat())),
    ...(clearFirst ? [block("tRNS", Uint8Array.of(0))] : []),
  ]);
}

/** A PNG of red, green and blue; `rgba` holds four bytes a pixel, of which the last one does not count. */
export function encodeColourPng(width: number, height: number, rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgb.set(rgba.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
  }
  return pngOf(width, height, 2, rgb, []);
}

/** `colourType` as PNG numbers them: 2 is red, green, blue, 3 indices of a palette; 8 bits each. */
function pngOf(
  width: number,
  height: number,
  colourType: 2 | 3,
  pixels: Uint8Array,
  palette: readonly Uint8Array[],
): Uint8Array {
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  head.setUint8(8, 8); // bits a channel
  head.setUint8(9, colourType);
  const stride = pixels.length / height;
  const rows = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    // Each row starts with the number of its filter: 0, none.
    rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    block("IHDR", new Uint8Array(head.buffer)),
    ...palette,
    block("IDAT", deflateSync(rows)),
    block("IEND", new Uint8Array(0)),
  ]);
}

function block(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length);
  return bytes;
}

/** CRC-32 as zip and PNG have it; in node:zlib only since Node 20.15. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let k = 0; k < 8; k++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
