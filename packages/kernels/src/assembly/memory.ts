/** Makes sure that memory reaches `end`; false where the engine gives no more. */
export function reach(end: usize): bool {
  const pages = <i32>((end + 0xffff) >>> 16);
  const missing = pages - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}

// @ts-ignore: decorator
@inline
export function align(address: usize): usize {
  return (address + 63) & ~63;
}
