/** Mode 4 of `mechanism`: the mixed model over a chunk, decoded; what the encoder shares with that. */
import { LATTICE_STRIDE } from "../lattice/kernel";
import { codeMixed, mixedScratch } from "../mixing/kernel/model";
import { fill, lattices, masked, readParameters } from "../mixing/kernel/parameters";
import { patch } from "./exceptions";
import { align, reach } from "./memory";
import {
  addressOf, lengthOf, SECTION_BITS, SECTION_CLASSES, SECTION_COPIES, SECTION_EXCEPTIONS, SECTION_MASK, SECTION_MIXED, SECTION_SIDE,
} from "./sections";
import { BAD_SIDE_INFORMATION, DAMAGED_BITS, OK, OUT_OF_MEMORY } from "./status";

/** Lattices that memory can hold for certain. */
const MOST_SLICES: u32 = 1 << 24;

/** Reads side information, lattices into `room`: a slice takes at least a byte. Returns the scratch needed, 0 where it is bad. */
export function openMixed<F>(side: usize, sideLength: u32, count: u32, room: usize, fields: usize): usize {
  if (!readParameters(side, sideLength, count, sizeof<F>(), room, fields)) return 0;
  return mixedScratch<F>(count);
}

/** `known` is 0, or the fields by number of the joint chunk that this is a variable of. */
export function decodeMixed<F, I>(values: usize, count: u32, scratch: usize, known: usize): i32 {
  const others = lengthOf(SECTION_CLASSES) | lengthOf(SECTION_BITS) | lengthOf(SECTION_MASK) | lengthOf(SECTION_COPIES);
  const code = addressOf(SECTION_MIXED);
  if (others || !code) return BAD_SIDE_INFORMATION;
  const sideLength = lengthOf(SECTION_SIDE);
  // A lattice for every slice, of which there are no more than values, nor than bytes of side information.
  const slices = min<u32>(sideLength, count);
  if (slices > MOST_SLICES) return OUT_OF_MEMORY;
  const mask = align(scratch) + 64;
  const room = align(mask + <usize>count) + 64;
  const free = align(room + <usize>slices * LATTICE_STRIDE) + 64;
  if (!reach(free)) return OUT_OF_MEMORY;
  const needed = openMixed<F>(addressOf(SECTION_SIDE), sideLength, count, room, known);
  if (needed == 0 || (lengthOf(SECTION_EXCEPTIONS) && !lattices)) return BAD_SIDE_INFORMATION;
  if (!reach(free + needed)) return OUT_OF_MEMORY;
  const exceptions = addressOf(SECTION_EXCEPTIONS), exceptionsLength = lengthOf(SECTION_EXCEPTIONS);
  if (masked) memory.fill(mask, 0, count);
  if (codeMixed<F, I>(false, values, mask, count, free, code, lengthOf(SECTION_MIXED)) == 0) return DAMAGED_BITS;
  if (exceptionsLength && !patch<F>(values, count, exceptions, exceptions + exceptionsLength)) return DAMAGED_BITS;
  if (masked) fillMasked<F>(values, mask, count);
  return OK;
}

/** Gives masked values what they are. */
function fillMasked<F>(values: usize, mask: usize, count: u32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (!load<u8>(mask + i)) continue;
    if (sizeof<F>() == 4) store<u32>(values + (i << 2), <u32>fill);
    else store<u64>(values + (i << 3), fill);
  }
}

export { codeMixed };
