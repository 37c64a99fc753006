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
  for (let i: usize = 0; i < <usize>width; i++) {
    const residual = load<I>(residuals + i * sizeof<I>());
    if (sizeof<I>() == 4) store<u8>(classes + i, 32 - clz<u32>(<u32>residual));
    else store<u8>(classes + i, <u8>(64 - clz<u64>(<u64>residual)));
  }
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
  for (let i: usize = 0; i < <usize>width; i += 16) {
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
  const last = <usize>width - 1;
  const first = <u32>load<u8>(north), final = <u32>load<u8>(north + last);
  store<u8>(activity, activityOf(first, first, width > 1 ? load<u8>(north, 1) : first, load<u8>(previous)));
  if (width > 1) store<u8>(activity + last, activityOf(load<u8>(north + last - 1), final, final, load<u8>(previous + last)));
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

/** activity of a whole row whose classes are known and that has neither neighbour. */
export function activityAlone(classes: usize, activity: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width; i++) store<u8>(activity + i, <u8>activityInRow(classes, i));
}

/** Activity that stands for a masked value: its class is not coded. */
export const MASKED: u8 = 193;

/** Marks the masked values of a row in its activities. */
export function markMasked(activity: usize, mask: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width; i++) if (load<u8>(mask + i)) store<u8>(activity + i, MASKED);
}

/** Gives masked values the class at their left (0 at a row's start), for the contexts of rows to come. */
export function spreadClasses(classes: usize, mask: usize, width: i32): void {
  let last: u8 = 0;
  for (let i: usize = 0; i < <usize>width; i++) {
    if (load<u8>(mask + i)) store<u8>(classes + i, last);
    else last = load<u8>(classes + i);
  }
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
