/** The encoder's side of `mechanism-solve`: its kernels, over addresses that the caller lays out. */
import { classRow } from "../contexts/kernel";
import { snap } from "../spectral/kernel";
import { predictedToOrdered, toOrdered, zigzag } from "./ordered";

export { makePlan, planBytes, transform2, workBytes } from "../fft/kernel";
export { divideBySymbol, fillAngles } from "../spectral/kernel";

export function classesOf32(integers: usize, classes: usize, count: i32): void {
  classRow<i32>(integers, classes, count);
}

export function classesOf64(integers: usize, classes: usize, count: i32): void {
  classRow<i64>(integers, classes, count);
}

// @ts-ignore: decorator
@inline
function solveResiduals<F, I>(values: usize, field: usize, area: usize, origin: f64, step: f64, residuals: usize): void {
  for (let i: usize = 0; i < area; i++) {
    const predicted = <F>snap(load<f64>(field + 16 * i, 8), origin, step);
    const difference = toOrdered<F, I>(load<F>(values + i * sizeof<F>())) - predictedToOrdered<F, I>(predicted);
    store<I>(residuals + i * sizeof<F>(), zigzag<I>(difference));
  }
}

/** Zigzag residuals of a section whose solution is in the imaginary parts of `field`. */
export function solveResidualsFloat32(values: usize, field: usize, area: usize, origin: f64, step: f64, residuals: usize): void {
  solveResiduals<f32, i32>(values, field, area, origin, step, residuals);
}

export function solveResidualsFloat64(values: usize, field: usize, area: usize, origin: f64, step: f64, residuals: usize): void {
  solveResiduals<f64, i64>(values, field, area, origin, step, residuals);
}
