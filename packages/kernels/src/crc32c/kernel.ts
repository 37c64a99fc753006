/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4). Long inputs are folded first, vectors at a time: the polynomial divides
 * x^(8 5275) + x^(8 4508) + x^(8 2751) + 1 (found by search), so that a byte may be added (exclusive or) to those 767, 2524
 * and 5275 bytes behind it and be forgotten. The rest, and short inputs, take eight bytes at a time over eight tables.
 */
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

/** How far behind a byte those are that it is added to. */
const NEAR: usize = 767;
const MIDDLE: usize = 2524;
const FAR: usize = 5275;
/** FAR, to whole vectors. */
const HISTORY: usize = 5280;
/** Bytes that are folded between two moves of the history. */
const SEGMENT: usize = 8192;
/** Inputs shorter than this are not folded. */
const LEAST_FOLDED: usize = 8192;
/** The last HISTORY folded bytes, then those of a segment; and what is left when all are folded. */
const FOLDED: usize = memory.data(5280 + 8192 + 16, 16);
const REST: usize = memory.data(5280 + 32, 16);

export function crc32c(from: usize, length: usize): u32 {
  return length < LEAST_FOLDED ? ~byTables(from, length, ~0) : ~byTables(REST, fold(from, length), 0);
}

/** Folds an input, with the checksum's initial value in its first bytes, into REST; returns how many bytes are there. */
function fold(from: usize, length: usize): usize {
  const folded = (length - FAR) & ~15;
  const next = FOLDED + HISTORY;
  memory.fill(FOLDED, 0, HISTORY);
  let done: usize = 0;
  let first = i32x4(-1, 0, 0, 0);
  while (done < folded) {
    const some = min(SEGMENT, folded - done);
    for (let i: usize = 0; i < some; i += 16) {
      v128.store(next + i, v128.xor(behind(next + i), v128.xor(v128.load(from + done + i), first)));
      first = i32x4.splat(0);
    }
    memory.copy(FOLDED, FOLDED + some, HISTORY);
    done += some;
  }
  const rest = length - folded;
  memory.fill(next, 0, HISTORY + 16);
  for (let i: usize = 0; i < rest; i += 16) v128.store(REST + i, v128.xor(behind(next + i), v128.load(from + folded + i)));
  return rest;
}

/** What is added to the vector at `at`. */
// @ts-ignore: decorator
@inline
function behind(at: usize): v128 {
  return v128.xor(v128.load(at - NEAR), v128.xor(v128.load(at - MIDDLE), v128.load(at - FAR)));
}

function byTables(from: usize, length: usize, c: u32): u32 {
  const end = from + length;
  for (; from + 8 <= end; from += 8) {
    const low = load<u32>(from) ^ c;
    const high = load<u32>(from, 4);
    c = table(7, low) ^ table(6, low >> 8) ^ table(5, low >> 16) ^ table(4, low >> 24) ^
      table(3, high) ^ table(2, high >> 8) ^ table(1, high >> 16) ^ table(0, high >> 24);
  }
  for (; from < end; from++) c = table(0, c ^ load<u8>(from)) ^ (c >> 8);
  return c;
}
