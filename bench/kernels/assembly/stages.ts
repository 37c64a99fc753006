/**
 * The stages of coding a float32 chunk apart from each other, for timing only: the very kernels of
 * packages/kernels, compiled with the same options, called over a whole chunk a stage at a time. A chunk
 * has neither mask nor lattices here. The caller lays out memory from `heap()` on.
 */
import { packBitsFloat32 } from "../../../packages/kernels/src/assembly/encode";
import { unpackRow } from "../../../packages/kernels/src/bits/kernel";
import { classRow, rowActivity } from "../../../packages/kernels/src/contexts/kernel";
import { contextsOf, decodeRow, readMap } from "../../../packages/kernels/src/rans/kernel";
import {
  kindOf, LANE_STRIDE, PLAN_STRIDE, residualRow, restoreRow, restoreRows4, rowStart, stencilRow,
} from "../../../packages/kernels/src/stencil/kernel";

export { packBitsFloat32 };
export { buildCrcTables, crc32c } from "../../../packages/kernels/src/crc32c/kernel";
export { normalEquations, sampleErrors } from "../../../packages/kernels/src/least-squares/kernel";
export { countChunk, encodeChunk } from "../../../packages/kernels/src/rans/kernel";

const LANES: usize = memory.data(4 * 48, 16);

export function heap(): usize {
  return __heap_base;
}

/** depth 1: stencil sums; 2: and residuals; 3: and classes, which is what encoding runs. */
export function predict(
  stages: i32, values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  sums: usize, residuals: usize, classes: usize,
): void {
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const kind = kindOf(t, z, y, bandRows);
        const plan = plans + <usize>kind * PLAN_STRIDE;
        const at = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        stencilRow<f32>(values, plan, t, z, y, depth, height, width, bandRows, sums);
        if (stages < 2) continue;
        const start = rowStart<f32>(values, kind, t, z, y, depth, height, width);
        residualRow<f32, i32>(values + 4 * at, sums, plan, start, residuals + 4 * at, width);
        if (stages > 2) classRow<i32>(residuals + 4 * at, classes + at, width);
      }
    }
  }
}

/** Contexts and classes of a whole chunk from its range-coded words; returns where reading ended. */
export function decodeClasses(
  classes: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  map: usize, slots: usize, ranges: usize, contexts: usize, states: usize, from: usize,
): usize {
  readMap(map);
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const row = classes + ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        const known = rowActivity(classes, t, z, y, depth, height, width, bandRows, contexts);
        if (known) contextsOf(contexts, width);
        from = decodeRow(states, slots, ranges, known ? contexts : 0, map, 0, row, width, from);
      }
    }
  }
  return from;
}

/** Residuals of a whole chunk from its bits and classes; returns the number of bits read. */
export function unpackBits(bits: usize, classes: usize, residuals: usize, rows: i32, width: i32): f64 {
  let bit: u64 = 0;
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * <usize>width;
    bit = unpackRow<i32>(bits, bit, classes + at, residuals + 4 * at, width);
  }
  return <f64>bit;
}

/** Residuals at `values` -> values, in place: four slices at once, as `restoreSlices` of the decoder does. */
export function restore(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, lag: i32, sums: usize,
): void {
  const slices = outer * depth;
  const stride = <usize>((4 * width + 32 + 63) & ~63);
  for (let first = 0; first < slices; first += 4) {
    const group = min(4, slices - first);
    const ticks = height + lag * (group - 1);
    for (let tick = 0; tick < ticks; tick++) {
      let active = 0;
      for (let k = 0; k < group; k++) {
        const y = tick - lag * k;
        if (y < 0 || y >= height) continue;
        const s = first + k, t = s / depth, z = s % depth;
        const lane = LANES + <usize>active * LANE_STRIDE, to = sums + <usize>active * stride;
        const kind = kindOf(t, z, y, height);
        const plan = plans + <usize>kind * PLAN_STRIDE;
        stencilRow<f32>(values, plan, t, z, y, depth, height, width, height, to);
        store<usize>(lane, values + (<usize>s * <usize>height + <usize>y) * <usize>width * 4);
        store<usize>(lane, to, 4);
        store<f32>(lane, load<f32>(plan, 8), 8);
        store<f32>(lane, load<f32>(plan, 16), 16);
        store<f32>(lane, rowStart<f32>(values, kind, t, z, y, depth, height, width), 24);
        active++;
      }
      if (active == 4) restoreRows4<f32, i32>(LANES, width);
      else for (let k = 0; k < active; k++) {
        const lane = LANES + <usize>k * LANE_STRIDE;
        restoreRow<f32, i32>(load<usize>(lane), load<usize>(lane, 4), lane, load<f32>(lane, 24), width);
      }
    }
  }
}

/** Memory bandwidth: a copy, and a loop that reads (64 bytes a round, a multiple of which `length` is). */
export function copy(to: usize, from: usize, length: usize): void {
  memory.copy(to, from, length);
}

export function read(from: usize, length: usize): i64 {
  let a = i64x2.splat(0), b = a, c = a, d = a;
  for (const end = from + length; from < end; from += 64) {
    a = i64x2.add(a, v128.load(from));
    b = i64x2.add(b, v128.load(from, 16));
    c = i64x2.add(c, v128.load(from, 32));
    d = i64x2.add(d, v128.load(from, 48));
  }
  const sum = i64x2.add(i64x2.add(a, b), i64x2.add(c, d));
  return i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
}
