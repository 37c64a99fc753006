/**
 * Stages of mode 3 apart from each other, for timing only: the kernels of packages/kernels over a whole float32 chunk
 * without mask and lattices. The caller lays out memory from `heap()` on.
 */
import { BLOCK, closeBlocks, openBlocks, readBlocks } from "../../../packages/kernels/src/blocks/kernel";
import { residualPacked } from "../../../packages/kernels/src/rows/kernel";
import { kindOf, PLAN_STRIDE, rowStart } from "../../../packages/kernels/src/stencil/kernel";
import { sumsOfRow } from "../../../packages/kernels/src/sums/kernel";

export { buildUnaryTable } from "../../../packages/kernels/src/blocks/kernel";
export { buildCrcTables, crc32c } from "../../../packages/kernels/src/crc32c/kernel";

export function heap(): usize {
  return __heap_base;
}

/** Sums of all rows; with `residuals` (a row's room) their residuals, too. */
export function predictPacked(
  values: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, sums: usize, residuals: usize,
): void {
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const kind = kindOf(t, z, y, bandRows);
        const plan = plans + <usize>kind * PLAN_STRIDE;
        sumsOfRow<f32>(values, plan, t, z, y, depth, height, width, bandRows, sums);
        if (!residuals) continue;
        const at = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        const start = rowStart<f32>(values, kind, t, z, y, depth, height, width);
        residualPacked<f32, i32>(values + 4 * at, sums, plan, start, residuals, width, false);
      }
    }
  }
}

/** A section "residual blocks" to differences; false where it is damaged. */
export function readSection(section: usize, length: usize, count: usize, widths: usize, to: usize): bool {
  const blocks = (count + BLOCK - 1) / BLOCK;
  const quotients = <usize>load<u32>(section), widthsLength = <usize>load<u32>(section, 4);
  const low = length - 8 - quotients - widthsLength, at = section + 8 + low;
  if (!openBlocks<i32>(section + 8, low, at, quotients, at + quotients, widthsLength, blocks, widths)) return false;
  return readBlocks<i32>(widths, blocks, to) && closeBlocks();
}
