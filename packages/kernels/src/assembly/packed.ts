/**
 * Decoding of mode 3 of `mechanism`, "packed" (spec/stream.md): residual blocks, four rows at once, masks as runs, lattices as fields of
 * indices. Written so that vectors do nearly everything.
 */
import { BLOCK, closeBlocks, openBlocks, readBlocks } from "../blocks/kernel";
import { fromIndices } from "../indices/kernel";
import { LATTICE_STRIDE } from "../lattice/kernel";
import { PACKED_LANE, restorePacked, restorePacked4 } from "../rows/kernel";
import { decodeRuns } from "../runs/kernel";
import { kindOf, PLAN_STRIDE, rowStart } from "../stencil/kernel";
import { sumsOfRow } from "../sums/kernel";
import { patch } from "./exceptions";
import { bandRows, bands, depth, height, lag, openSide, outer, PLAN, readGeometry, readPlan, sideIsDone, take, width } from "./mechanism";
import { align, reach } from "./memory";
import {
  addressOf, lengthOf, SECTION_BITS, SECTION_BLOCKS, SECTION_CLASSES, SECTION_COPIES, SECTION_EXCEPTIONS, SECTION_MASK, SECTION_SIDE,
} from "./sections";
import { BAD_SECTIONS, BAD_SIDE_INFORMATION, DAMAGED_BITS, DAMAGED_BLOCKS, OK, OUT_OF_MEMORY } from "./status";

const PACKED: u32 = 3;
const FLAG_MASK: u32 = 1;
const FLAG_LATTICES: u32 = 2;

const LANES: usize = memory.data(4 * 40, 16);

/** The chunk's mask (255 for a masked value), the lattices of its slices; 0 where it has none. */
let mask: usize = 0, lattices: usize = 0;
/** What masked values are, as bits. */
let fill: u64 = 0;
/** Sums of four rows, `sumsStride` bytes apart; a row that takes the place of one that is not there. */
let sums: usize = 0, sumsStride: usize = 0, idle: usize = 0;

export function isPacked(): bool {
  return lengthOf(SECTION_SIDE) > 0 && <u32>load<u8>(addressOf(SECTION_SIDE)) == PACKED;
}

export function decodePacked<F, I>(values: usize, count: u32, scratch: usize): i32 {
  if (addressOf(SECTION_CLASSES) || addressOf(SECTION_BITS) || addressOf(SECTION_COPIES)) return BAD_SECTIONS;
  const section = addressOf(SECTION_BLOCKS), length = lengthOf(SECTION_BLOCKS);
  if (length < 8) return BAD_SECTIONS;
  openSide();
  take(1);
  if (!readGeometry(count)) return BAD_SIDE_INFORMATION;

  const slices = outer * depth;
  const exceptions = addressOf(SECTION_EXCEPTIONS), exceptionsLength = lengthOf(SECTION_EXCEPTIONS);
  const runs = addressOf(SECTION_MASK), runsLength = lengthOf(SECTION_MASK);
  const slice = <usize>height * <usize>width;
  const group = min<usize>(4 * slice, <usize>count);
  // Scratch: rows at work, a lattice for every slice, a mask, the widths of blocks, the residuals of four slices where some are masked.
  sumsStride = align(<usize>width * sizeof<F>() + 64);
  // Blocks end up to 15 values past the last value; what follows keeps away from them.
  sums = align(scratch + 512);
  idle = sums + 4 * sumsStride;
  const latticesAt = idle + sumsStride;
  const maskAt = align(latticesAt + <usize>slices * LATTICE_STRIDE);
  const widths = align(maskAt + (runsLength ? <usize>count : 0) + 64);
  const compact = align(widths + <usize>count / BLOCK + 64);
  if (!reach(compact + (runsLength ? (group + 2 * BLOCK) * sizeof<F>() : 0) + 64)) return OUT_OF_MEMORY;

  const flagsAt = take(1);
  if (!flagsAt) return BAD_SIDE_INFORMATION;
  const flags = <u32>load<u8>(flagsAt);
  if (flags > (FLAG_MASK | FLAG_LATTICES)) return BAD_SIDE_INFORMATION;
  if ((flags & FLAG_MASK) != u32(runsLength != 0) || (exceptionsLength && !(flags & FLAG_LATTICES))) return BAD_SIDE_INFORMATION;
  if (flags & FLAG_MASK) {
    const from = take(sizeof<F>());
    if (!from) return BAD_SIDE_INFORMATION;
    fill = sizeof<F>() == 4 ? <u64>load<u32>(from) : load<u64>(from);
  }
  lattices = flags & FLAG_LATTICES ? latticesAt : 0;
  if (lattices && !readLattices(slices)) return BAD_SIDE_INFORMATION;
  if (!readPlan<F>() || !sideIsDone()) return BAD_SIDE_INFORMATION;

  mask = 0;
  let free = count;
  if (flags & FLAG_MASK) {
    mask = maskAt;
    const masked = decodeRuns(runs, runsLength, mask, count);
    if (masked < 0) return DAMAGED_BLOCKS;
    free -= <u32>masked;
  }
  const blocks = (<usize>free + BLOCK - 1) / BLOCK;
  const quotientsLength = <usize>load<u32>(section), widthsLength = <usize>load<u32>(section, 4);
  if (<u64>quotientsLength + <u64>widthsLength > <u64>(length - 8)) return DAMAGED_BLOCKS;
  const lowLength = <usize>length - 8 - quotientsLength - widthsLength;
  const quotientsAt = section + 8 + lowLength;
  if (!openBlocks<I>(section + 8, lowLength, quotientsAt, quotientsLength, quotientsAt + quotientsLength, widthsLength, blocks, widths)) {
    return DAMAGED_BLOCKS;
  }

  const sliceBytes = slice * sizeof<F>();
  // Blocks that are read, and of masked chunks the residuals in `compact` that belong to slices to come.
  let done: usize = 0, kept: usize = 0;
  for (let first = 0; first < slices; first += 4) {
    const inGroup = min(4, slices - first);
    const from = values + <usize>first * sliceBytes;
    const places = <usize>inGroup * slice;
    if (mask) {
      const groupMask = mask + <usize>first * slice;
      const wanted = unmaskedIn(groupMask, places);
      const more = wanted > kept ? (wanted - kept + BLOCK - 1) / BLOCK : 0;
      if (!readBlocks<I>(widths + done, more, compact + kept * sizeof<F>())) return DAMAGED_BLOCKS;
      done += more;
      spread<I>(compact, groupMask, places, from);
      kept = kept + more * BLOCK - wanted;
      // Fewer than a block: what is left moves to the front.
      memory.copy(compact, compact + wanted * sizeof<F>(), kept * sizeof<F>());
    } else {
      const until = (<usize>(first + inGroup) * slice + BLOCK - 1) / BLOCK;
      if (!readBlocks<I>(widths + done, until - done, values + done * BLOCK * sizeof<F>())) return DAMAGED_BLOCKS;
      done = until;
    }
    if (bands == 4) restoreBands<F, I>(values);
    else restoreSlices<F, I>(values, first, inGroup);
  }
  if (!closeBlocks()) return DAMAGED_BLOCKS;
  if (lattices) {
    for (let s = 0; s < slices; s++) {
      const lattice = lattices + <usize>s * LATTICE_STRIDE;
      if (load<u32>(lattice)) fromIndices<F>(values + <usize>s * sliceBytes, <u32>slice, lattice);
    }
    if (exceptionsLength && !patch<F>(values, count, exceptions, exceptions + exceptionsLength)) return DAMAGED_BITS;
  }
  if (mask) fillMasked<F>(values, count);
  return OK;
}

/** Per slice a form: 0 no lattice, 1 offset and step, 2 divisor, 3 as the slice before. */
function readLattices(slices: i32): bool {
  for (let s = 0; s < slices; s++) {
    const lattice = lattices + <usize>s * LATTICE_STRIDE;
    const formAt = take(1);
    if (!formAt) return false;
    const form = <u32>load<u8>(formAt);
    if (form > 3 || (form == 3 && s == 0)) return false;
    if (form == 3) {
      memory.copy(lattice, lattice - LATTICE_STRIDE, LATTICE_STRIDE);
      continue;
    }
    store<u32>(lattice, form);
    if (form == 0) continue;
    const numbers = take(form == 1 ? 16 : 8);
    if (!numbers) return false;
    store<f64>(lattice, form == 1 ? load<f64>(numbers) : 0, 8);
    store<f64>(lattice, form == 1 ? load<f64>(numbers, 8) : load<f64>(numbers), 16);
  }
  return true;
}

function unmaskedIn(from: usize, places: usize): usize {
  let masked: usize = 0;
  for (let i: usize = 0; i < places; i++) masked += <usize>load<u8>(from + i) & 1;
  return places - masked;
}

/** Residuals in a row to the places that are not masked; 0 or any other to the rest. */
function spread<I>(from: usize, places: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<I>(to + i * sizeof<I>(), load<I>(from));
    from += sizeof<I>() & ~(<usize>load<u8>(places + i));
  }
}

function fillMasked<F>(values: usize, count: u32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (!load<u8>(mask + i)) continue;
    if (sizeof<F>() == 4) store<u32>(values + (i << 2), <u32>fill);
    else store<u64>(values + (i << 3), fill);
  }
}

/** Sums of the row's sources, and its lane. */
function prepare<F>(values: usize, t: i32, z: i32, y: i32, rowSums: usize, lane: usize): void {
  const kind = kindOf(t, z, y, bandRows);
  const plan = PLAN + <usize>kind * PLAN_STRIDE;
  sumsOfRow<F>(values, plan, t, z, y, depth, height, width, bandRows, rowSums);
  const slice = <usize>t * <usize>depth + <usize>z;
  const row = slice * <usize>height + <usize>y;
  store<usize>(lane, values + row * <usize>width * sizeof<F>());
  store<usize>(lane, rowSums, 4);
  store<F>(lane, load<F>(plan, 8), 8);
  store<F>(lane, load<F>(plan, 16), 16);
  store<F>(lane, rowStart<F>(values, kind, t, z, y, depth, height, width), 24);
  store<usize>(lane, mask ? mask + row * <usize>width : 0, 32);
  store<u32>(lane, lattices ? u32(load<u32>(lattices + slice * LATTICE_STRIDE) != 0) : 0, 36);
}

/** Up to four slices at once, each `lag` rows behind the one before it: every source row is whole when it is needed. */
function restoreSlices<F, I>(values: usize, first: i32, group: i32): void {
  const ticks = height + lag * (group - 1);
  for (let tick = 0; tick < ticks; tick++) {
    let active = 0;
    for (let k = 0; k < group; k++) {
      const y = tick - lag * k;
      if (y < 0 || y >= height) continue;
      const s = first + k;
      prepare<F>(values, s / depth, s % depth, y, sums + <usize>active * sumsStride, LANES + <usize>active * PACKED_LANE);
      active++;
    }
    finish<F, I>(active);
  }
}

/** The four bands of a single slice at once. */
function restoreBands<F, I>(values: usize): void {
  for (let tick = 0; tick < bandRows; tick++) {
    let active = 0;
    for (let band = 0; band < 4; band++) {
      const y = band * bandRows + tick;
      if (y >= height) break;
      prepare<F>(values, 0, 0, y, sums + <usize>active * sumsStride, LANES + <usize>active * PACKED_LANE);
      active++;
    }
    finish<F, I>(active);
  }
}

/** Restores the rows that are prepared: at once if there are some, and all are of floats or all of indices. */
function finish<F, I>(active: i32): void {
  let indexed: u32 = 0;
  for (let k = 0; k < active; k++) indexed += load<u32>(LANES + <usize>k * PACKED_LANE, 36);
  if (active < 2 || (indexed != 0 && indexed != <u32>active)) {
    for (let k = 0; k < active; k++) restorePacked<F, I>(LANES + <usize>k * PACKED_LANE, width);
    return;
  }
  for (; active < 4; active++) {
    const lane = LANES + <usize>active * PACKED_LANE;
    memory.copy(lane, LANES, PACKED_LANE);
    store<usize>(lane, idle);
  }
  restorePacked4<F, I>(LANES, width, mask != 0, indexed != 0);
}
