/** What the encoder needs for the variables of a joint chunk. */
import { classRow } from "../contexts/kernel";
import { JOINT_PLAN_STRIDE, jointStencilRow, lawField } from "../joint/kernel";
import { gatherJoint } from "../joint-samples/kernel";
import { LATTICE_STRIDE } from "../lattice/kernel";
import { kindOf, residualRow, residualRowMapped, rowStart } from "../stencil/kernel";

// @ts-ignore: decorator
@inline
function residualChunk<F, I>(
  fields: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, lattices: usize, sums: usize, residuals: usize, classes: usize,
): void {
  const values = load<usize>(fields);
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const kind = kindOf(t, z, y, bandRows);
        const plan = plans + <usize>kind * JOINT_PLAN_STRIDE;
        const at = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        jointStencilRow<F>(fields, plan, t, z, y, outer, depth, height, width, bandRows, sums);
        const start = rowStart<F>(values, kind, t, z, y, depth, height, width);
        const row = values + at * sizeof<F>(), to = residuals + at * sizeof<F>();
        if (mask || lattices) {
          const lattice = lattices ? lattices + <usize>(t * depth + z) * LATTICE_STRIDE : 0;
          residualRowMapped<F, I>(row, sums, plan, start, to, width, mask ? mask + at : 0, lattice);
        } else {
          residualRow<F, I>(row, sums, plan, start, to, width);
        }
        classRow<I>(to, classes + at, width);
      }
    }
  }
}

/** As `residualsFloat32`, of field 0 in a table of fields, with the plans of `joint/kernel.ts`. */
export function jointResidualsFloat32(
  fields: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, lattices: usize, sums: usize, residuals: usize, classes: usize,
): void {
  residualChunk<f32, i32>(fields, plans, outer, depth, height, width, bandRows, mask, lattices, sums, residuals, classes);
}

export function jointResidualsFloat64(
  fields: usize, plans: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, lattices: usize, sums: usize, residuals: usize, classes: usize,
): void {
  residualChunk<f64, i64>(fields, plans, outer, depth, height, width, bandRows, mask, lattices, sums, residuals, classes);
}

export function lawFloat32(fields: usize, terms: usize, count: i32, values: usize, to: usize): void {
  lawField<f32>(fields, terms, count, values, to);
}

export function lawFloat64(fields: usize, terms: usize, count: i32, values: usize, to: usize): void {
  lawField<f64>(fields, terms, count, values, to);
}

export function gatherJointFloat32(
  fields: usize, law: usize, mask: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, bands: i32,
  kind: i32, sources: usize, count: i32, columns: i32, wanted: i32, samples: usize, magnitudes: usize,
): i32 {
  return gatherJoint<f32>(
    fields, law, mask, outer, depth, height, width, bandRows, bands, kind, sources, count, columns, wanted, samples, magnitudes,
  );
}

export function gatherJointFloat64(
  fields: usize, law: usize, mask: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, bands: i32,
  kind: i32, sources: usize, count: i32, columns: i32, wanted: i32, samples: usize, magnitudes: usize,
): i32 {
  return gatherJoint<f64>(
    fields, law, mask, outer, depth, height, width, bandRows, bands, kind, sources, count, columns, wanted, samples, magnitudes,
  );
}
