/** Where values have one bit pattern. */

/** mask[i] = 1 where value i has the pattern, else 0; returns how many have it. I is i32 or i64. */
export function markPattern<I>(values: usize, count: usize, pattern: I, mask: usize): u32 {
  let found: u32 = 0;
  let i: usize = 0;
  if (sizeof<I>() == 4) {
    const same = v128.splat<I>(pattern);
    for (; i + 16 <= count; i += 16) {
      const at = values + (i << 2);
      const low = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(at), same), i32x4.eq(v128.load(at, 16), same));
      const high = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(at, 32), same), i32x4.eq(v128.load(at, 48), same));
      const equal = i8x16.narrow_i16x8_s(low, high);
      v128.store(mask + i, v128.and(equal, i8x16.splat(1)));
      found += popcnt<u32>(i8x16.bitmask(equal));
    }
  }
  for (; i < count; i++) {
    const equal = <u32>(load<I>(values + i * sizeof<I>()) == pattern);
    store<u8>(mask + i, <u8>equal);
    found += equal;
  }
  return found;
}
