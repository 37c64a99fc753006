/** Decoding of the `neural` predictor: model, residuals, special values -> values. */
import { decodeMask } from "../../mask/kernel";
import { decodeParameters, parametersScratch } from "../../parameters/kernel";
import { decodeRuns } from "../../runs/kernel";
import { closeValues, decodeSlice, openValues } from "../class-model";
import { patch } from "../exceptions";
import { align, reach } from "../memory";
import {
  addressOf, lengthOf, SECTION_BITS, SECTION_CLASSES, SECTION_EXCEPTIONS, SECTION_MASK, SECTION_MODEL,
} from "../sections";
import { BAD_SECTIONS, DAMAGED_BITS, DAMAGED_CLASSES, DAMAGED_MODEL, OK, OUT_OF_MEMORY } from "../status";
import { layOut, networkBytes, spreadParameters } from "./layout";
import { arrays, BOUNDED, depth, height, maskAt, masks, outer, readSide, TABLE, width } from "./side-information";
import { restoreValues } from "./values";

/** The most that addresses leave room for. */
const MOST_MEMORY: u64 = 0xf0000000;

/** `header` is the stream's, `sections` their number. */
export function decodeNeural<F, I>(header: usize, sections: u32, guarantee: u32, values: usize, count: u32, scratch: usize): i32 {
  const coded = guarantee <= BOUNDED;
  const optional = u32(addressOf(SECTION_MASK) != 0) + u32(addressOf(SECTION_EXCEPTIONS) != 0);
  if (!addressOf(SECTION_MODEL) || coded != (addressOf(SECTION_CLASSES) != 0) || coded != (addressOf(SECTION_BITS) != 0)) return BAD_SECTIONS;
  if (sections != 2 + optional + (coded ? 2 : 0)) return BAD_SECTIONS;
  const read = readSide<F>(header, count, guarantee);
  if (read != OK) return read;

  // Scratch: a mask, classes (before them one special value's mask), the contexts of a row, the network.
  const maskRows = align(scratch) + 64;
  const classRows = align(maskRows + (masks ? <usize>count : 0)) + 64;
  const contexts = align(classRows + (masks || coded ? <usize>count : 0)) + 64;
  const network = align(contexts + <usize>width) + 64;
  const bytes = networkBytes();
  if (bytes > MOST_MEMORY || <u64>network + bytes > MOST_MEMORY) return OUT_OF_MEMORY;
  const coder = align(network + <usize>bytes);
  if (!reach(coder + 64)) return OUT_OF_MEMORY;
  layOut(network);
  const coderBytes = <u64>parametersScratch(TABLE, arrays);
  if (<u64>coder + coderBytes > MOST_MEMORY || !reach(coder + <usize>coderBytes + 64)) return OUT_OF_MEMORY;

  if (!decodeParameters(TABLE, arrays, coder, addressOf(SECTION_MODEL), lengthOf(SECTION_MODEL))) return DAMAGED_MODEL;
  spreadParameters();
  if (masks && !decodeMasks<F>(maskRows, classRows, count)) return DAMAGED_BITS;
  if (coded) {
    const residual = decodeResidual<I>(values, masks ? maskRows : 0, classRows, contexts);
    if (residual != OK) return residual;
  }
  restoreValues<F, I>(values, guarantee);
  if (masks) putSpecialValues<F>(values, maskRows, count);
  const exceptions = addressOf(SECTION_EXCEPTIONS);
  if (exceptions && !patch<F>(values, count, exceptions, exceptions + lengthOf(SECTION_EXCEPTIONS))) return DAMAGED_BITS;
  return OK;
}

/** A byte a value: 0, or one more than the number of its special value. `one` has room for the mask of one. */
function decodeMasks<F>(to: usize, one: usize, count: u32): bool {
  memory.fill(to, 0, count);
  let code = addressOf(SECTION_MASK);
  for (let mask = 0; mask < masks; mask++) {
    const record = maskAt(mask) + sizeof<F>();
    const runs = load<u8>(record) == 1, length = load<u32>(record, 1);
    if (runs ? decodeRuns(code, length, one, count) < 0 : !decodeMask(one, outer * depth, depth, height, width, code, length)) return false;
    code += length;
    for (let i: usize = 0; i < <usize>count; i++) if (load<u8>(one + i)) store<u8>(to + i, <u8>(mask + 1));
  }
  return true;
}

/** Residual classes and bits -> zigzag residuals where the values will be. */
function decodeResidual<I>(values: usize, mask: usize, classRows: usize, contexts: usize): i32 {
  if (!openValues(addressOf(SECTION_CLASSES), lengthOf(SECTION_CLASSES), addressOf(SECTION_BITS), lengthOf(SECTION_BITS))) return DAMAGED_CLASSES;
  const bytes = <usize>height * <usize>width * sizeof<I>();
  for (let slice = 0; slice < outer * depth; slice++) {
    const to = values + <usize>slice * bytes;
    if (!decodeSlice<I>(slice, depth, height, width, height, mask, classRows, contexts, to)) return DAMAGED_CLASSES;
  }
  return closeValues() ? OK : DAMAGED_BITS;
}

function putSpecialValues<F>(values: usize, mask: usize, count: u32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const number = <i32>load<u8>(mask + i);
    if (number) memory.copy(values + i * sizeof<F>(), maskAt(number - 1), sizeof<F>());
  }
}
