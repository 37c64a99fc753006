/** Whether values lie on a lattice (lattice/kernel.ts), to the bit. */

/** Indices of this size or larger are taken for none: they would come near the end of their type's range. */
// @ts-ignore: decorator
@inline
function limit<F>(): f64 {
  return sizeof<F>() == 4 ? 1073741824.0 : 4503599627370496.0;
}

/** The point of two numbers' nearest indices, and in `within` whether the indices are small enough. */
let within: v128 = i64x2.splat(0);

// @ts-ignore: decorator
@inline
function points<F>(numbers: v128, offset: v128, scale: v128, step: v128, form: u32): v128 {
  // + 0 makes 0 of -0, which no integer is.
  const index = f64x2.add(f64x2.nearest(f64x2.mul(f64x2.sub(numbers, offset), scale)), f64x2.splat(0));
  within = f64x2.lt(f64x2.abs(index), f64x2.splat(limit<F>()));
  return form == 1 ? f64x2.add(offset, f64x2.mul(index, step)) : f64x2.div(index, step);
}

/** Whether the value at `at` is on the lattice. */
// @ts-ignore: decorator
@inline
function fits<F>(at: usize, offset: v128, scale: v128, step: v128, form: u32): bool {
  const point = points<F>(f64x2.splat(<f64>load<F>(at)), offset, scale, step, form);
  const same = sizeof<F>() == 4
    ? reinterpret<i32>(<f32>f64x2.extract_lane(point, 0)) == load<i32>(at)
    : i64x2.extract_lane(point, 0) == load<i64>(at);
  return same && i64x2.extract_lane(within, 0) != 0;
}

/**
 * Stores the places (u32) of values that are not on the lattice, masked ones (1 in `mask`, or 0 for no
 * mask) left out, and returns their number; it ends where there are more than `most`, with most + 1.
 */
export function misfits<F>(values: usize, mask: usize, count: u32, lattice: usize, most: u32, places: usize): u32 {
  const form = load<u32>(lattice);
  const offset = v128.load64_splat(lattice, 8), step = v128.load64_splat(lattice, 16), scale = v128.load64_splat(lattice, 24);
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; ) {
    if (i + 4 <= count) {
      const at = values + <usize>i * sizeof<F>();
      let all: v128;
      if (sizeof<F>() == 4) {
        const four = v128.load(at);
        const low = points<F>(f64x2.promote_low_f32x4(four), offset, scale, step, form);
        const lowWithin = within;
        const high = points<F>(f64x2.promote_low_f32x4(i64x2.shuffle(four, four, 1, 0)), offset, scale, step, form);
        const demoted = i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
        const small = i32x4.shuffle(lowWithin, within, 0, 2, 4, 6);
        all = v128.and(i32x4.eq(demoted, four), small);
      } else {
        const two = v128.load(at), more = v128.load(at, 16);
        const same = i64x2.eq(points<F>(two, offset, scale, step, form), two);
        const first = v128.and(same, within);
        all = v128.and(first, v128.and(i64x2.eq(points<F>(more, offset, scale, step, form), more), within));
      }
      if (i32x4.all_true(all) || (mask && load<u32>(mask + i) == 0x01010101)) {
        i += 4;
        continue;
      }
    }
    for (const end = min(i + 4, count); i < end; i++) {
      if (mask && load<u8>(mask + i) == 1) continue;
      if (fits<F>(values + <usize>i * sizeof<F>(), offset, scale, step, form)) continue;
      if (found == most) return most + 1;
      store<u32>(places + (<usize>found << 2), i);
      found++;
    }
  }
  return found;
}
