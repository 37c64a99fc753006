/**
 * Activations of a tile, in place, and their derivatives beside them. All give 0 for 0, so that columns
 * of padding stay 0.
 *
 *   relu    max(z, 0)
 *   sine    sin(z)
 *   smooth  z (1 + z / sqrt(pi/2 + z^2)) / 2: near GELU (Hendrycks and Gimpel, 2016), whose gate it
 *           replaces by the algebraic function of the same slope at 0
 */
import { storeSineCosine } from "../../sine32/kernel";
import { ACTIVATION_RELU, ACTIVATION_SINE, TILE_ROWS } from "../offsets";
import { rowStride } from "../matrix/kernel";

export function activate(kind: i32, values: usize, derivatives: usize, columns: i32): void {
  const end = values + <usize>TILE_ROWS * rowStride(columns);
  const zero = f32x4.splat(0), one = f32x4.splat(1), half = f32x4.splat(0.5);
  if (kind == ACTIVATION_RELU) {
    for (; values < end; values += 16, derivatives += 16) {
      const z = v128.load(values), positive = f32x4.gt(z, zero);
      v128.store(values, v128.and(z, positive));
      v128.store(derivatives, v128.and(one, positive));
    }
  } else if (kind == ACTIVATION_SINE) {
    for (; values < end; values += 16, derivatives += 16) {
      storeSineCosine(f32x4.mul(v128.load(values), f32x4.splat(0.15915494309189535)), values, derivatives);
    }
  } else {
    for (; values < end; values += 16, derivatives += 16) {
      const z = v128.load(values);
      const square = f32x4.add(f32x4.splat(1.5707963267948966), f32x4.mul(z, z));
      const gate = f32x4.div(z, f32x4.sqrt(square));
      const open = f32x4.mul(half, f32x4.add(one, gate));
      v128.store(values, f32x4.mul(z, open));
      // The gate's own slope: (1 - gate^2) / 2 times z / sqrt(pi/2 + z^2), the gate itself.
      v128.store(derivatives, f32x4.add(open, f32x4.mul(f32x4.mul(half, gate), f32x4.sub(one, f32x4.mul(gate, gate)))));
    }
  }
}
