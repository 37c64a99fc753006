/**
 * fieldzip-decode.wasm: the decoder of one stream (spec/stream.md), self-contained, without imports.
 *
 *   reserve(inputLength, outputLength)  -> address for the stream's bytes, 0 if memory is refused
 *   decode(inputLength, type, count)    -> status (assembly/status.ts); type 1 float32, 2 float64
 *   output()                            -> address of the values
 *   detail()                            -> what the status is about: an offset, a version, a section kind
 *
 * Nothing is decoded before every checksum holds, and nothing larger than `outputLength` is written.
 */
import { buildUnaryTable } from "../blocks/kernel";
import { buildCrcTables, crc32c } from "../crc32c/kernel";
import { decodeJoint, JOINT } from "./joint";
import { decodeMechanism } from "./mechanism";
import { decodeMechanismSolve } from "./mechanism-solve";
import { align, reach } from "./memory";
import { decodeNeural } from "./neural/decode";
import { decodePacked, isPacked } from "./packed";
import {
  addressOf, KNOWN_SECTIONS, lengthOf, SECTION_BITS, SECTION_BLOCKS, SECTION_BOUNDARY, SECTION_CLASSES, SECTION_MASK, SECTION_MODEL, SECTION_SIDE,
  SECTION_SOURCE, SECTION_VALUES, SECTIONS,
} from "./sections";
import {
  BAD_HEADER, BAD_SECTIONS, HEADER_CHECKSUM, NOT_A_STREAM, OK, SECTION_CHECKSUM, TRUNCATED, UNKNOWN_DATA_TYPE,
  UNKNOWN_GUARANTEE, UNKNOWN_PREDICTOR, UNKNOWN_VERSION, WRONG_SHAPE,
} from "./status";

const MAGIC: u32 = 0x50495a46; // "FZIP"

let input: usize = 0;
let values: usize = 0;
let scratch: usize = 0;
let about: u32 = 0;
let ready: bool = false;

export function output(): usize {
  return values;
}

export function detail(): u32 {
  return about;
}

export function reserve(inputLength: u32, outputLength: u32): usize {
  // Input, output and scratch lie apart by at least 64 bytes: vectors read a little past both ends.
  const from = align(__heap_base) + 64;
  const out = align(from + <usize>inputLength) + 128;
  const free = align(out + <usize>outputLength) + 128;
  if (free < out || out < from || !reach(free)) return 0;
  input = from;
  values = out;
  scratch = free;
  if (!ready) {
    buildCrcTables();
    buildUnaryTable();
    ready = true;
  }
  return from;
}

export function decode(length: u32, type: u32, count: u32): i32 {
  about = 0;
  const status = openStream(length, type, count);
  if (status != OK) return status;
  const predictor = load<u8>(input, 7);
  const sections = <u32>load<u8>(input, 9);
  const solved = addressOf(SECTION_SOURCE) != 0 || addressOf(SECTION_BOUNDARY) != 0;
  if ((solved && predictor != 2) || (addressOf(SECTION_MODEL) && predictor != 3)) return BAD_SECTIONS;
  if (predictor == 0) {
    const bytes = lengthOf(SECTION_VALUES);
    if (sections != 1 || !addressOf(SECTION_VALUES)) return BAD_SECTIONS;
    if (<u64>bytes != <u64>count * (type == 1 ? 4 : 8)) return BAD_SECTIONS;
    memory.copy(values, addressOf(SECTION_VALUES), bytes);
    return OK;
  }
  if (!addressOf(SECTION_SIDE) || addressOf(SECTION_VALUES)) return BAD_SECTIONS;
  if (predictor == 2) {
    // Exactly these: side information, residual classes and bits, source term, boundary data, at times a mask.
    const all = addressOf(SECTION_CLASSES) && addressOf(SECTION_BITS) && addressOf(SECTION_SOURCE) && addressOf(SECTION_BOUNDARY);
    if (!all || sections != (addressOf(SECTION_MASK) ? 6 : 5)) return BAD_SECTIONS;
    return type == 1
      ? decodeMechanismSolve<f32, i32>(values, count, scratch)
      : decodeMechanismSolve<f64, i64>(values, count, scratch);
  }
  if (predictor == 3) {
    const guarantee = <u32>load<u8>(input, 6);
    return type == 1
      ? decodeNeural<f32, i32>(input, sections, guarantee, values, count, scratch)
      : decodeNeural<f64, i64>(input, sections, guarantee, values, count, scratch);
  }
  if (isPacked()) {
    return type == 1 ? decodePacked<f32, i32>(values, count, scratch) : decodePacked<f64, i64>(values, count, scratch);
  }
  if (lengthOf(SECTION_SIDE) > 0 && load<u8>(addressOf(SECTION_SIDE)) == JOINT) {
    return type == 1 ? decodeJoint<f32, i32>(values, count, scratch) : decodeJoint<f64, i64>(values, count, scratch);
  }
  // Residual blocks are of that mode alone.
  if (addressOf(SECTION_BLOCKS)) return BAD_SECTIONS;
  return type == 1
    ? decodeMechanism<f32, i32>(values, count, scratch, 0)
    : decodeMechanism<f64, i64>(values, count, scratch, 0);
}

/** Checks header, sections and checksums, and fills SECTIONS. */
function openStream(length: u32, type: u32, count: u32): i32 {
  if (length < 16) return TRUNCATED;
  if (load<u32>(input) != MAGIC) return NOT_A_STREAM;
  about = load<u8>(input, 4);
  if (about != 1) return UNKNOWN_VERSION;
  const rank = <u32>load<u8>(input, 8), sections = <u32>load<u8>(input, 9);
  const headerLength: u32 = 12 + 4 * rank + 12 * sections + 4;
  about = headerLength;
  if (rank > 8 || sections > 8) return BAD_HEADER;
  if (length < headerLength) return TRUNCATED;
  if (crc32c(input, headerLength - 4) != load<u32>(input + headerLength - 4)) return HEADER_CHECKSUM;
  about = load<u8>(input, 5);
  if (about != 1 && about != 2) return UNKNOWN_DATA_TYPE;
  if (about != type) return WRONG_SHAPE;
  about = load<u8>(input, 6);
  if (about > 2) return UNKNOWN_GUARANTEE;
  about = load<u8>(input, 7);
  if (about > 3) return UNKNOWN_PREDICTOR;
  about = 10;
  if (load<u16>(input, 10) != 0) return BAD_HEADER;
  let product: u64 = 1;
  for (let axis: u32 = 0; axis < rank; axis++) {
    const extent = load<u32>(input + 12 + 4 * axis);
    // Saturates far above any count, so that a product never wraps; a later 0 still makes it 0.
    product = min<u64>(product * <u64>extent, <u64>1 << 31);
  }
  about = <u32>product;
  if (product != <u64>count) return WRONG_SHAPE;

  memory.fill(SECTIONS, 0, 128);
  let offset: u32 = headerLength;
  for (let k: u32 = 0; k < sections; k++) {
    const entry = input + 12 + 4 * rank + 12 * k;
    const kind = load<u32>(entry), bytes = load<u32>(entry, 4);
    about = kind;
    if (kind == 0 || kind > 15 || load<u32>(SECTIONS + 8 * kind)) return BAD_SECTIONS;
    if (bytes > length - offset) return TRUNCATED;
    if (crc32c(input + offset, bytes) != load<u32>(entry, 8)) return SECTION_CHECKSUM;
    store<u32>(SECTIONS + 8 * kind, <u32>input + offset);
    store<u32>(SECTIONS + 8 * kind, bytes, 4);
    offset += bytes;
  }
  for (let kind: usize = 1; kind < 16; kind++) {
    about = <u32>kind;
    if (!(KNOWN_SECTIONS & (1 << <u32>kind)) && load<u32>(SECTIONS + 8 * kind)) return BAD_SECTIONS;
  }
  about = offset;
  return offset == length ? OK : BAD_SECTIONS;
}
