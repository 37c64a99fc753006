/** Floats: sign, exponent and the highest bits of the fraction are modelled, the rest are even bits. */
import { decoderIsWhole } from "../../binary/kernel";
import { codeEven, isEncoding } from "../../mixing/kernel/coder";
import { decide4, FAMILY, familySize, openFamily, setContext } from "../../mixing/kernel/decisions";
import { FORMAT_FLOAT16, PARAMETERS_AT, PARAMETERS_FORMAT } from "../offsets";
import { countOf, featuresOf } from "./entry";

const EXPONENT_BITS: u32 = 13, FRACTION_BITS: u32 = 11;
const EXPONENT_SETS: u32 = 8, FRACTION_SETS: u32 = 8;
const exponents: usize = memory.data(<i32>FAMILY, 16), fractions: usize = memory.data(<i32>FAMILY, 16);

export function floatsSize(): usize {
  return familySize(4, EXPONENT_BITS, EXPONENT_SETS + 1) + familySize(4, FRACTION_BITS, FRACTION_SETS + 1);
}

export function openFloats(room: usize): usize {
  return openFamily(fractions, openFamily(exponents, room, 4, EXPONENT_BITS, EXPONENT_SETS, 1), 4, FRACTION_BITS, FRACTION_SETS, 1);
}

// @ts-ignore: decorator
@inline
function exponentAt(at: usize, i: usize, distance: usize): u32 {
  return i < distance ? 0 : (load<u32>(at + ((i - distance) << 2)) >> 23) & 255;
}

/** Of an exponent, what tells it from its neighbours'. */
// @ts-ignore: decorator
@inline
function near(exponent: u32): u32 {
  return max<u32>(exponent, 104) - 104 & 31;
}

/** False where the code has ended before. */
export function codeFloats(entry: usize): bool {
  const at = <usize>load<u32>(entry, PARAMETERS_AT), count = countOf(entry), features = featuresOf(entry);
  const rest: u32 = load<u32>(entry, PARAMETERS_FORMAT) == FORMAT_FLOAT16 ? 7 : 20;
  const missing = 20 - rest;
  for (let i: usize = 0; i < count; i++) {
    if (!isEncoding() && !decoderIsWhole()) return false;
    const bits = isEncoding() ? load<u32>(at + (i << 2)) : 0;
    const left = near(exponentAt(at, i, 1)), above = near(exponentAt(at, i, features));
    let node: u32 = 1;
    for (let k: u32 = 1; k <= 8; k++) {
      setContext(0, node);
      setContext(1, 256 * left + node);
      setContext(2, 256 * above + node);
      node = 2 * node + decide4(exponents, k - 1, 0, (bits >> (31 - k)) & 1);
    }
    const exponent = node & 255;
    node = 1;
    for (let k: u32 = 1; k <= 3; k++) {
      setContext(0, node);
      setContext(1, 8 * exponent + node);
      setContext(2, 8 * above + node);
      node = 2 * node + decide4(fractions, node, 0, (bits >> (23 - k)) & 1);
    }
    const mask: u32 = (1 << rest) - 1;
    const even = <u32>codeEven(<u64>((((bits >> 31) << rest)) | ((bits >> missing) & mask)), rest + 1);
    store<u32>(at + (i << 2), ((even >> rest) << 31) | (exponent << 23) | ((node & 7) << 20) | ((even & mask) << missing));
  }
  return true;
}
