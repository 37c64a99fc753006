/** Binding of the encoder's kernels of `mechanism-solve`. */
import { grow, type KernelExports } from "./instance.js";

export interface SolveExports extends KernelExports {
  planBytes(n: number): number;
  workBytes(n: number): number;
  makePlan(n: number, plan: number, work: number): void;
  fillAngles(angles: number, width: number): void;
  transform2(
    data: number,
    height: number,
    width: number,
    rowPlan: number,
    columnPlan: number,
    work: number,
  ): void;
  divideBySymbol(
    data: number,
    height: number,
    width: number,
    operator: number,
    level: number,
    angles: number,
    apart: number,
    end: number,
    collect: number,
  ): number;
  solveResidualsFloat32(...args: number[]): void;
  solveResidualsFloat64(...args: number[]): void;
}

/** One section of a chunk, as the solver sees it. */
export interface SolveSection {
  /** The exact values, height x width. */
  readonly values: Float32Array | Float64Array;
  /** Nine whole numbers, row by row: C(k, l) weighs u(y + k, x + l). */
  readonly operator: readonly number[];
  /** u in whole steps, less any constant: its spectrum is given where the operator is blind. */
  readonly rounded: Float64Array;
  /** f in the units of the operator times a step, as a decoder will have it. */
  readonly source: Float64Array;
  /** Mean of u in steps. */
  readonly level: number;
  /** Values are origin + k step. */
  readonly origin: number;
  readonly step: number;
}

export interface SolvedSection {
  /** Zigzag residuals: Uint32 of float32 values, BigUint64 of float64 ones, as bytes. */
  readonly residuals: Uint8Array;
  /** Spectrum of u at the frequencies that are given apart: re, im in turn. */
  readonly apart: Float64Array;
}

/** Solves sections of one size: what the decoder will compute, by the same code. */
export interface SectionSolver {
  solve(section: SolveSection): SolvedSection;
  /** The transform of re, im in turn, in place of a copy: for tests. */
  transform(data: Float64Array): Float64Array;
}

export function openSolver(
  kernel: SolveExports,
  height: number,
  width: number,
  addresses: (sizes: readonly number[]) => number[],
): SectionSolver {
  const area = height * width;
  const bytes = (call: (n: number) => number) => Math.max(call(height) >>> 0, call(width) >>> 0);
  const [rowPlan, columnPlan, angles, operatorAt, values, residuals, field, apart, work, end] =
    addresses([
      kernel.planBytes(width) >>> 0,
      kernel.planBytes(height) >>> 0,
      16 * width,
      72,
      8 * area,
      8 * area,
      16 * area,
      16 * area,
      bytes(kernel.workBytes),
    ]);
  grow(kernel.memory, end);
  kernel.makePlan(width, rowPlan, work);
  kernel.makePlan(height, columnPlan, work);
  kernel.fillAngles(angles, width);
  const floats = (at: number, length: number) => new Float64Array(kernel.memory.buffer, at, length);
  const put = (re: Float64Array) => {
    const to = floats(field, 2 * area);
    for (let i = 0; i < area; i++) {
      to[2 * i] = re[i];
      to[2 * i + 1] = 0;
    }
  };
  const transform = () => kernel.transform2(field, height, width, rowPlan, columnPlan, work);
  return {
    solve(section) {
      floats(operatorAt, 9).set(section.operator);
      const divide = (collect: number) =>
        kernel.divideBySymbol(
          field,
          height,
          width,
          operatorAt,
          section.level,
          angles,
          apart,
          apart + 16 * area,
          collect,
        ) >>> 0;
      put(section.rounded);
      // Only to learn which frequencies are asked for; their values need the transform.
      let given = divide(1);
      if (given !== apart) {
        put(section.rounded);
        transform();
        given = divide(1);
      }
      const frequencies = floats(apart, (given - apart) / 8).slice();
      put(section.source);
      transform();
      divide(0);
      transform();
      const size = section.values.BYTES_PER_ELEMENT;
      const { buffer, byteOffset, byteLength } = section.values;
      new Uint8Array(kernel.memory.buffer, values, byteLength).set(
        new Uint8Array(buffer, byteOffset, byteLength),
      );
      const residualsOf = size === 4 ? kernel.solveResidualsFloat32 : kernel.solveResidualsFloat64;
      residualsOf(values, field, area, section.origin, section.step, residuals);
      return {
        residuals: new Uint8Array(kernel.memory.buffer, residuals, byteLength).slice(),
        apart: frequencies,
      };
    },
    transform(data) {
      floats(field, 2 * area).set(data);
      transform();
      return floats(field, 2 * area).slice();
    },
  };
}
