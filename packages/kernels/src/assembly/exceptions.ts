/** Values that are on no lattice: `spec/stream.md`, section 3.3. */

/** Puts the values that are on no lattice in their places: varint distances, and bits. */
export function patch<F>(values: usize, count: u32, from: usize, end: usize): bool {
  let place: u64 = 0;
  let first = true;
  while (from < end) {
    let distance: u64 = 0;
    for (let shift: u64 = 0; ; shift += 7) {
      if (from == end || shift > 28) return false;
      const byte = load<u8>(from++);
      distance |= <u64>(byte & 127) << shift;
      if (byte < 128) break;
    }
    if (!first && distance == 0) return false;
    first = false;
    place += distance;
    if (place >= <u64>count || end - from < sizeof<F>()) return false;
    memory.copy(values + <usize>place * sizeof<F>(), from, sizeof<F>());
    from += sizeof<F>();
  }
  return true;
}
