/**
 * Codes the parameters of a network: arrays of symbols (quantised parameters) or of floats, one after another,
 * in one code; `spec/stream.md`, section 5.2. One model text codes and decodes.
 *
 * For a decoder: fill the table (`offsets.ts`) from the network's shape, checked; reserve the arrays, and
 * `parametersScratch` bytes of scratch at a multiple of 16; then `decodeParameters`. Any code ends: with false
 * where it is damaged, and what stands in the arrays then means nothing. Nothing outside of them and of the scratch
 * is written, nothing outside of the code is read.
 */
import { decoderIsDone, finishEncoder } from "../binary/kernel";
import { openCoder } from "../mixing/kernel/coder";
import { buildTables } from "../mixing/kernel/tables";
import { codeSymbols, symbolsScratch } from "./kernel/array";
import { codeFloats, floatsSize, openFloats } from "./kernel/floats";
import { openSymbols, symbolsSize } from "./kernel/symbol";
import { FORMAT_INTEGER, PARAMETERS_FORMAT, PARAMETERS_STRIDE } from "./offsets";

/** Bytes of scratch for these arrays. */
export function parametersScratch(table: usize, arrays: i32): usize {
  let most: usize = 0;
  for (let k = 0; k < arrays; k++) {
    const entry = table + <usize>k * PARAMETERS_STRIDE;
    if (load<u32>(entry, PARAMETERS_FORMAT) == FORMAT_INTEGER) most = max(most, symbolsScratch(entry));
  }
  return symbolsSize() + floatsSize() + most;
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
  const room = openFloats(openSymbols(scratch));
  for (let k = 0; k < arrays; k++) {
    const entry = table + <usize>k * PARAMETERS_STRIDE;
    const whole = load<u32>(entry, PARAMETERS_FORMAT) == FORMAT_INTEGER ? codeSymbols(entry, room) : codeFloats(entry);
    if (!whole) return false;
  }
  return true;
}
