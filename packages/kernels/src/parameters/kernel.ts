/**
 * Codes the parameters of a network: arrays of symbols (quantised parameters) or of floats, one after another,
 * in one code. One model text codes and decodes.
 *
 * For a decoder: fill the table (`offsets.ts`) from the network's shape, checked; reserve the arrays, and
 * `parametersScratch` bytes of scratch at a multiple of 16; then `decodeParameters`. Any code ends: with false
 * where it is damaged, and what stands in the arrays then means nothing. Nothing outside of them and of the scratch
 * is written, nothing outside of the code is read.
 */
import { decoderIsDone, decoderIsWhole, finishEncoder } from "../binary/kernel";
import { codeEven, isEncoding, openCoder } from "../mixing/kernel/coder";
import { decide4, FAMILY, familySize, openFamily, setContext } from "../mixing/kernel/decisions";
import { buildTables } from "../mixing/kernel/tables";
import {
  FORMAT_FLOAT16, FORMAT_INTEGER, PARAMETERS_AT, PARAMETERS_EXTENTS, PARAMETERS_FORMAT, PARAMETERS_RANK, PARAMETERS_STRIDE,
} from "./offsets";

const family: usize = memory.data(<i32>FAMILY, 16);

/** Bytes of scratch for these arrays. */
export function parametersScratch(table: usize, arrays: i32): usize {
  return familySize(4, 8, 2);
}

/** Returns the code's end; `to` has room for 5 bytes a parameter and 64 more. */
export function encodeParameters(table: usize, arrays: i32, scratch: usize, to: usize): usize {
  openCoder(true, to, 0);
  codeArrays(table, arrays, scratch);
  return finishEncoder();
}

/** False where the code is damaged, or does not end where the last array does. */
export function decodeParameters(table: usize, arrays: i32, scratch: usize, from: usize, length: u32): bool {
  if (!openCoder(false, from, length)) return false;
  return codeArrays(table, arrays, scratch) && decoderIsDone();
}

function codeArrays(table: usize, arrays: i32, scratch: usize): bool {
  buildTables();
  openFamily(family, scratch, 4, 8, 1, 1);
  for (let k = 0; k < arrays; k++) {
    const entry = table + <usize>k * PARAMETERS_STRIDE;
    const at = <usize>load<u32>(entry, PARAMETERS_AT), format = load<u32>(entry, PARAMETERS_FORMAT);
    let count: usize = 1;
    for (let axis: usize = 0; axis < <usize>load<u32>(entry, PARAMETERS_RANK); axis++) count *= <usize>load<u32>(entry + PARAMETERS_EXTENTS + (axis << 2));
    for (let i: usize = 0; i < count; i++) {
      if (!isEncoding() && (i & 1023) == 0 && !decoderIsWhole()) return false;
      if (format == FORMAT_INTEGER) {
        const place = at + (i << 1);
        store<i16>(place, <i16>codeSymbol(isEncoding() ? <i32>load<i16>(place) : 0));
      } else {
        const place = at + (i << 2);
        const low: u32 = format == FORMAT_FLOAT16 ? 13 : 0;
        store<u32>(place, <u32>codeEven(<u64>(isEncoding() ? load<u32>(place) >> low : 0), 32 - low) << low);
      }
    }
  }
  return true;
}

function decision(context: u32, bit: u32): u32 {
  for (let k: u32 = 0; k < 3; k++) setContext(k, context);
  return decide4(family, 0, 0, bit);
}

function codeSymbol(symbol: i32): i32 {
  const magnitude = <u32>abs(symbol);
  const wanted: u32 = 32 - clz<u32>(magnitude);
  let kind: u32 = 0;
  while (kind < 16 && decision(kind, u32(wanted > kind))) kind++;
  if (kind == 0) return 0;
  const rest = <u32>codeEven(<u64>(magnitude & ((1 << (kind - 1)) - 1)), kind - 1);
  const decoded = <i32>(rest | (1 << (kind - 1)));
  return decision(32, u32(symbol < 0)) ? -decoded : decoded;
}
