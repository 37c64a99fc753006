/**
 * Residual blocks: zigzag integers in blocks of 16, each with a width w of its own (Rice's code, split so that vectors can
 * do most of it). The w low bits of a value are packed in bit streams that lie side by side, one a lane
 * of a vector (lane j holds the values at j, j + lanes, j + 2 lanes, …); what is above them, the
 * quotient, is written in unary, as are the widths. A block of zeros has neither low bits nor quotients.
 *
 * I is i32 (4 lanes) or i64 (2 lanes). Unary: q zeros, then a one; bytes fill from their least significant bit.
 */

export const BLOCK: usize = 16;
/** No run of zeros in a unary stream is longer. */
export const MOST_ZEROS: u32 = 127;
/** Width of a block of zeros. */
export const ZERO_BLOCK: u8 = 255;

// ---- widths ----

/**
 * The symbol of a block's width after a block of width `before` (the last one that was not of zeros) and, with
 * `afterZeros`, a block of zeros. Symbols: the difference in zigzag form, with room made for "zeros".
 */
// @ts-ignore: decorator
@inline
function symbolOf<I>(width: u32, before: u32, afterZeros: bool): u32 {
  const bits: i32 = sizeof<I>() * 8;
  if (width == ZERO_BLOCK) return afterZeros ? 0 : 3;
  // The difference modulo the number of widths, nearest to 0.
  let d: i32 = (<i32>width - <i32>before) & (bits - 1);
  if (d >= bits / 2) d -= bits;
  const z = <u32>((d << 1) ^ (d >> 31));
  return afterZeros || z >= 3 ? z + 1 : z;
}

/** Turns `blocks` symbols, a byte each, into widths in place; returns how many are not of zeros. `bits` is set to the sum of their widths. */
export function widthsOfSymbols<I>(symbols: usize, blocks: usize): u32 {
  const wrap: u32 = sizeof<I>() * 8 - 1;
  let before: u32 = 0, afterZeros: u32 = 0, used: u32 = 0;
  let sum: u64 = 0;
  for (let i: usize = 0; i < blocks; i++) {
    const symbol = <u32>load<u8>(symbols + i);
    if (symbol == (afterZeros ? 0 : 3)) {
      store<u8>(symbols + i, ZERO_BLOCK);
      afterZeros = 1;
      continue;
    }
    const z = symbol - <u32>(afterZeros || symbol > 3);
    afterZeros = 0;
    before = (before + ((z >> 1) ^ -(z & 1))) & wrap;
    store<u8>(symbols + i, <u8>before);
    sum += before;
    used++;
  }
  widthSum = sum;
  return used;
}

/** Sum of the widths that `widthsOfSymbols` found. */
export let widthSum: u64 = 0;

// ---- unary ----

/** A unary stream being written: the next byte, bits not yet written, their number. */
// @ts-ignore: decorator
@unmanaged
export class UnaryWriter {
  to: usize;
  bits: u64;
  fill: u64;
}

/**
 * Writes `count` quotients (a multiple of 4, a byte each, at most 15), four at a time. Writes up to 8 bytes
 * past the stream's end.
 */
function writeQuotients(writer: UnaryWriter, from: usize, count: usize): void {
  let to = writer.to, bits = writer.bits, fill = writer.fill;
  for (let i: usize = 0; i < count; i += 4) {
    const four = load<u32>(from + i);
    // Byte k of the product: where one number k ends, counted from the first one's start.
    const ends = (four + 0x01010101) * 0x01010101;
    const total = <u64>(ends >> 24);
    const word = (((<u64>1 << (ends & 63)) | (<u64>1 << ((ends >> 8) & 63)) | (<u64>1 << ((ends >> 16) & 63))) >> 1) |
      (<u64>1 << (total - 1));
    bits |= word << fill;
    fill += total;
    store<u64>(to, bits);
    if (fill >= 64) {
      to += 8;
      fill -= 64;
      // What did not fit; nothing where the word ended with the 64 bits.
      bits = fill ? word >> (total - fill) : 0;
    }
  }
  writer.to = to;
  writer.bits = bits;
  writer.fill = fill;
}

/** Writes one number up to MOST_ZEROS. */
// @ts-ignore: decorator
@inline
function writeUnary(writer: UnaryWriter, value: u32): void {
  let at = writer.fill + <u64>value;
  let to = writer.to, bits = writer.bits;
  while (at >= 64) {
    store<u64>(to, bits);
    to += 8;
    bits = 0;
    at -= 64;
  }
  bits |= <u64>1 << at;
  if (at == 63) {
    store<u64>(to, bits);
    to += 8;
    bits = 0;
  }
  writer.to = to;
  writer.bits = bits;
  writer.fill = (at + 1) & 63;
}

/** Ends the stream, padded with zeros to a byte; returns its end. */
export function finishUnary(writer: UnaryWriter): usize {
  store<u64>(writer.to, writer.bits);
  return writer.to + <usize>((writer.fill + 7) >> 3);
}

/** Of every byte: its numbers (8 bytes), then at UNARY + 2048 how many there are, at + 2304 the zeros behind the last one (8 for byte 0). */
const UNARY: usize = memory.data(2048 + 256 + 256, 16);

/** Fills UNARY; once an instance. */
export function buildUnaryTable(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let entry: u64 = 0, count: u64 = 0, zeros: u64 = 0;
    for (let k: u32 = 0; k < 8; k++) {
      if ((byte >> k) & 1) {
        entry |= zeros << (8 * count);
        count++;
        zeros = 0;
      } else zeros++;
    }
    // Byte 0 gives no number, but the check of its zeros finds them here.
    if (byte == 0) entry = 8;
    store<u64>(UNARY + 8 * <usize>byte, entry);
    store<u8>(UNARY + 2048 + <usize>byte, <u8>count);
    store<u8>(UNARY + 2304 + <usize>byte, <u8>zeros);
  }
}

/** A unary stream being read: the next byte, the stream's end, zeros before it, and numbers read but not yet asked for. */
// @ts-ignore: decorator
@unmanaged
export class UnaryReader {
  from: usize;
  end: usize;
  zeros: u32;
  left: u32;
  kept: u64;
}

/**
 * Reads `count` numbers, a byte each; false where the stream ends before or holds one over MOST_ZEROS. Writes up
 * to 16 bytes past `to + count`.
 */
export function readUnary(reader: UnaryReader, to: usize, count: usize): bool {
  let from = reader.from, zeros = reader.zeros;
  const end = reader.end, last = to + count;
  store<u64>(to, reader.kept);
  to += <usize>reader.left;
  let worst: u32 = 0;
  while (to < last && from < end) {
    const byte = <usize>load<u8>(from++);
    const entry = load<u64>(UNARY + (byte << 3)) + <u64>zeros;
    store<u64>(to, entry);
    to += <usize>load<u8>(UNARY + 2048 + byte);
    const first = <u32>entry & 255;
    worst = max(worst, first);
    // The numbers of a byte end with its last one; byte 0 adds to the zeros before it.
    zeros = select<u32>(<u32>load<u8>(UNARY + 2304 + byte), first, byte != 0);
    if (first > MOST_ZEROS) return false;
  }
  if (to < last) return false;
  reader.from = from;
  reader.zeros = zeros;
  reader.left = <u32>(to - last);
  reader.kept = load<u64>(last);
  return true;
}

/** Whether the stream is used up: no number left, no byte, and only zeros to fill the last one. */
export function unaryIsDone(reader: UnaryReader): bool {
  return reader.left == 0 && reader.from == reader.end && reader.zeros < 8;
}

// ---- writing blocks ----

const MOST_BLOCKS: usize = 256;
/** Quotients of the blocks at hand. */
const QUOTIENTS: usize = memory.data(256 * 16 + 64, 16);
/** Bits of the low bits' vector that is not full. */
const OPEN: usize = memory.data(16, 16);
const QUOTIENT_WRITER: UnaryWriter = changetype<UnaryWriter>(memory.data(32, 16));
const WIDTH_WRITER: UnaryWriter = changetype<UnaryWriter>(memory.data(32, 16));

/** Where the next vector of low bits goes and how many bits of each lane are in OPEN; the last width. */
let lowAt: usize = 0;
let lowFill: u32 = 0;
let lastWidth: u32 = 0;
let lastWasZeros: bool = false;

/** Starts the three streams of a chunk at these addresses. */
export function startBlocks(low: usize, quotients: usize, widths: usize): void {
  QUOTIENT_WRITER.to = quotients;
  QUOTIENT_WRITER.bits = 0;
  QUOTIENT_WRITER.fill = 0;
  WIDTH_WRITER.to = widths;
  WIDTH_WRITER.bits = 0;
  WIDTH_WRITER.fill = 0;
  lowAt = low;
  lowFill = 0;
  lastWidth = 0;
  lastWasZeros = false;
  v128.store(OPEN, i32x4.splat(0));
}

/** Ends the low bits; returns their end. */
export function finishLow(): usize {
  v128.store(lowAt, v128.load(OPEN));
  return lowAt + (lowFill ? 16 : 0);
}

/** Ends the quotients; returns their end. */
export function finishQuotients(): usize {
  return finishUnary(QUOTIENT_WRITER);
}

/** Ends the widths; returns their end. */
export function finishWidths(): usize {
  return finishUnary(WIDTH_WRITER);
}

// @ts-ignore: decorator
@inline
function shiftRight<I>(v: v128, by: u32): v128 {
  return sizeof<I>() == 4 ? i32x4.shr_u(v, by) : i64x2.shr_u(v, by);
}

// @ts-ignore: decorator
@inline
function horizontalOr<I>(v: v128): u64 {
  if (sizeof<I>() == 8) return i64x2.extract_lane(v, 0) | i64x2.extract_lane(v, 1);
  const a = v128.or(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return <u64>(<u32>(i32x4.extract_lane(a, 0) | i32x4.extract_lane(a, 1)));
}

// @ts-ignore: decorator
@inline
function horizontalSum<I>(v: v128): u64 {
  if (sizeof<I>() == 8) return i64x2.extract_lane(v, 0) + i64x2.extract_lane(v, 1);
  const a = i32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return <u64>(<u32>(i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1)));
}

/**
 * The width of a block whose values have the bits `all` between them: log2 of their mean, about what is best for
 * Rice's code, but so large that every quotient is at most 15.
 */
// @ts-ignore: decorator
@inline
function widthFor<I>(from: usize, all: u64): u32 {
  const bits: i32 = 64 - <i32>clz(all);
  // Sixteen values of so many bits may overflow their sum: then without the lowest ones.
  const dropped: u32 = bits > <i32>sizeof<I>() * 8 - 5 ? 5 : 0;
  let sum = shiftRight<I>(v128.load(from), dropped);
  for (let k: usize = 1; k < BLOCK * sizeof<I>() / 16; k++) sum = v128.add<I>(sum, shiftRight<I>(v128.load(from + 16 * k), dropped));
  const total = horizontalSum<I>(sum);
  const mean = (total + (total >> 4)) >> 4;
  const best = 63 - <i32>clz(mean | 1) + <i32>dropped;
  return max(min(best, bits - 1), max(bits - 4, 0));
}

/** Packs `blocks` blocks of zigzag integers. */
export function packBlocks<I>(from: usize, blocks: usize): void {
  const wordBits: u32 = sizeof<I>() * 8;
  let low = lowAt, fill = lowFill, before = lastWidth, afterZeros = lastWasZeros;
  let open = v128.load(OPEN);
  let quotients = QUOTIENTS;
  for (let block: usize = 0; block < blocks; block++, from += BLOCK * sizeof<I>()) {
    let any = v128.load(from);
    for (let k: usize = 16; k < BLOCK * sizeof<I>(); k += 16) any = v128.or(any, v128.load(from + k));
    const all = horizontalOr<I>(any);
    if (all == 0) {
      writeUnary(WIDTH_WRITER, symbolOf<I>(ZERO_BLOCK, before, afterZeros));
      afterZeros = true;
      continue;
    }
    const width = widthFor<I>(from, all);
    writeUnary(WIDTH_WRITER, symbolOf<I>(width, before, afterZeros));
    before = width;
    afterZeros = false;

    if (sizeof<I>() == 4) {
      const a = i16x8.narrow_i32x4_u(i32x4.shr_u(v128.load(from), width), i32x4.shr_u(v128.load(from, 16), width));
      const b = i16x8.narrow_i32x4_u(i32x4.shr_u(v128.load(from, 32), width), i32x4.shr_u(v128.load(from, 48), width));
      v128.store(quotients, i8x16.narrow_i16x8_u(a, b));
    } else {
      for (let k: usize = 0; k < BLOCK; k++) store<u8>(quotients + k, <u8>(load<u64>(from + 8 * k) >> <u64>width));
    }
    quotients += BLOCK;
    if (quotients == QUOTIENTS + BLOCK * MOST_BLOCKS) {
      writeQuotients(QUOTIENT_WRITER, QUOTIENTS, BLOCK * MOST_BLOCKS);
      quotients = QUOTIENTS;
    }
    if (width == 0) continue;

    const mask = lowMask<I>(width);
    for (let k: usize = 0; k < BLOCK * sizeof<I>(); k += 16) {
      const bits = v128.and(v128.load(from + k), mask);
      open = v128.or(open, v128.shl<I>(bits, fill));
      v128.store(low, open);
      fill += width;
      const full = fill >> (sizeof<I>() == 4 ? 5 : 6);
      low += <usize>(full << 4);
      fill &= wordBits - 1;
      // The bits that did not fit: none where the shift is by the whole width.
      open = v128.bitselect(shiftRight<I>(bits, width - fill), open, i32x4.splat(-<i32>full));
    }
  }
  writeQuotients(QUOTIENT_WRITER, QUOTIENTS, quotients - QUOTIENTS);
  lowAt = low;
  lowFill = fill;
  lastWidth = before;
  lastWasZeros = afterZeros;
  v128.store(OPEN, open);
}

// @ts-ignore: decorator
@inline
function lowMask<I>(width: u32): v128 {
  return sizeof<I>() == 4 ? i32x4.splat((1 << width) - 1) : i64x2.splat((<i64>1 << <i64>width) - 1);
}

// ---- reading blocks ----

const QUOTIENT_READER: UnaryReader = changetype<UnaryReader>(memory.data(32, 16));
/** Where the low bits start, and how many bits of each lane are read. */
let lowFrom: usize = 0;
let lowBits: u64 = 0;

function startUnary(reader: UnaryReader, from: usize, length: usize): void {
  reader.from = from;
  reader.end = from + length;
  reader.zeros = 0;
  reader.left = 0;
  reader.kept = 0;
}

/**
 * Reads the widths of all blocks, a byte each, writing up to 16 bytes past them, and starts the others; false where a stream has not the
 * length that the blocks need.
 */
export function openBlocks<I>(
  low: usize, lowLength: usize, quotients: usize, quotientsLength: usize, widths: usize, widthsLength: usize, blocks: usize, to: usize,
): bool {
  startUnary(QUOTIENT_READER, widths, widthsLength);
  if (!readUnary(QUOTIENT_READER, to, blocks) || !unaryIsDone(QUOTIENT_READER)) return false;
  widthsOfSymbols<I>(to, blocks);
  const laneBits = widthSum * (BLOCK * sizeof<I>() / 16);
  if (<u64>lowLength != ((laneBits + (sizeof<I>() * 8 - 1)) >> (sizeof<I>() == 4 ? 5 : 6)) << 4) return false;
  lowFrom = low;
  lowBits = 0;
  startUnary(QUOTIENT_READER, quotients, quotientsLength);
  return true;
}

/** Whether every quotient is read. */
export function closeBlocks(): bool {
  return unaryIsDone(QUOTIENT_READER);
}

/** Reads `blocks` blocks as signed differences, from their widths; false where there are too few quotients. */
export function readBlocks<I>(widths: usize, blocks: usize, to: usize): bool {
  for (let block: usize = 0; block < blocks; block += MOST_BLOCKS) {
    const group = min(MOST_BLOCKS, blocks - block);
    if (!readGroup<I>(widths + block, group, to)) return false;
    to += group * BLOCK * sizeof<I>();
  }
  return true;
}

function readGroup<I>(widths: usize, blocks: usize, to: usize): bool {
  let used: usize = 0;
  for (let i: usize = 0; i < blocks; i++) used += usize(load<u8>(widths + i) != ZERO_BLOCK);
  if (!readUnary(QUOTIENT_READER, QUOTIENTS, used * BLOCK)) return false;
  let quotients = QUOTIENTS;
  let at = lowBits;
  const low = lowFrom;
  for (let i: usize = 0; i < blocks; i++, to += BLOCK * sizeof<I>()) {
    const width = <u32>load<u8>(widths + i);
    if (width == ZERO_BLOCK) {
      for (let k: usize = 0; k < BLOCK * sizeof<I>(); k += 16) v128.store(to + k, i32x4.splat(0));
      continue;
    }
    const mask = lowMask<I>(width);
    if (sizeof<I>() == 4) {
      const q = v128.load(quotients);
      const a = i16x8.extend_low_i8x16_u(q), b = i16x8.extend_high_i8x16_u(q);
      v128.store(to, joined<I>(i32x4.extend_low_i16x8_u(a), low, at, width, mask));
      v128.store(to, joined<I>(i32x4.extend_high_i16x8_u(a), low, at + <u64>width, width, mask), 16);
      v128.store(to, joined<I>(i32x4.extend_low_i16x8_u(b), low, at + 2 * <u64>width, width, mask), 32);
      v128.store(to, joined<I>(i32x4.extend_high_i16x8_u(b), low, at + 3 * <u64>width, width, mask), 48);
      at += 4 * <u64>width;
    } else {
      for (let k: usize = 0; k < BLOCK; k += 2) {
        const q = i64x2(<i64>load<u8>(quotients + k), <i64>load<u8>(quotients + k, 1));
        v128.store(to + 8 * k, joined<I>(q, low, at, width, mask));
        at += <u64>width;
      }
    }
    quotients += BLOCK;
  }
  lowBits = at;
  return true;
}

/** Quotients and low bits joined, and out of their zigzag form. */
// @ts-ignore: decorator
@inline
function joined<I>(quotients: v128, low: usize, at: u64, width: u32, mask: v128): v128 {
  const wordBits: u32 = sizeof<I>() * 8;
  const from = low + (<usize>(at >> (sizeof<I>() == 4 ? 5 : 6)) << 4);
  const fill = <u32>at & (wordBits - 1);
  const first = shiftRight<I>(v128.load(from), fill);
  const next = v128.shl<I>(v128.shl<I>(v128.load(from, 16), 1), wordBits - 1 - fill);
  const zigzagged = v128.or(v128.and(v128.or(first, next), mask), v128.shl<I>(quotients, width));
  const sign = v128.neg<I>(v128.and(zigzagged, sizeof<I>() == 4 ? i32x4.splat(1) : i64x2.splat(1)));
  return v128.xor(shiftRight<I>(zigzagged, 1), sign);
}
