/**
 * Decoding of a joint chunk (mode 5 of `mechanism`): several variables of one shape, one after another, each
 * as a chunk of its own whose stencils may use the variables decoded before it.
 */
import { decodeMechanism, fillMasked, maskDecoded, maskedFill } from "./mechanism";
import { align, reach } from "./memory";
import {
  addressOf, lengthOf, SECTION_BITS, SECTION_BLOCKS, SECTION_CLASSES, SECTION_COPIES, SECTION_EXCEPTIONS, SECTION_MASK, SECTION_MIXED, SECTION_SIDE,
  SECTIONS,
} from "./sections";
import { BAD_SECTIONS, BAD_SIDE_INFORMATION, OK, OUT_OF_MEMORY } from "./status";

export const JOINT: u8 = 5;

/** A bit for every kind of section that a variable may have beside its side information. */
const KINDS: u32 =
  (1 << SECTION_CLASSES) | (1 << SECTION_BITS) | (1 << SECTION_EXCEPTIONS) | (1 << SECTION_MASK) | (1 << SECTION_COPIES) | (1 << SECTION_MIXED) |
  (1 << SECTION_BLOCKS);

/** The sections of the whole stream while SECTIONS holds those of a variable. */
const WHOLE: usize = memory.data(128, 16);
/** Addresses of the fields by number: 0 that at hand, 1 the law's, 2 + v variable v or 0. */
const FIELDS: usize = memory.data(257 * 4, 16);
/** Per variable its mask, or 0, and what masked values are: 16 bytes. */
const MASKED: usize = memory.data(255 * 16, 16);

export function decodeJoint<F, I>(values: usize, count: u32, scratch: usize): i32 {
  memory.copy(WHOLE, SECTIONS, 128);
  let at = addressOf(SECTION_SIDE);
  const end = at + lengthOf(SECTION_SIDE);
  if (end - at < 6) return BAD_SIDE_INFORMATION;
  const steps = load<u32>(at, 1), variables = <u32>load<u8>(at, 5);
  at += 6;
  if (steps == 0 || variables == 0 || count == 0 || count % variables != 0) return BAD_SIDE_INFORMATION;
  const each = count / variables;
  if (each % steps != 0) return BAD_SIDE_INFORMATION;

  // Blocks lie 128 bytes or more apart: vectors read and write a little past both ends.
  const stride = align(<usize>each * sizeof<F>()) + 128;
  const law = align(scratch) + 64;
  const blocks = law + stride;
  let free = blocks + <usize>variables * stride;
  if (free < scratch || !reach(free)) return OUT_OF_MEMORY;
  memory.fill(FIELDS, 0, 257 * 4);
  store<usize>(FIELDS, law, 4);
  for (let k: u32 = 0; k < variables; k++) {
    if (end - at < 6) return BAD_SIDE_INFORMATION;
    const variable = <usize>load<u8>(at), length = load<u32>(at, 1), sections = <u32>load<u8>(at, 5);
    at += 6;
    // Every variable comes once.
    if (variable >= <usize>variables || load<usize>(FIELDS + 8 + 4 * variable) != 0) return BAD_SIDE_INFORMATION;
    if (end - at < <usize>sections * 5) return BAD_SIDE_INFORMATION;
    memory.fill(SECTIONS, 0, 128);
    for (let n: u32 = 0; n < sections; n++) {
      const kind = <u32>load<u8>(at), bytes = load<u32>(at, 1);
      at += 5;
      if (kind > 15 || !(KINDS & (1 << kind)) || addressOf(kind)) return BAD_SECTIONS;
      if (!take(kind, bytes)) return BAD_SECTIONS;
    }
    if (end - at < <usize>length) return BAD_SIDE_INFORMATION;
    store<u32>(SECTIONS + 8 * SECTION_SIDE, <u32>at);
    store<u32>(SECTIONS + 8 * SECTION_SIDE, length, 4);
    at += length;
    const block = blocks + variable * stride;
    store<usize>(FIELDS, block);
    const status = decodeMechanism<F, I>(block, each, free, FIELDS);
    if (status != OK) return status;
    const mask = maskDecoded();
    store<usize>(MASKED + 16 * variable, mask);
    store<u64>(MASKED + 16 * variable, maskedFill(), 8);
    if (mask) free = mask + <usize>each + 64;
    store<usize>(FIELDS + 8 + 4 * variable, block);
  }
  if (at != end) return BAD_SIDE_INFORMATION;
  for (let kind: usize = 2; kind < 16; kind++) if (load<u32>(WHOLE + 8 * kind, 4) != 0) return BAD_SECTIONS;

  const part = <usize>(each / steps) * sizeof<F>();
  for (let v: usize = 0; v < <usize>variables; v++) {
    const block = blocks + v * stride;
    if (load<usize>(MASKED + 16 * v)) fillMasked<F>(block, each, load<usize>(MASKED + 16 * v), load<u64>(MASKED + 16 * v, 8));
    for (let s: usize = 0; s < <usize>steps; s++) memory.copy(values + (s * <usize>variables + v) * part, block + s * part, part);
  }
  return OK;
}

/** Moves the next bytes of a section of the whole stream into that of the variable at hand. */
function take(kind: u32, bytes: u32): bool {
  const whole = WHOLE + 8 * <usize>kind;
  const from = load<u32>(whole), left = load<u32>(whole, 4);
  if (!from || bytes > left) return false;
  store<u32>(SECTIONS + 8 * <usize>kind, from);
  store<u32>(SECTIONS + 8 * <usize>kind, bytes, 4);
  store<u32>(whole, from + bytes);
  store<u32>(whole, left - bytes, 4);
  return true;
}
