/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes at a time over eight tables. */
const TABLES: usize = memory.data(8 * 256 * 4, 16);

export function buildCrcTables(): void {
  for (let n: u32 = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0x82f63b78 : c >> 1;
    store<u32>(TABLES + (n << 2), c);
  }
  for (let n: u32 = 0; n < 256; n++) {
    let c = load<u32>(TABLES + (n << 2));
    for (let k: u32 = 1; k < 8; k++) {
      c = load<u32>(TABLES + ((c & 255) << 2)) ^ (c >> 8);
      store<u32>(TABLES + (((k << 8) | n) << 2), c);
    }
  }
}

// @ts-ignore: decorator
@inline
function table(k: u32, byte: u32): u32 {
  return load<u32>(TABLES + (((k << 8) | (byte & 255)) << 2));
}

export function crc32c(from: usize, length: usize): u32 {
  let c: u32 = ~0;
  const end = from + length;
  for (; from + 8 <= end; from += 8) {
    const low = load<u32>(from) ^ c;
    const high = load<u32>(from, 4);
    c = table(7, low) ^ table(6, low >> 8) ^ table(5, low >> 16) ^ table(4, low >> 24) ^
      table(3, high) ^ table(2, high >> 8) ^ table(1, high >> 16) ^ table(0, high >> 24);
  }
  for (; from < end; from++) c = table(0, c ^ load<u8>(from)) ^ (c >> 8);
  return ~c;
}
