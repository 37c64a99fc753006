/** Encoding of mode 3 of `mechanism`, "packed": the kernels of `decode`'s packed.ts the other way round. The caller lays out memory. */
import { BLOCK, packBlocks } from "../blocks/kernel";
import { toIndices } from "../indices/kernel";
import { residualPacked } from "../rows/kernel";
import { kindOf, PLAN_STRIDE, rowStart } from "../stencil/kernel";
import { sumsOfRow } from "../sums/kernel";

export { finishLow, finishQuotients, finishWidths, startBlocks } from "../blocks/kernel";
export { logarithmsOfRuns, weightsOfRuns } from "../run-errors/kernel";
export { encodeRuns } from "../runs/kernel";

/** Residuals are packed when there are so many, so that they stay near. */
const BATCH: usize = 2048;

/**
 * Predicts a chunk and packs its residuals into the streams that `startBlocks` opened. `mask` is 0 without one; `indexed` has a byte a slice, 1
 * where it holds indices, or is 0. `room` holds a row and BATCH more values, and 64 bytes; masked chunks need a row behind it.
 */
// @ts-ignore: decorator
@inline
function packChunk<F, I>(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, indexed: usize, sums: usize, room: usize, row: usize,
): void {
  let waiting: usize = 0;
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      const isIndexed = indexed != 0 && load<u8>(indexed + <usize>(t * depth + z)) != 0;
      for (let y = 0; y < height; y++) {
        const kind = kindOf(t, z, y, bandRows);
        const plan = plans + <usize>kind * PLAN_STRIDE;
        const at = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        sumsOfRow<F>(values, plan, t, z, y, depth, height, width, bandRows, sums);
        const start = rowStart<F>(values, kind, t, z, y, depth, height, width);
        const to = room + waiting * sizeof<F>();
        residualPacked<F, I>(values + at * sizeof<F>(), sums, plan, start, mask ? row : to, width, isIndexed);
        waiting += mask ? compact<I>(row, mask + at, width, to) : <usize>width;
        if (waiting < BATCH) continue;
        const blocks = waiting / BLOCK;
        packBlocks<I>(room, blocks);
        waiting -= blocks * BLOCK;
        // Fewer than a block.
        memory.copy(room, room + blocks * BLOCK * sizeof<F>(), waiting * sizeof<F>());
      }
    }
  }
  if (waiting == 0) return;
  memory.fill(room + waiting * sizeof<F>(), 0, BLOCK * sizeof<F>());
  packBlocks<I>(room, (waiting + BLOCK - 1) / BLOCK);
}

/** The residuals of a row that are not masked, one after another; returns how many. */
function compact<I>(from: usize, mask: usize, width: i32, to: usize): usize {
  const start = to;
  for (let i: usize = 0; i < <usize>width; i++) {
    store<I>(to, load<I>(from + i * sizeof<I>()));
    to += sizeof<I>() & (<usize>load<u8>(mask + i) - 1);
  }
  return (to - start) / sizeof<I>();
}

export function packFloat32(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, indexed: usize, sums: usize, room: usize, row: usize,
): void {
  packChunk<f32, i32>(values, plans, outer, depth, height, width, bandRows, mask, indexed, sums, room, row);
}

export function packFloat64(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, indexed: usize, sums: usize, room: usize, row: usize,
): void {
  packChunk<f64, i64>(values, plans, outer, depth, height, width, bandRows, mask, indexed, sums, room, row);
}

export function toIndicesFloat32(
  from: usize, count: u32, lattice: usize, mask: usize, to: usize, first: u32, exceptions: usize, most: u32,
): u32 {
  return toIndices<f32>(from, count, lattice, mask, to, first, exceptions, most);
}

export function toIndicesFloat64(
  from: usize, count: u32, lattice: usize, mask: usize, to: usize, first: u32, exceptions: usize, most: u32,
): u32 {
  return toIndices<f64>(from, count, lattice, mask, to, first, exceptions, most);
}

/** Writes 1 for every value with the bits given, 0 for others; returns how many there are. Up to 15 bytes past the mask are written. */
export function maskOfFloat32(values: usize, count: u32, bits: u32, mask: usize): u32 {
  const pattern = i32x4.splat(<i32>bits);
  for (let i: usize = 0; i < <usize>count; i += 16) {
    const at = values + (i << 2);
    const a = i32x4.eq(v128.load(at), pattern), b = i32x4.eq(v128.load(at, 16), pattern);
    const c = i32x4.eq(v128.load(at, 32), pattern), d = i32x4.eq(v128.load(at, 48), pattern);
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
    v128.store(mask + i, v128.and(bytes, i8x16.splat(1)));
  }
  return maskedOf(mask, count);
}

export function maskOfFloat64(values: usize, count: u32, bits: u64, mask: usize): u32 {
  for (let i: usize = 0; i < <usize>count; i++) store<u8>(mask + i, <u8>(load<u64>(values + (i << 3)) == bits));
  return maskedOf(mask, count);
}

/** How many bytes of a mask are set. */
function maskedOf(mask: usize, count: u32): u32 {
  const rest = mask + <usize>count;
  let masked: u32 = 0;
  for (; mask + 16 <= rest; mask += 16) masked += <u32>popcnt(<u32>i8x16.bitmask(v128.neg<i8>(v128.load(mask))));
  for (; mask < rest; mask++) masked += <u32>load<u8>(mask);
  return masked;
}
