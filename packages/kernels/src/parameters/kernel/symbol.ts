/**
 * Coding of one symbol, given what it is predicted to be and how far off that is likely to be: how far it is from the
 * nearest integer, on which side, the bits below the leading one. Grids and other arrays learn apart.
 */
import { codeEven } from "../../mixing/kernel/coder";
import { decide4, FAMILY, familySize, openFamily, setContext } from "../../mixing/kernel/decisions";

const GROUPS: u32 = 2;
const ZERO_BITS: u32 = 12, SIGN_BITS: u32 = 10, CLASS_BITS: u32 = 15, LOW_BITS: u32 = 14;
const ZERO_SETS: u32 = 32, SIGN_SETS: u32 = 1, CLASS_SETS: u32 = 512, LOW_SETS: u32 = 16;
const PLACE_SETS: u32 = 64, LEVEL_SETS: u32 = 32, STEP_SETS: u32 = 16, NODE_SETS: u32 = 8;
/** A residual has 17 bits with its sign. */
const LARGEST_CLASS: u32 = 15;
/** Bits below the leading one that are modelled. */
const MODELLED: u32 = 3;

const zeros: usize = memory.data(2 * <i32>FAMILY, 16), signs: usize = memory.data(2 * <i32>FAMILY, 16);
const classes: usize = memory.data(2 * <i32>FAMILY, 16), lows: usize = memory.data(2 * <i32>FAMILY, 16);

export function symbolsSize(): usize {
  const group = familySize(4, ZERO_BITS, ZERO_SETS + PLACE_SETS) + familySize(4, SIGN_BITS, SIGN_SETS + LEVEL_SETS)
    + familySize(4, CLASS_BITS, CLASS_SETS + STEP_SETS) + familySize(4, LOW_BITS, LOW_SETS + NODE_SETS);
  return GROUPS * group;
}

/** Nothing is learned yet. Returns the end of what it takes. */
export function openSymbols(room: usize): usize {
  let at = room;
  for (let group: u32 = 0; group < GROUPS; group++) {
    const offset = <usize>group * <usize>FAMILY;
    at = openFamily(zeros + offset, at, 4, ZERO_BITS, ZERO_SETS, PLACE_SETS);
    at = openFamily(signs + offset, at, 4, SIGN_BITS, SIGN_SETS, LEVEL_SETS);
    at = openFamily(classes + offset, at, 4, CLASS_BITS, CLASS_SETS, STEP_SETS);
    at = openFamily(lows + offset, at, 4, LOW_BITS, LOW_SETS, NODE_SETS);
  }
  return at;
}

/** Quarters of an octave: the exponent and two bits below, from 2^-6 on. */
// @ts-ignore: decorator
@inline
function levelOf(error: f64): u32 {
  return <u32>max<i32>(0, min<i32>(63, <i32>(reinterpret<u32>(<f32>(error + 0.015625)) >> 21) - 484));
}

/**
 * Codes `symbol`, and returns it. `predicted` is from -32767 to 32767; `near` and `expected` are what it was off by around,
 * and what it is likely to be off by; `place` (to 63) and `sides` (to 26) tell places and neighbours' signs apart.
 */
export function codeSymbol(group: u32, symbol: i32, predicted: f64, near: f64, expected: f64, place: u32, sides: u32): i32 {
  const offset = <usize>group * <usize>FAMILY;
  const middle = <i32>Math.floor(predicted + 0.5);
  const fraction = <u32>max<i32>(0, min<i32>(15, <i32>((predicted - <f64>middle + 0.5) * 16)));
  const aside: u32 = fraction < 8 ? 7 - fraction : fraction - 8;
  const value = 16 * <u32>(max<i32>(-3, min<i32>(3, middle)) + 3) + fraction;
  const level = levelOf(expected), half = level >> 1, around = levelOf(near);
  const residual = symbol - middle;
  const magnitude = <u32>abs<i32>(residual);

  setContext(0, 8 * level + aside);
  setContext(1, 64 * place + around);
  setContext(2, 32 * value + half);
  if (!decide4(zeros + offset, half, place, u32(magnitude != 0))) return middle;

  setContext(0, 64 * fraction + level);
  setContext(1, value);
  setContext(2, 32 * sides + half);
  const negative = decide4(signs + offset, 0, half, u32(residual < 0));
  const lean: u32 = negative ? fraction : 15 - fraction;

  const wanted: u32 = 31 - clz<u32>(magnitude | 1);
  let step: u32 = 0;
  for (; step < LARGEST_CLASS; step++) {
    setContext(0, 64 * step + level);
    setContext(1, 32 * (64 * step + place) + (around >> 1));
    setContext(2, 32 * (16 * step + lean) + half);
    if (!decide4(classes + offset, 32 * step + half, step, u32(wanted > step))) break;
  }

  let node: u32 = 1;
  const modelled = min<u32>(step, MODELLED);
  for (let k: u32 = 1; k <= modelled; k++) {
    const place = 8 * step + node;
    setContext(0, 64 * place + level);
    setContext(1, 64 * place + around);
    setContext(2, 16 * place + lean);
    node = 2 * node + decide4(lows + offset, step, node, (magnitude >> (step - k)) & 1);
  }
  const even = step - modelled;
  const decoded = <i32>((node << even) | <u32>codeEven(<u64>(magnitude & ((1 << even) - 1)), even));
  return negative ? middle - decoded : middle + decoded;
}
