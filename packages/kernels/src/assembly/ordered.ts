/**
 * Floats as integers in the order of their values: a bijection on bit patterns (NaN payloads, -0
 * and subnormals included), its own inverse. F is f32 with I = i32, or f64 with I = i64.
 */

// @ts-ignore: decorator
@inline
export function toOrdered<F, I>(value: F): I {
  if (sizeof<F>() == 4) {
    const bits = reinterpret<i32>(<f32>value);
    return <I>(bits ^ ((bits >> 31) & 0x7fffffff));
  }
  const bits = reinterpret<i64>(<f64>value);
  return <I>(bits ^ ((bits >> 63) & 0x7fffffffffffffff));
}

// @ts-ignore: decorator
@inline
export function fromOrdered<F, I>(ordered: I): F {
  if (sizeof<F>() == 4) {
    const bits = <i32>ordered;
    return <F>reinterpret<f32>(bits ^ ((bits >> 31) & 0x7fffffff));
  }
  const bits = <i64>ordered;
  return <F>reinterpret<f64>(bits ^ ((bits >> 63) & 0x7fffffffffffffff));
}

/** A prediction as an ordered integer; NaN and infinities count as 0 (their bits differ between engines). */
// @ts-ignore: decorator
@inline
export function predictedToOrdered<F, I>(value: F): I {
  if (sizeof<F>() == 4) {
    const bits = reinterpret<i32>(<f32>value);
    const ordered = bits ^ ((bits >> 31) & 0x7fffffff);
    return <I>select<i32>(ordered, 0, (bits & 0x7f800000) != 0x7f800000);
  }
  const bits = reinterpret<i64>(<f64>value);
  const ordered = bits ^ ((bits >> 63) & 0x7fffffffffffffff);
  return <I>select<i64>(ordered, 0, (bits & 0x7ff0000000000000) != 0x7ff0000000000000);
}

/** Signed difference to magnitude-ordered unsigned: 0, -1, 1, -2, … -> 0, 1, 2, 3, … */
// @ts-ignore: decorator
@inline
export function zigzag<I>(difference: I): I {
  return (difference << 1) ^ (difference >> (sizeof<I>() * 8 - 1));
}

// @ts-ignore: decorator
@inline
export function unzigzag<I>(zigzagged: I): I {
  if (sizeof<I>() == 4) return <I>(<i32>(<u32>zigzagged >> 1) ^ -(<i32>zigzagged & 1));
  return <I>(<i64>(<u64>zigzagged >> 1) ^ -(<i64>zigzagged & 1));
}
