/**
 * Range asymmetric numeral systems (Duda, arXiv 1311.2540) over magnitude classes, with static
 * probabilities of PROBABILITY_BITS bits for each context and eight states: the value at place i of
 * a row uses state i mod 8. A state lies in [2^15, 2^31) and is refilled 16 bits at a time from one
 * stream of little-endian 16-bit words that all states share.
 */
import { activityAlone, activityInRow, clearClasses, markMasked, MASKED, rowActivity, spreadClasses } from "../contexts/kernel";

export const PROBABILITY_BITS: u32 = 11;
export const TOTAL: u32 = 1 << 11;
export const LOW: u32 = 1 << 15;
/** Classes 0 to 64; a context's tables have this many entries. */
export const CLASSES: usize = 65;

/** Decoding tables of one context: SLOT_BYTES of classes by slot, and freq << 16 | cumulative by class. */
const SLOT_BYTES: usize = 2048;

// @ts-ignore: decorator
@inline
function decodeOne(state: u32, slots: usize, ranges: usize, context: u32, at: usize): u32 {
  const slot = state & (TOTAL - 1);
  const symbol = load<u8>(slots + <usize>((context << 11) + slot));
  store<u8>(at, symbol);
  const range = load<u32>(ranges + ((<usize>context * CLASSES + <usize>symbol) << 2));
  return (range >> 16) * (state >> PROBABILITY_BITS) + slot - (range & 0xffff);
}

/**
 * Decodes one row. `states` holds the eight states, `contexts` the context of every value (or 0: the
 * contexts come from the row itself through `map`, and `mask`, if there is one). Returns the new read position; words are read
 * only where a state needs one, so at most 2 bytes a value are consumed.
 */
export function decodeRow(
  states: usize, slots: usize, ranges: usize, contexts: usize, map: usize, mask: usize, classes: usize, width: i32, from: usize,
): usize {
  let i: usize = 0;
  const whole = <usize>width & ~7;
  if (contexts) {
    let x0 = load<u32>(states), x1 = load<u32>(states, 4), x2 = load<u32>(states, 8), x3 = load<u32>(states, 12);
    let x4 = load<u32>(states, 16), x5 = load<u32>(states, 20), x6 = load<u32>(states, 24), x7 = load<u32>(states, 28);
    let low: u32;
    for (; i < whole; i += 8) {
      x0 = decodeOne(x0, slots, ranges, load<u8>(contexts + i, 0), classes + i);
      low = u32(x0 < LOW); x0 = select<u32>((x0 << 16) | load<u16>(from), x0, low); from += low << 1;
      x1 = decodeOne(x1, slots, ranges, load<u8>(contexts + i, 1), classes + i + 1);
      low = u32(x1 < LOW); x1 = select<u32>((x1 << 16) | load<u16>(from), x1, low); from += low << 1;
      x2 = decodeOne(x2, slots, ranges, load<u8>(contexts + i, 2), classes + i + 2);
      low = u32(x2 < LOW); x2 = select<u32>((x2 << 16) | load<u16>(from), x2, low); from += low << 1;
      x3 = decodeOne(x3, slots, ranges, load<u8>(contexts + i, 3), classes + i + 3);
      low = u32(x3 < LOW); x3 = select<u32>((x3 << 16) | load<u16>(from), x3, low); from += low << 1;
      x4 = decodeOne(x4, slots, ranges, load<u8>(contexts + i, 4), classes + i + 4);
      low = u32(x4 < LOW); x4 = select<u32>((x4 << 16) | load<u16>(from), x4, low); from += low << 1;
      x5 = decodeOne(x5, slots, ranges, load<u8>(contexts + i, 5), classes + i + 5);
      low = u32(x5 < LOW); x5 = select<u32>((x5 << 16) | load<u16>(from), x5, low); from += low << 1;
      x6 = decodeOne(x6, slots, ranges, load<u8>(contexts + i, 6), classes + i + 6);
      low = u32(x6 < LOW); x6 = select<u32>((x6 << 16) | load<u16>(from), x6, low); from += low << 1;
      x7 = decodeOne(x7, slots, ranges, load<u8>(contexts + i, 7), classes + i + 7);
      low = u32(x7 < LOW); x7 = select<u32>((x7 << 16) | load<u16>(from), x7, low); from += low << 1;
    }
    store<u32>(states, x0); store<u32>(states, x1, 4); store<u32>(states, x2, 8); store<u32>(states, x3, 12);
    store<u32>(states, x4, 16); store<u32>(states, x5, 20); store<u32>(states, x6, 24); store<u32>(states, x7, 28);
  }
  for (; i < <usize>width; i++) {
    const state = states + ((i & 7) << 2);
    const context: u32 = contexts
      ? load<u8>(contexts + i)
      : load<u8>(map + <usize>(mask && load<u8>(mask + i) ? MASKED : activityInRow(classes, i)));
    let x = decodeOne(load<u32>(state), slots, ranges, context, classes + i);
    if (x < LOW) {
      x = (x << 16) | load<u16>(from);
      from += 2;
    }
    store<u32>(state, x);
  }
  return from;
}

/**
 * Encoding tables, 16 bytes a context and class, which the class's frequency f makes: u32 the least state
 * that has no room for it, f 2^20; u32 a multiplier and u32 a shift, with which floor(x / f) =
 * (x multiplier) >> shift for x < 2^31; u32 what else is added. The state has room for the class already.
 */
// @ts-ignore: decorator
@inline
function push(x: u32, entry: usize): u32 {
  // x = q f + r becomes q TOTAL + r + cumulative = x + q (TOTAL - f) + cumulative.
  const quotient = <u32>((<u64>x * <u64>load<u32>(entry, 4)) >> <u64>load<u8>(entry, 8));
  return x + quotient * <u32>load<u16>(entry, 10) + load<u32>(entry, 12);
}

// @ts-ignore: decorator
@inline
function entryOf(row: usize, contexts: usize, table: usize, i: usize): usize {
  return table + ((<usize>load<u8>(contexts + i) * CLASSES + <usize>load<u8>(row + i)) << 4);
}

/** Encodes one row backwards from `to`; returns the new write position. */
function encodeRow(row: usize, contexts: usize, table: usize, states: usize, width: i32, to: usize): usize {
  let i: usize = width;
  while (i & 7) {
    i--;
    const state = states + ((i & 7) << 2);
    const entry = entryOf(row, contexts, table, i);
    let x = load<u32>(state);
    if (x >= load<u32>(entry)) {
      to -= 2;
      store<u16>(to, <u16>x);
      x >>= 16;
    }
    store<u32>(state, push(x, entry));
  }
  let x0 = load<u32>(states), x1 = load<u32>(states, 4), x2 = load<u32>(states, 8), x3 = load<u32>(states, 12);
  let x4 = load<u32>(states, 16), x5 = load<u32>(states, 20), x6 = load<u32>(states, 24), x7 = load<u32>(states, 28);
  while (i > 0) {
    i -= 8;
    let entry: usize, full: u32;
    entry = entryOf(row, contexts, table, i + 7);
    full = u32(x7 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x7);
    to -= full << 1;
    x7 = push(x7 >> (full << 4), entry);
    entry = entryOf(row, contexts, table, i + 6);
    full = u32(x6 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x6);
    to -= full << 1;
    x6 = push(x6 >> (full << 4), entry);
    entry = entryOf(row, contexts, table, i + 5);
    full = u32(x5 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x5);
    to -= full << 1;
    x5 = push(x5 >> (full << 4), entry);
    entry = entryOf(row, contexts, table, i + 4);
    full = u32(x4 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x4);
    to -= full << 1;
    x4 = push(x4 >> (full << 4), entry);
    entry = entryOf(row, contexts, table, i + 3);
    full = u32(x3 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x3);
    to -= full << 1;
    x3 = push(x3 >> (full << 4), entry);
    entry = entryOf(row, contexts, table, i + 2);
    full = u32(x2 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x2);
    to -= full << 1;
    x2 = push(x2 >> (full << 4), entry);
    entry = entryOf(row, contexts, table, i + 1);
    full = u32(x1 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x1);
    to -= full << 1;
    x1 = push(x1 >> (full << 4), entry);
    entry = entryOf(row, contexts, table, i + 0);
    full = u32(x0 >= load<u32>(entry));
    store<u16>(to - 2, <u16>x0);
    to -= full << 1;
    x0 = push(x0 >> (full << 4), entry);
  }
  store<u32>(states, x0); store<u32>(states, x1, 4); store<u32>(states, x2, 8); store<u32>(states, x3, 12);
  store<u32>(states, x4, 16); store<u32>(states, x5, 20); store<u32>(states, x6, 24); store<u32>(states, x7, 28);
  return to;
}

/**
 * The activities of a row whose classes are known, masked values marked; their classes are made 0, as a
 * decoder has them while it decodes the row.
 */
function knownActivity(
  classes: usize, row: usize, t: i32, z: i32, y: i32, depth: i32, height: i32, width: i32, bandRows: i32,
  mask: usize, activity: usize,
): void {
  if (mask) clearClasses(row, mask, width);
  if (!rowActivity(classes, t, z, y, depth, height, width, bandRows, activity)) activityAlone(row, activity, width);
  if (mask) markMasked(activity, mask, width);
}

/**
 * Encodes the classes of a whole chunk backwards from `to` and returns where the words start; the
 * eight final states are left in `states`. Up to 2 bytes before the words are overwritten. `mask` is 0
 * or the chunk's mask. `countChunk` comes before, and gives the masked values their classes.
 */
export function encodeChunk(
  classes: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, mask: usize,
  map: usize, table: usize, activity: usize, states: usize, to: usize,
): usize {
  for (let k: usize = 0; k < 8; k++) store<u32>(states + (k << 2), LOW);
  readMap(map);
  for (let t = outer - 1; t >= 0; t--) {
    for (let z = depth - 1; z >= 0; z--) {
      for (let y = height - 1; y >= 0; y--) {
        const at = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        const row = classes + at;
        knownActivity(classes, row, t, z, y, depth, height, width, bandRows, mask ? mask + at : 0, activity);
        contextsOf(activity, width);
        to = encodeRow(row, activity, table, states, width, to);
      }
    }
  }
  return to;
}

/** counts[activity][class] over a whole chunk, u32, 194 x CLASSES; the last row counts masked values. */
export function countChunk(
  classes: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, mask: usize,
  activity: usize, counts: usize,
): void {
  memory.fill(counts, 0, 194 * CLASSES * 4);
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const at = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
        const row = classes + at;
        knownActivity(classes, row, t, z, y, depth, height, width, bandRows, mask ? mask + at : 0, activity);
        for (let i: usize = 0; i < <usize>width; i++) {
          const entry = counts + ((<usize>load<u8>(activity + i) * CLASSES + <usize>load<u8>(row + i)) << 2);
          store<u32>(entry, load<u32>(entry) + 1);
        }
        if (mask) spreadClasses(row, mask + at, width);
      }
    }
  }
}

/** Builds a context's decoding tables from its frequencies (u16, `count` of them from class `first`). */
export function buildTables(slots: usize, ranges: usize, context: u32, frequencies: usize, first: u32, count: u32): bool {
  let cumulative: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const frequency = <u32>load<u16>(frequencies + (<usize>k << 1));
    if (cumulative + frequency > TOTAL) return false;
    memory.fill(slots + <usize>((context << 11) + cumulative), <u8>(first + k), frequency);
    store<u32>(ranges + ((<usize>context * CLASSES + <usize>(first + k)) << 2), (frequency << 16) | cumulative);
    cumulative += frequency;
  }
  return cumulative == TOTAL;
}

/** The activities at which `map` rises, 16 times each: as many as it rises by; and how many they are. */
const RISES: usize = memory.data(16 * 16, 16);
let rises: usize = 0;

/** Gets ready for `contextsOf` with a map that does not fall, from the context 0 or above up to 16. */
export function readMap(map: usize): void {
  rises = 0;
  let context: u32 = 0;
  for (let activity: usize = 0; activity <= <usize>MASKED; activity++) {
    for (; context < load<u8>(map + activity); context++) {
      memory.fill(RISES + (rises << 4), <u8>activity, 16);
      rises++;
    }
  }
}

/** The context of every value of a row, from its activity, in place: as many as the map rises up to it. Writes up to 15 bytes behind the row. */
export function contextsOf(activity: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width; i += 16) {
    const activities = v128.load(activity + i);
    let context = i8x16.splat(0);
    for (let k: usize = 0; k < rises; k++) {
      context = i8x16.sub(context, i8x16.ge_u(activities, v128.load(RISES + (k << 4))));
    }
    v128.store(activity + i, context);
  }
}
