/**
 * Magnitude classes and their contexts. A class is the bit length of a zigzag residual (0 to 32 or
 * 64). The activity of a value is half the sum NW + 2 N + NE + 2 P of classes already coded: the row
 * above and, straight behind, the slice (or outer block) before; 0 to 192. A table maps activity to
 * one of at most 16 contexts.
 *
 * Rows are padded by nothing: at a row's ends the missing neighbour is the end value itself. Where
 * only one of the two rows exists it stands in for the other; where none does, the neighbours are the
 * values 10, 9 and 8 places to the left (0 before the row), so that eight can be decoded at once.
 */

/** classes[i] = bit length of residuals[i]. */
export function classRow<I>(residuals: usize, classes: usize, width: i32): void {
  let i: usize = 0;
  if (sizeof<I>() == 4) {
    for (; i + 16 <= <usize>width; i += 16) {
      const at = residuals + (i << 2);
      const low = i16x8.narrow_i32x4_u(bitLengths(v128.load(at)), bitLengths(v128.load(at, 16)));
      const high = i16x8.narrow_i32x4_u(bitLengths(v128.load(at, 32)), bitLengths(v128.load(at, 48)));
      v128.store(classes + i, i8x16.narrow_i16x8_u(low, high));
    }
  }
  for (; i < <usize>width; i++) {
    const residual = load<I>(residuals + i * sizeof<I>());
    if (sizeof<I>() == 4) store<u8>(classes + i, 32 - clz<u32>(<u32>residual));
    else store<u8>(classes + i, <u8>(64 - clz<u64>(<u64>residual)));
  }
}

/** Bit lengths by way of the exponents of floats. */
// @ts-ignore: decorator
@inline
function bitLengths(numbers: v128): v128 {
  // Halved, they are not negative; without the bit below the leading one they are not rounded up.
  const half = i32x4.shr_u(numbers, 1);
  const exponent = i32x4.shr_u(f32x4.convert_i32x4_s(v128.andnot(half, i32x4.shr_u(half, 1))), 23);
  const length = i32x4.max_s(i32x4.sub(exponent, i32x4.splat(126)), i32x4.splat(0));
  return i32x4.sub(length, i32x4.ne(numbers, i32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function activityOf(northWest: u32, north: u32, northEast: u32, previous: u32): u32 {
  return (northWest + 2 * north + northEast + 2 * previous) >> 1;
}

/**
 * activity[i] for a row with a row above (`north`) and one behind (`previous`): pass the same pointer
 * twice where there is only one. Writes up to 15 bytes behind `activity + width`.
 */
export function activityRow(north: usize, previous: usize, activity: usize, width: i32): void {
  activities(north, previous, activity, 0, <usize>width);
  const last = <usize>width - 1;
  const first = <u32>load<u8>(north), final = <u32>load<u8>(north + last);
  store<u8>(activity, activityOf(first, first, width > 1 ? load<u8>(north, 1) : first, load<u8>(previous)));
  if (width > 1) store<u8>(activity + last, activityOf(load<u8>(north + last - 1), final, final, load<u8>(previous + last)));
}

/** Activities from `from` (a multiple of 16) on, nothing clamped. */
// @ts-ignore: decorator
@inline
function activities(north: usize, previous: usize, activity: usize, from: usize, width: usize): void {
  for (let i = from; i < width; i += 16) {
    const west = v128.load(north + i - 1), middle = v128.load(north + i), east = v128.load(north + i + 1);
    const behind = v128.load(previous + i);
    const low = i16x8.add(
      i16x8.add(i16x8.extend_low_i8x16_u(west), i16x8.extend_low_i8x16_u(east)),
      i16x8.shl(i16x8.add(i16x8.extend_low_i8x16_u(middle), i16x8.extend_low_i8x16_u(behind)), 1),
    );
    const high = i16x8.add(
      i16x8.add(i16x8.extend_high_i8x16_u(west), i16x8.extend_high_i8x16_u(east)),
      i16x8.shl(i16x8.add(i16x8.extend_high_i8x16_u(middle), i16x8.extend_high_i8x16_u(behind)), 1),
    );
    v128.store(activity + i, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 1), i16x8.shr_u(high, 1)));
  }
}

/** activity of the value at `i` of a row that has neither: NW, N and NE are 10, 9 and 8 to the left, P is N. */
// @ts-ignore: decorator
@inline
export function activityInRow(classes: usize, i: usize): u32 {
  const northWest: u32 = i >= 10 ? load<u8>(classes + i - 10) : 0;
  const north: u32 = i >= 9 ? load<u8>(classes + i - 9) : 0;
  const northEast: u32 = i >= 8 ? load<u8>(classes + i - 8) : 0;
  return activityOf(northWest, north, northEast, north);
}

/** activity of a whole row whose classes are known and that has neither neighbour. Writes up to 15 bytes behind `activity + width`. */
export function activityAlone(classes: usize, activity: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>min(width, 16); i++) store<u8>(activity + i, <u8>activityInRow(classes, i));
  activities(classes - 9, classes - 9, activity, 16, <usize>width);
}

/** Activity that stands for a masked value: its class is not coded. */
export const MASKED: u8 = 193;

/** Marks the masked values of a row in its activities. */
export function markMasked(activity: usize, mask: usize, width: i32): void {
  let i: usize = 0;
  for (; i + 16 <= <usize>width; i += 16) {
    const free = i8x16.eq(v128.load(mask + i), i8x16.splat(0));
    v128.store(activity + i, v128.bitselect(v128.load(activity + i), i8x16.splat(<i8>MASKED), free));
  }
  for (; i < <usize>width; i++) if (load<u8>(mask + i)) store<u8>(activity + i, MASKED);
}

/** Makes the classes of masked values 0. */
export function clearClasses(classes: usize, mask: usize, width: i32): void {
  let i: usize = 0;
  for (; i + 16 <= <usize>width; i += 16) {
    const free = i8x16.eq(v128.load(mask + i), i8x16.splat(0));
    v128.store(classes + i, v128.and(v128.load(classes + i), free));
  }
  for (; i < <usize>width; i++) if (load<u8>(mask + i)) store<u8>(classes + i, 0);
}

/** Gives masked values the class at their left (0 at a row's start), for the contexts of rows to come. */
export function spreadClasses(classes: usize, mask: usize, width: i32): void {
  let last: u8 = 0;
  let i: usize = 0;
  for (; i + 16 <= <usize>width; i += 16) {
    const free = i8x16.eq(v128.load(mask + i), i8x16.splat(0));
    if (i8x16.all_true(free)) last = load<u8>(classes + i, 15);
    else if (!v128.any_true(free)) v128.store(classes + i, i8x16.splat(<i8>last));
    else last = spread(classes, mask, i, i + 16, last);
  }
  spread(classes, mask, i, width, last);
}

// @ts-ignore: decorator
@inline
function spread(classes: usize, mask: usize, from: usize, end: usize, before: u8): u8 {
  let last = before;
  for (let i = from; i < end; i++) {
    if (load<u8>(mask + i)) store<u8>(classes + i, last);
    else last = load<u8>(classes + i);
  }
  return last;
}

/**
 * The activity of row (t, z, y) of a chunk whose classes start at `classes`; false where the row has
 * neither neighbour (and nothing was written).
 */
export function rowActivity(
  classes: usize, t: i32, z: i32, y: i32, depth: i32, height: i32, width: i32, bandRows: i32, activity: usize,
): bool {
  const slice = <usize>height * <usize>width;
  const row = classes + ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
  let north = y % bandRows > 0 ? row - <usize>width : 0;
  let previous = z > 0 ? row - slice : t > 0 ? row - slice * <usize>depth : 0;
  if (!north && !previous) return false;
  if (!north) north = previous;
  if (!previous) previous = north;
  activityRow(north, previous, activity, width);
  return true;
}
