/**
 * A mask (one byte a value: 0 for a value that is not masked; for a masked one 1 where it is written, 255 where it is read) as runs: lengths of runs of values that are not masked and that
 * are, in turn, the first one of values that are not; 7-bit groups, the least significant first, bit 7 set in
 * all but the last.
 */

/** Length of the run of `what` from `at` on. */
function runFrom(at: usize, end: usize, what: u32): usize {
  const from = at;
  const same = i8x16.splat(<i8>what);
  while (at + 16 <= end) {
    const differ = <u32>i8x16.bitmask(i8x16.ne(v128.load(at), same));
    if (differ) return at + <usize>ctz(differ) - from;
    at += 16;
  }
  while (at < end && <u32>load<u8>(at) == what) at++;
  return at - from;
}

/** Writes the runs of a mask from `out` on and returns their end. */
export function encodeRuns(mask: usize, count: usize, out: usize): usize {
  const end = mask + count;
  let what: u32 = 0;
  while (mask < end) {
    const run = runFrom(mask, end, what);
    mask += run;
    what ^= 1;
    let rest = <u32>run;
    while (rest >= 128) {
      store<u8>(out++, <u8>(rest | 128));
      rest >>= 7;
    }
    store<u8>(out++, <u8>rest);
  }
  return out;
}

/** Runs back to a mask (up to 15 bytes past it are written); returns how many values are masked, -1 where the runs do not cover it exactly. */
export function decodeRuns(from: usize, length: u32, mask: usize, count: u32): i32 {
  const end = from + <usize>length;
  let at: u32 = 0, masked: u32 = 0, what: u32 = 0, runs: u32 = 0;
  while (from < end) {
    let run: u64 = 0;
    for (let shift: u64 = 0; ; shift += 7) {
      if (from == end || shift > 28) return -1;
      const byte = load<u8>(from++);
      run |= <u64>(byte & 127) << shift;
      if (byte < 128) break;
    }
    // Only the first run may be empty: others would say nothing.
    if (run > <u64>(count - at) || (run == 0 && runs > 0)) return -1;
    // Runs are short: a call of memory.fill would cost more. What is written past a run belongs to the next one.
    const same = i8x16.splat(<i8>what);
    for (let k: usize = 0; k < <usize>run; k += 16) v128.store(mask + <usize>at + k, same);
    if (what) masked += <u32>run;
    at += <u32>run;
    what ^= 255;
    runs++;
  }
  return at == count ? <i32>masked : -1;
}
