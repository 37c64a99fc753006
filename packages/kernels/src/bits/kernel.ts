/**
 * The bits below the leading one of every zigzag residual, least significant first, one value after
 * the other: a residual of class c has max(c - 1, 0) of them.
 */

/** Writes the bits of `count` residuals from `to` on and returns the end; the last byte is padded with zeros. */
export function packBits<I>(residuals: usize, classes: usize, count: usize, to: usize): usize {
  let pending: u64 = 0;
  let held: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const magnitude = <u32>load<u8>(classes + i);
    const bits = magnitude ? magnitude - 1 : 0;
    if (sizeof<I>() == 4) {
      const value = <u64>load<u32>(residuals + (i << 2)) & ((<u64>1 << bits) - 1);
      pending |= value << held;
      held += bits;
    } else {
      // Up to 63 bits: in two parts, so that at most 32 + 31 are ever pending.
      const value = load<u64>(residuals + (i << 3)) & ((<u64>1 << bits) - 1);
      const low = min<u32>(bits, 32);
      pending |= (value & 0xffffffff) << held;
      held += low;
      if (held >= 32) {
        store<u32>(to, <u32>pending);
        to += 4;
        pending >>= 32;
        held -= 32;
      }
      pending |= (value >> 32) << held;
      held += bits - low;
    }
    if (held >= 32) {
      store<u32>(to, <u32>pending);
      to += 4;
      pending >>= 32;
      held -= 32;
    }
  }
  store<u64>(to, pending);
  return to + ((held + 7) >> 3);
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
