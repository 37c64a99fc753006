/**
 * fieldzip-encode.wasm: the kernels of the encoder. The caller lays out memory (from `heap()` on, grown
 * by the caller) and passes every address; nothing here allocates.
 */
import { packBits } from "../bits/kernel";
import { classRow } from "../contexts/kernel";
import { buildCrcTables, crc32c } from "../crc32c/kernel";
import { LATTICE_STRIDE } from "../lattice/kernel";
import { codeMixed, openMixed } from "./mixed";
import { kindOf, PLAN_STRIDE, residualRow, residualRowMapped, rowStart, stencilRow } from "../stencil/kernel";

export * from "./encode-joint";
export * from "./encode-packed";
export * from "./encode-look";
export * from "./encode-solve";
export { encodeCopies } from "../copies/kernel";
export { encodeMask } from "../mask/kernel";
export { normalEquations, sampleErrors } from "../least-squares/kernel";
export { logarithmsOfErrors, weightsOfErrors } from "../samples/kernel";
export { countChunk, encodeChunk } from "../rans/kernel";
export { buildCrcTables, crc32c };

export function heap(): usize {
  return __heap_base;
}

// @ts-ignore: decorator
@inline
function residualChunk<F, I>(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, lattices: usize, sums: usize, residuals: usize, classes: usize,
): void {
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const kind = kindOf(t, z, y, bandRows);
        const plan = plans + <usize>kind * PLAN_STRIDE;
        const at = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        stencilRow<F>(values, plan, t, z, y, depth, height, width, bandRows, sums);
        const start = rowStart<F>(values, kind, t, z, y, depth, height, width);
        const row = values + at * sizeof<F>(), to = residuals + at * sizeof<F>();
        if (mask || lattices) {
          const lattice = lattices ? lattices + <usize>(t * depth + z) * LATTICE_STRIDE : 0;
          residualRowMapped<F, I>(row, sums, plan, start, to, width, mask ? mask + at : 0, lattice);
        } else {
          residualRow<F, I>(row, sums, plan, start, to, width);
        }
        classRow<I>(residuals + at * sizeof<F>(), classes + at, width);
      }
    }
  }
}

/** Residuals and classes of a whole chunk; `mask` and `lattices` are 0 where it has none. `residuals` is written up to 15 bytes past its end. */
export function residualsFloat32(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, lattices: usize, sums: usize, residuals: usize, classes: usize,
): void {
  residualChunk<f32, i32>(values, plans, outer, depth, height, width, bandRows, mask, lattices, sums, residuals, classes);
}

export function residualsFloat64(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, lattices: usize, sums: usize, residuals: usize, classes: usize,
): void {
  residualChunk<f64, i64>(values, plans, outer, depth, height, width, bandRows, mask, lattices, sums, residuals, classes);
}

export function packBitsFloat32(residuals: usize, classes: usize, count: usize, to: usize): usize {
  return packBits<i32>(residuals, classes, count, to);
}

export function packBitsFloat64(residuals: usize, classes: usize, count: usize, to: usize): usize {
  return packBits<i64>(residuals, classes, count, to);
}

/** Scratch for a chunk under mode 4, 0 where its side information is bad (`fields`: 0, or a joint chunk's); the calls of `encodeMixed…` follow. */
export function openMixedFloat32(side: usize, sideLength: u32, count: u32, room: usize, fields: usize): usize {
  return openMixed<f32>(side, sideLength, count, room, fields);
}

export function openMixedFloat64(side: usize, sideLength: u32, count: u32, room: usize, fields: usize): usize {
  return openMixed<f64>(side, sideLength, count, room, fields);
}

/** Codes the chunk of the last `openMixed…`; masked values become those at their left. Returns the code's end. */
export function encodeMixedFloat32(values: usize, mask: usize, count: u32, scratch: usize, to: usize): usize {
  return codeMixed<f32, i32>(true, values, mask, count, scratch, to, 0);
}

export function encodeMixedFloat64(values: usize, mask: usize, count: u32, scratch: usize, to: usize): usize {
  return codeMixed<f64, i64>(true, values, mask, count, scratch, to, 0);
}
