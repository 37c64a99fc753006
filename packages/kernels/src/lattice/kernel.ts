/**
 * Values that are integers in disguise: value = offset + k * step, or value = k / divisor (decimals).
 * A lattice, LATTICE_STRIDE bytes: u32 form (0 none, 1 offset and step, 2 divisor); at 8 f64 offset; at
 * 16 f64 step or divisor; at 24 f64 1 / step, or the divisor.
 */

export const LATTICE_STRIDE: usize = 32;

// @ts-ignore: decorator
@inline
export function hasLattice(lattice: usize): bool {
  return lattice && load<u32>(lattice) != 0;
}

/** The index nearest to a value; NaN is 0, and what lies outside I's range is its end. */
// @ts-ignore: decorator
@inline
export function toIndex<F, I>(value: F, lattice: usize): I {
  const index = nearest<f64>((<f64>value - load<f64>(lattice, 8)) * load<f64>(lattice, 24));
  // The conversion saturates, and makes 0 of NaN.
  if (sizeof<I>() == 4) return <I>(<i32>index);
  return <I>(<i64>index);
}

// @ts-ignore: decorator
@inline
export function fromIndex<F, I>(index: I, lattice: usize): F {
  if (load<u32>(lattice) == 1) return <F>(load<f64>(lattice, 8) + <f64>index * load<f64>(lattice, 16));
  return <F>(<f64>index / load<f64>(lattice, 16));
}
