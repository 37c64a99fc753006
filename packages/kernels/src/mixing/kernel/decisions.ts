/**
 * Binary decisions under mixed contexts (after M. Mahoney's PAQ): every context has a counter, a
 * probability of a 1 in 22 bits that moves by 1 / (n + 1.6) of what it missed, n up to 255; the logistic
 * images of all counters, and a constant, are weighed by two sets of weights, whose sums are averaged;
 * both sets learn from what each by itself missed. Sums take four lanes: inputs 0, 4, then 1, 5, and so on.
 */
import { codeBit } from "./coder";
import { RECIPROCALS, SQUASH, SQUASH_STEPS, STRETCH } from "./tables";

/** Bytes of a family of decisions: u32 counters' address, log2 of counters a context, addresses of both groups of weight sets. */
export const FAMILY: i32 = 16;

const LIMIT: u32 = 255;
const RATE: f32 = 0.02;
const BIAS: f32 = 0.4;

/** Contexts of the decision at hand. */
export const CONTEXTS: usize = memory.data(8 * 4, 16);
const PLACES: usize = memory.data(8 * 4, 16);
const INPUTS: usize = memory.data(8 * 4, 16);

// @ts-ignore: decorator
@inline
export function setContext(k: usize, context: u32): void {
  store<u32>(CONTEXTS + (k << 2), context);
}

/** Bytes of a family of `inputs` (4 or 8) with 2^bits counters a context and so many weight sets. */
export function familySize(inputs: u32, bits: u32, sets: u32): usize {
  return (<usize>(inputs - 1) << (bits + 2)) + <usize>sets * <usize>inputs * 4;
}

export function openFamily(family: usize, at: usize, inputs: u32, bits: u32, firstSets: u32, secondSets: u32): usize {
  store<u32>(family, <u32>at);
  store<u32>(family, bits, 4);
  const counters = <usize>(inputs - 1) << bits;
  for (let k: usize = 0; k < counters; k++) store<u32>(at + (k << 2), 0x80000000);
  const first = at + (counters << 2);
  store<u32>(family, <u32>first, 8);
  store<u32>(family, <u32>(first + <usize>firstSets * <usize>inputs * 4), 12);
  const weights = <usize>(firstSets + secondSets) * <usize>inputs;
  const weight: f32 = inputs == 4 ? 0.4 : 0.25;
  for (let k: usize = 0; k < weights; k++) store<f32>(first + (k << 2), weight);
  return first + (weights << 2);
}

// @ts-ignore: decorator
@inline
function squash(x: f32): f32 {
  const place = (max<f32>(min<f32>(x, 11.99), -11.99) + 12) * SQUASH_STEPS;
  return load<f32>(SQUASH + (<usize><u32>place << 2));
}

// @ts-ignore: decorator
@inline
function laneSum(v: v128): f32 {
  return v128.extract_lane<f32>(v, 0) + v128.extract_lane<f32>(v, 1) + (v128.extract_lane<f32>(v, 2) + v128.extract_lane<f32>(v, 3));
}

// @ts-ignore: decorator
@inline
function gather(family: usize, contexts: u32): void {
  const counters = <usize>load<u32>(family), bits = load<u32>(family, 4);
  for (let k: u32 = 0; k < contexts; k++) {
    const place = counters + (<usize>((k << bits) + load<u32>(CONTEXTS + (<usize>k << 2))) << 2);
    store<u32>(PLACES + (<usize>k << 2), <u32>place);
    store<f32>(INPUTS + (<usize>k << 2), load<f32>(STRETCH + (<usize>(load<u32>(place) >> 20) << 2)));
  }
  store<f32>(INPUTS + (<usize>contexts << 2), BIAS);
}

// @ts-ignore: decorator
@inline
function adapt(contexts: u32, bit: u32): void {
  const target: i64 = bit ? 0x3fffff : 0;
  for (let k: u32 = 0; k < contexts; k++) {
    const place = <usize>load<u32>(PLACES + (<usize>k << 2));
    const counter = load<u32>(place);
    const n = counter & 1023;
    const p = <i64>(counter >> 10);
    const moved = p + (((target - p) * <i64>load<u32>(RECIPROCALS + (<usize>n << 2))) >> 16);
    store<u32>(place, (<u32>moved << 10) | (n < LIMIT ? n + 1 : n));
  }
}

// @ts-ignore: decorator
@inline
function probabilityOf(sum: f32): u32 {
  const p = <i32>(squash(sum) * 65536);
  return <u32>max<i32>(1, min<i32>(65535, p));
}

/** A decision with seven contexts. */
export function decide8(family: usize, firstSet: u32, secondSet: u32, bit: u32): u32 {
  gather(family, 7);
  const a = <usize>load<u32>(family, 8) + (<usize>firstSet << 5), b = <usize>load<u32>(family, 12) + (<usize>secondSet << 5);
  const x0 = v128.load(INPUTS), x1 = v128.load(INPUTS, 16);
  const a0 = v128.load(a), a1 = v128.load(a, 16), b0 = v128.load(b), b1 = v128.load(b, 16);
  const sa = laneSum(f32x4.add(f32x4.mul(a0, x0), f32x4.mul(a1, x1)));
  const sb = laneSum(f32x4.add(f32x4.mul(b0, x0), f32x4.mul(b1, x1)));
  const coded = codeBit(probabilityOf((sa + sb) * 0.5), bit);
  const missedA = f32x4.splat((<f32>coded - squash(sa)) * RATE), missedB = f32x4.splat((<f32>coded - squash(sb)) * RATE);
  v128.store(a, f32x4.add(a0, f32x4.mul(missedA, x0)));
  v128.store(a, f32x4.add(a1, f32x4.mul(missedA, x1)), 16);
  v128.store(b, f32x4.add(b0, f32x4.mul(missedB, x0)));
  v128.store(b, f32x4.add(b1, f32x4.mul(missedB, x1)), 16);
  adapt(7, coded);
  return coded;
}

/** A decision with three contexts. */
export function decide4(family: usize, firstSet: u32, secondSet: u32, bit: u32): u32 {
  gather(family, 3);
  const a = <usize>load<u32>(family, 8) + (<usize>firstSet << 4), b = <usize>load<u32>(family, 12) + (<usize>secondSet << 4);
  const x0 = v128.load(INPUTS), a0 = v128.load(a), b0 = v128.load(b);
  const sa = laneSum(f32x4.mul(a0, x0));
  const sb = laneSum(f32x4.mul(b0, x0));
  const coded = codeBit(probabilityOf((sa + sb) * 0.5), bit);
  const missedA = f32x4.splat((<f32>coded - squash(sa)) * RATE), missedB = f32x4.splat((<f32>coded - squash(sb)) * RATE);
  v128.store(a, f32x4.add(a0, f32x4.mul(missedA, x0)));
  v128.store(b, f32x4.add(b0, f32x4.mul(missedB, x0)));
  adapt(3, coded);
  return coded;
}
