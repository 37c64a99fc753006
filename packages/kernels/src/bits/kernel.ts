/**
 * The bits below the leading one of every zigzag residual, least significant first, one value after
 * the other: a residual of class c has max(c - 1, 0) of them.
 */

let pending: u64 = 0;
/** Bits of `pending` that are not written yet: less than 8. */
let held: u32 = 0;

/** Appends up to 56 bits to what is pending, and writes whole bytes; returns the new end. */
// @ts-ignore: decorator
@inline
function append(value: u64, bits: u32, to: usize): usize {
  const all = pending | (value << held);
  store<u64>(to, all);
  const sum = held + bits;
  pending = all >> (sum & ~7);
  held = sum & 7;
  return to + (sum >> 3);
}

// @ts-ignore: decorator
@inline
function bitsOf(magnitude: u32): u32 {
  return magnitude - <u32>(magnitude != 0);
}

/** Writes the bits of `count` residuals from `to` on and returns the end; the last byte is padded with zeros. Up to 8 bytes behind the end are overwritten. */
export function packBits<I>(residuals: usize, classes: usize, count: usize, to: usize): usize {
  pending = 0;
  held = 0;
  let i: usize = 0;
  if (sizeof<I>() == 4) {
    for (; i + 2 <= count; i += 2) {
      const first = bitsOf(load<u8>(classes + i)), second = bitsOf(load<u8>(classes + i, 1));
      const low = <u64>load<u32>(residuals + (i << 2)) & ((<u64>1 << first) - 1);
      const high = <u64>load<u32>(residuals + (i << 2), 4) & ((<u64>1 << second) - 1);
      if (first + second <= 56) to = append(low | (high << first), first + second, to);
      else to = append(high, second, append(low, first, to));
    }
  }
  for (; i < count; i++) {
    const bits = bitsOf(load<u8>(classes + i));
    if (sizeof<I>() == 4) {
      to = append(<u64>load<u32>(residuals + (i << 2)) & ((<u64>1 << bits) - 1), bits, to);
    } else {
      // Up to 63 bits: in two parts.
      const value = load<u64>(residuals + (i << 3)) & ((<u64>1 << bits) - 1);
      const low = min<u32>(bits, 32);
      to = append(value & 0xffffffff, low, to);
      if (bits > 32) to = append(value >> 32, bits - low, to);
    }
  }
  store<u64>(to, pending);
  return to + <usize>(held != 0);
}

/** Rebuilds the residuals of a row from bit `at` of `bits` on; returns the next bit. Reads up to 16 bytes ahead. */
export function unpackRow<I>(bits: usize, at: u64, classes: usize, residuals: usize, width: i32): u64 {
  for (let i: usize = 0; i < <usize>width; i++) {
    const magnitude = <u32>load<u8>(classes + i);
    const some = <u32>(magnitude != 0);
    const length = magnitude - some;
    const from = bits + <usize>(at >> 3);
    const shift = at & 7;
    let value = load<u64>(from) >> shift;
    if (sizeof<I>() == 4) {
      store<u32>(residuals + (i << 2), (<u32>value & ((1 << length) - 1)) | (some << length));
    } else {
      if (length + <u32>shift > 64) value |= load<u64>(from, 8) << (64 - shift);
      store<u64>(residuals + (i << 3), (value & ((<u64>1 << length) - 1)) | (<u64>some << length));
    }
    at += length;
  }
  return at;
}
