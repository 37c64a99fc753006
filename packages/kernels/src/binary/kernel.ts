/**
 * An adaptive binary range coder after LZMA's: 12-bit probabilities of a 0 (u16, in the caller's
 * tables), which move by a 16th of what is left; 32-bit range, one byte at a time. One encoder and one
 * decoder at a time.
 */

const SHIFT: u32 = 4;
const HALF: u16 = 2048;

let low: u64 = 0;
let range: u32 = 0;
let cache: u32 = 0;
let pendingBytes: u32 = 0;
let to: usize = 0;

/** Sets `count` probabilities to one half. */
export function resetProbabilities(table: usize, count: usize): void {
  for (let k: usize = 0; k < count; k++) store<u16>(table + (k << 1), HALF);
}

export function startEncoder(out: usize): void {
  low = 0;
  range = 0xffffffff;
  cache = 0;
  pendingBytes = 0;
  to = out;
}

function shiftLow(): void {
  if (<u32>low < 0xff000000 || low > 0xffffffff) {
    const carry = <u32>(low >> 32);
    store<u8>(to++, <u8>(cache + carry));
    for (; pendingBytes > 0; pendingBytes--) store<u8>(to++, <u8>(0xff + carry));
    cache = <u32>low >> 24;
  } else {
    pendingBytes++;
  }
  low = <u64>(<u32>low << 8);
}

export function encodeBit(probabilityAt: usize, bit: u32): void {
  const probability = <u32>load<u16>(probabilityAt);
  const bound = (range >> 12) * probability;
  if (bit) {
    low += bound;
    range -= bound;
    store<u16>(probabilityAt, <u16>(probability - (probability >> SHIFT)));
  } else {
    range = bound;
    store<u16>(probabilityAt, <u16>(probability + ((4096 - probability) >> SHIFT)));
  }
  while (range < 1 << 24) {
    range <<= 8;
    shiftLow();
  }
}

/** Writes what is pending and returns the end. */
export function finishEncoder(): usize {
  for (let k = 0; k < 5; k++) shiftLow();
  return to;
}

let code: u32 = 0;
let from: usize = 0;
let end: usize = 0;
/** Set once a byte was wanted that is not there; the bits from then on mean nothing. */
let overrun: bool = false;

/** False where there is not even a start. */
export function startDecoder(bytes: usize, length: u32): bool {
  range = 0xffffffff;
  code = 0;
  from = bytes;
  end = bytes + length;
  overrun = false;
  if (length < 5) return false;
  for (let k = 0; k < 5; k++) code = (code << 8) | <u32>load<u8>(from++);
  return true;
}

// @ts-ignore: decorator
@inline
export function decodeBit(probabilityAt: usize): u32 {
  const probability = <u32>load<u16>(probabilityAt);
  const bound = (range >> 12) * probability;
  let bit: u32;
  if (code < bound) {
    range = bound;
    store<u16>(probabilityAt, <u16>(probability + ((4096 - probability) >> SHIFT)));
    bit = 0;
  } else {
    code -= bound;
    range -= bound;
    store<u16>(probabilityAt, <u16>(probability - (probability >> SHIFT)));
    bit = 1;
  }
  while (range < 1 << 24) {
    range <<= 8;
    code <<= 8;
    if (from == end) overrun = true;
    else code |= <u32>load<u8>(from++);
  }
  return bit;
}

/** A bit that is 0 or 1 alike likely. */
export function decodeEvenBit(): u32 {
  store<u16>(EVEN, HALF);
  return decodeBit(EVEN);
}

export function encodeEvenBit(bit: u32): void {
  store<u16>(EVEN, HALF);
  encodeBit(EVEN, bit);
}

const EVEN: usize = memory.data(2, 2);

/** True while no byte was missing. */
export function decoderIsWhole(): bool {
  return !overrun;
}

/** True where all bytes, and no more, were read. */
export function decoderIsDone(): bool {
  return !overrun && from == end;
}

/** Codes a bit that is 0 with a probability of `share` / 65536, 1 to 65535. */
export function encodeShare(share: u32, bit: u32): void {
  const bound = (range >> 16) * share;
  if (bit) {
    low += bound;
    range -= bound;
  } else {
    range = bound;
  }
  while (range < 1 << 24) {
    range <<= 8;
    shiftLow();
  }
}

// @ts-ignore: decorator
@inline
export function decodeShare(share: u32): u32 {
  const bound = (range >> 16) * share;
  let bit: u32 = 0;
  if (code < bound) {
    range = bound;
  } else {
    code -= bound;
    range -= bound;
    bit = 1;
  }
  while (range < 1 << 24) refill();
  return bit;
}

/** Codes a number of `bits` even bits, at most 12. */
export function encodeUniform(value: u32, bits: u32): void {
  range >>= bits;
  low += <u64>range * <u64>value;
  while (range < 1 << 24) {
    range <<= 8;
    shiftLow();
  }
}

export function decodeUniform(bits: u32): u32 {
  range >>= bits;
  // Only a damaged section leads beyond the last number.
  const value = min<u32>(code / range, (1 << bits) - 1);
  code -= value * range;
  while (range < 1 << 24) refill();
  return value;
}

// @ts-ignore: decorator
@inline
function refill(): void {
  range <<= 8;
  code <<= 8;
  if (from == end) overrun = true;
  else code |= <u32>load<u8>(from++);
}

/**
 * Codes `count` bits, the lowest of a byte each: bit i under probability number rest[i] + the bit before + 2 times the
 * one before that. `two` is that sum for the first; returns it for the one behind the last.
 */
export function encodeChain(bits: usize, rest: usize, table: usize, count: usize, two: u32): u32 {
  // The coder's state in locals: the loop is nothing but its latency.
  let l = low, r = range;
  for (let i: usize = 0; i < count; i++) {
    const at = table + <usize>((<u32>load<u8>(rest + i) + two) << 1);
    const probability = <u32>load<u16>(at);
    const bound = (r >> 12) * probability;
    const bit = <u32>load<u8>(bits + i) & 1;
    if (bit) {
      l += bound;
      r -= bound;
      store<u16>(at, <u16>(probability - (probability >> SHIFT)));
    } else {
      r = bound;
      store<u16>(at, <u16>(probability + ((4096 - probability) >> SHIFT)));
    }
    while (r < 1 << 24) {
      r <<= 8;
      low = l;
      shiftLow();
      l = low;
    }
    two = ((two << 1) | bit) & 3;
  }
  low = l;
  range = r;
  return two;
}

/** The bits back, as `encodeChain` took them. */
export function decodeChain(bits: usize, rest: usize, table: usize, count: usize, two: u32): u32 {
  let c = code, r = range;
  for (let i: usize = 0; i < count; i++) {
    const at = table + <usize>((<u32>load<u8>(rest + i) + two) << 1);
    const probability = <u32>load<u16>(at);
    const bound = (r >> 12) * probability;
    let bit: u32 = 0;
    if (c < bound) {
      r = bound;
      store<u16>(at, <u16>(probability + ((4096 - probability) >> SHIFT)));
    } else {
      c -= bound;
      r -= bound;
      store<u16>(at, <u16>(probability - (probability >> SHIFT)));
      bit = 1;
    }
    while (r < 1 << 24) {
      r <<= 8;
      c <<= 8;
      if (from == end) overrun = true;
      else c |= <u32>load<u8>(from++);
    }
    store<u8>(bits + i, <u8>bit);
    two = ((two << 1) | bit) & 3;
  }
  code = c;
  range = r;
  return two;
}

/**
 * Codes numbers from 0 to `most`, a byte each, as ones and, below `most`, a zero. Each has the probabilities
 * from number most (6 a + b) of `table` on, b being the number before and a the one before that (`two` is 6 a
 * + b for the first). Stops behind a number `most`; returns how many were coded.
 */
export function encodeUnaries(numbers: usize, count: usize, most: u32, table: usize, two: u32): usize {
  let l = low, r = range;
  let i: usize = 0;
  while (i < count) {
    const number = <u32>load<u8>(numbers + i++);
    let at = table + <usize>((two * most) << 1);
    two = (two % 6) * 6 + number;
    for (let k: u32 = 0; k < most; k++) {
      const probability = <u32>load<u16>(at);
      const bound = (r >> 12) * probability;
      if (k < number) {
        l += bound;
        r -= bound;
        store<u16>(at, <u16>(probability - (probability >> SHIFT)));
      } else {
        r = bound;
        store<u16>(at, <u16>(probability + ((4096 - probability) >> SHIFT)));
      }
      while (r < 1 << 24) {
        r <<= 8;
        low = l;
        shiftLow();
        l = low;
      }
      if (k >= number) break;
      at += 2;
    }
    if (number == most) break;
  }
  low = l;
  range = r;
  return i;
}
