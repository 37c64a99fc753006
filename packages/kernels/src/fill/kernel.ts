/** Values in the places of masked ones, as a decoder has them while it predicts (`spec/stream.md`, "Mask"). */

/**
 * Gives every masked value (1 in `mask`) the bits of the one at its left; at the start of a row those of
 * the nearest value straight before the row: above (in its band), in the slice before, in the outer block
 * before, else 0.
 */
export function fillMasked<I>(
  values: usize, mask: usize, slices: i32, depth: i32, height: i32, width: i32, bandRows: i32,
): void {
  const row = <usize>width * sizeof<I>();
  for (let s = 0; s < slices; s++) {
    for (let y = 0; y < height; y++) {
      let back: usize = 0;
      if (y % bandRows > 0) back = row;
      else if (s % depth > 0) back = row * <usize>height;
      else if (s >= depth) back = row * <usize>height * <usize>depth;
      const last = back ? load<I>(values - back) : <I>0;
      fillRow<I>(values, mask, <usize>width, last);
      values += row;
      mask += <usize>width;
    }
  }
}

function fillRow<I>(values: usize, mask: usize, width: usize, before: I): void {
  let last = before;
  let i: usize = 0;
  for (; i + 16 <= width; i += 16) {
    // Most stretches are all of one kind.
    const masked = i8x16.eq(v128.load(mask + i), i8x16.splat(1));
    if (!v128.any_true(masked)) {
      last = load<I>(values + (i + 15) * sizeof<I>());
    } else if (i8x16.all_true(masked)) {
      const same = v128.splat<I>(last);
      for (let at: usize = 0; at < 16 * sizeof<I>(); at += 16) v128.store(values + i * sizeof<I>() + at, same);
    } else {
      for (let k = i; k < i + 16; k++) {
        const at = values + k * sizeof<I>();
        if (load<u8>(mask + k) == 1) store<I>(at, last);
        else last = load<I>(at);
      }
    }
  }
  for (; i < width; i++) {
    const at = values + i * sizeof<I>();
    if (load<u8>(mask + i) == 1) store<I>(at, last);
    else last = load<I>(at);
  }
}
