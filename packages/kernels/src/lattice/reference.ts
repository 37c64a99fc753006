/** Lattices in plain arithmetic: the truth that `kernel.ts` is held to. */
import type { Lattice } from "../encoder.js";

/** The index nearest to a value: ties to even, NaN is 0, saturated to `width` bits. */
export function toIndexReference(value: number, lattice: Lattice, width: 32 | 64): bigint {
  const scaled =
    "step" in lattice ? (value - lattice.offset) * (1 / lattice.step) : value * lattice.divisor;
  if (Number.isNaN(scaled)) return 0n;
  const most = (1n << BigInt(width - 1)) - 1n;
  if (scaled >= Number(most)) return most;
  if (scaled <= -Number(most) - 1) return -most - 1n;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return BigInt(below) + (up ? 1n : 0n);
}

/** The value of an index, before it is rounded to the data type. */
export function fromIndexReference(index: bigint, lattice: Lattice): number {
  return "step" in lattice
    ? lattice.offset + Number(index) * lattice.step
    : Number(index) / lattice.divisor;
}
