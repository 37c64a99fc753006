/**
 * Slices of integers in disguise (`lattice/kernel.ts`) as fields of their indices: numbers of the data type, smaller than 2^22
 * (float32) or 2^51 (float64), on which prediction is done.
 */

/** Indices are smaller than this. */
// @ts-ignore: decorator
@inline
export function mostIndex<F>(): f64 {
  return sizeof<F>() == 4 ? 4194304.0 : 2251799813685248.0;
}

/** Places of values that are on no lattice go here, up to the room given. */
let places: usize = 0;
let placesEnd: usize = 0;
let off: u32 = 0;

// @ts-ignore: decorator
@inline
function nearestIndex(value: f64, lattice: usize): f64 {
  // Not -0, which no integer is: its value would lose its sign.
  return nearest<f64>((value - load<f64>(lattice, 8)) * load<f64>(lattice, 24)) + 0;
}

// @ts-ignore: decorator
@inline
function nearestIndices(values: v128, offset: v128, scale: v128): v128 {
  return f64x2.add(f64x2.nearest(f64x2.mul(f64x2.sub(values, offset), scale)), f64x2.splat(0));
}

// @ts-ignore: decorator
@inline
function pointOf(index: f64, lattice: usize): f64 {
  if (load<u32>(lattice) == 1) return load<f64>(lattice, 8) + index * load<f64>(lattice, 16);
  return index / load<f64>(lattice, 16);
}

/** One value that vectors found to be off the lattice, or masked. Returns its index, or what stands in for it. */
function settle<F>(at: usize, n: u32, lattice: usize, mask: usize): f64 {
  const value = load<F>(at);
  const index = nearestIndex(<f64>value, lattice);
  const usable = abs(index) < mostIndex<F>();
  if (!(mask && load<u8>(mask))) {
    let same = false;
    if (usable) {
      const point = <F>pointOf(index, lattice);
      same = sizeof<F>() == 4
        ? reinterpret<i32>(<f32>point) == load<i32>(at)
        : reinterpret<i64>(<f64>point) == load<i64>(at);
    }
    if (!same) {
      if (places < placesEnd) {
        store<u32>(places, n);
        places += 4;
      }
      off++;
    }
  }
  return usable ? index : 0;
}

/**
 * Writes the indices of `count` values to `to` (which may be `from`), and the places of those that are on no lattice, which are
 * counted from `first`, to `exceptions`. Masked values are none. Returns how many there are; stops early when they are more than `most`.
 */
export function toIndices<F>(
  from: usize, count: u32, lattice: usize, mask: usize, to: usize, first: u32, exceptions: usize, most: u32,
): u32 {
  places = exceptions;
  placesEnd = exceptions + 4 * <usize>most;
  off = 0;
  const perVector: u32 = 16 / sizeof<F>();
  const offset = f64x2.splat(load<f64>(lattice, 8)), scale = f64x2.splat(load<f64>(lattice, 24));
  const step = f64x2.splat(load<f64>(lattice, 16)), limit = f64x2.splat(mostIndex<F>());
  const added = load<u32>(lattice) == 1;
  let n: u32 = 0;
  for (; n + perVector <= count; n += perVector) {
    const at = from + <usize>n * sizeof<F>();
    const values = v128.load(at);
    let indices: v128, good: v128;
    if (sizeof<F>() == 4) {
      const low = nearestIndices(f64x2.promote_low_f32x4(values), offset, scale);
      const upper = v128.shuffle<i64>(values, values, 1, 1);
      const high = nearestIndices(f64x2.promote_low_f32x4(upper), offset, scale);
      const a = f32x4.demote_f64x2_zero(added ? f64x2.add(offset, f64x2.mul(low, step)) : f64x2.div(low, step));
      const b = f32x4.demote_f64x2_zero(added ? f64x2.add(offset, f64x2.mul(high, step)) : f64x2.div(high, step));
      const small = v128.and(f64x2.lt(f64x2.abs(low), limit), f64x2.lt(f64x2.abs(high), limit));
      good = v128.and(i32x4.eq(v128.shuffle<i64>(a, b, 0, 2), values), v128.and(small, v128.shuffle<i64>(small, small, 1, 0)));
      indices = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    } else {
      indices = nearestIndices(values, offset, scale);
      const points = added ? f64x2.add(offset, f64x2.mul(indices, step)) : f64x2.div(indices, step);
      good = v128.and(i64x2.eq(points, values), f64x2.lt(f64x2.abs(indices), limit));
    }
    if (i32x4.all_true(good)) {
      v128.store(to + <usize>n * sizeof<F>(), indices);
      continue;
    }
    for (let k: u32 = 0; k < perVector; k++) {
      const place = <usize>(n + k);
      const index = settle<F>(from + place * sizeof<F>(), first + n + k, lattice, mask ? mask + place : 0);
      store<F>(to + place * sizeof<F>(), <F>index);
    }
    if (off > most) return off;
  }
  for (; n < count; n++) {
    const index = settle<F>(from + <usize>n * sizeof<F>(), first + n, lattice, mask ? mask + <usize>n : 0);
    store<F>(to + <usize>n * sizeof<F>(), <F>index);
  }
  return off;
}

/** Turns the indices of `count` values into the values, in place. */
export function fromIndices<F>(values: usize, count: u32, lattice: usize): void {
  const offset = f64x2.splat(load<f64>(lattice, 8)), step = f64x2.splat(load<f64>(lattice, 16));
  const added = load<u32>(lattice) == 1;
  const perVector: u32 = 16 / sizeof<F>();
  let n: u32 = 0;
  for (; n + perVector <= count; n += perVector) {
    const at = values + <usize>n * sizeof<F>();
    const indices = v128.load(at);
    if (sizeof<F>() == 4) {
      const low = f64x2.promote_low_f32x4(indices);
      const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(indices, indices, 1, 1));
      const a = f32x4.demote_f64x2_zero(added ? f64x2.add(offset, f64x2.mul(low, step)) : f64x2.div(low, step));
      const b = f32x4.demote_f64x2_zero(added ? f64x2.add(offset, f64x2.mul(high, step)) : f64x2.div(high, step));
      v128.store(at, v128.shuffle<i64>(a, b, 0, 2));
    } else {
      v128.store(at, added ? f64x2.add(offset, f64x2.mul(indices, step)) : f64x2.div(indices, step));
    }
  }
  for (; n < count; n++) {
    const at = values + <usize>n * sizeof<F>();
    store<F>(at, <F>pointOf(<f64>load<F>(at), lattice));
  }
}
