/**
 * Coding of one residual: its class (bits of its magnitude) step by step from the expected one, its sign,
 * three bits below the leading one, and the rest as even bits. What is expected, the logarithm of the
 * magnitude, comes from a regression over what was met near by.
 */
import { codeEven } from "./coder";
import { decide4, decide8, FAMILY, familySize, openFamily, setContext } from "./decisions";
import { localError, PREDICTED } from "./predictors";
import { above, above2, before, NOTE_CLASS, NOTE_LOGARITHM, NOTE_SIGN, noteOf, northEast, northWest, west, west2 } from "./places";
import { accumulate, decayAdd, product, solve, triangleLength } from "./regression";

const CLASS_BITS_32: u32 = 16, CLASS_BITS_64: u32 = 17;
const SIGN_BITS: u32 = 11, BITS_BITS: u32 = 15;
const classes: usize = memory.data(FAMILY, 16), signs: usize = memory.data(FAMILY, 16), bitsBelow: usize = memory.data(FAMILY, 16);

/** Regression of the logarithm: features, sums, sums since the last solution, weights. */
const FEATURES: i32 = 10;
const TURN: i32 = 16;
const KEEP: f64 = 0.992;
const RIDGE: f64 = 0.0001;
const FEATURE: usize = memory.data(12 * 8, 16);
const SUMS: usize = memory.data(96 * 8, 16);
const NEWEST: usize = memory.data(96 * 8, 16);
const WEIGHTS: usize = memory.data(12 * 8, 16);
let newest: i32 = 0;

/** Expected logarithm, in ones and in eighths; expected class; logarithms of disagreement and of the local error. */
let expected: f64 = 0;
export let level: u32 = 0;
let start: i32 = 0;
let disagreement: u32 = 0, localLevel: u32 = 0, northEastLevel: u32 = 0;
let leftClass: u32 = 0, aboveClass: u32 = 0, beforeClass: u32 = 0;
let local: f64 = 0;

function classBits(bits: u32): u32 {
  return bits == 32 ? CLASS_BITS_32 : CLASS_BITS_64;
}

export function residualsSize(bits: u32): usize {
  return familySize(8, classBits(bits), 40 + 128) + familySize(4, SIGN_BITS, 64 + 16) + familySize(4, BITS_BITS, 256 + 256) + 64;
}

export function openResiduals(room: usize, bits: u32): void {
  let at = openFamily(classes, room, 8, classBits(bits), 40, 128);
  at = openFamily(signs, at, 4, SIGN_BITS, 64, 16);
  openFamily(bitsBelow, at, 4, BITS_BITS, 256, 256);
  memory.fill(FEATURE, 0, 12 * 8);
  memory.fill(SUMS, 0, 96 * 8);
  memory.fill(NEWEST, 0, 96 * 8);
  memory.fill(WEIGHTS, 0, 12 * 8);
  // Until there is something to learn from: the mean of the two nearest.
  store<f64>(WEIGHTS, 0.5);
  store<f64>(WEIGHTS, 0.5, 8);
  newest = 0;
}

/** About log2 of x >= 1: the exponent, and the fraction as it is. */
// @ts-ignore: decorator
@inline
export function logarithm(x: f64): f64 {
  return (<f64>(reinterpret<u64>(x) >> 32) - 1072693248) / 1048576;
}

// @ts-ignore: decorator
@inline
function noted(place: i32, otherwise: f64): f64 {
  return place >= 0 ? <f64>load<f32>(noteOf(place), NOTE_LOGARITHM) : otherwise;
}

// @ts-ignore: decorator
@inline
function classAt(place: i32, otherwise: u32): u32 {
  return place >= 0 ? load<u32>(noteOf(place), NOTE_CLASS) : otherwise;
}

// @ts-ignore: decorator
@inline
function feature(k: usize): f64 {
  return load<f64>(FEATURE + (k << 3));
}

// @ts-ignore: decorator
@inline
function setFeature(k: usize, value: f64): void {
  store<f64>(FEATURE + (k << 3), value);
}

/** How far the least-squares predictions lie apart. */
// @ts-ignore: decorator
@inline
export function spread(): f64 {
  const p1 = load<f64>(PREDICTED, 8);
  return Math.abs(load<f64>(PREDICTED) - p1) + Math.abs(load<f64>(PREDICTED, 16) - p1) + Math.abs(load<f64>(PREDICTED, 24) - p1);
}

/** The local error, for the caller to say how many integers it spans. */
export function openResidual(): f64 {
  local = localError() * 0.4;
  return local;
}

/** Sets what is expected; `apart` and `near` are how many integers the spread and the local error span. */
export function expect(apart: u64, near: u64, bits: u32): void {
  const left = noted(west, 0), up = noted(above, left);
  setFeature(0, left);
  setFeature(1, up);
  setFeature(2, noted(before, up));
  setFeature(3, noted(northEast, up));
  setFeature(4, noted(northWest, up));
  setFeature(5, noted(west2, left));
  setFeature(6, noted(above2, up));
  setFeature(7, logarithm(<f64>apart + 1));
  setFeature(8, logarithm(<f64>near + 1));
  setFeature(9, 4);
  const mean = product(FEATURE, WEIGHTS, FEATURES);
  expected = mean > 0 ? min<f64>(mean, <f64>bits) : 0;
  level = min<u32>(511, <u32>(expected * 8));
  start = min<i32>(<i32>(expected + 0.5), <i32>bits - 1);
  // Binary64 has twice the levels: they count half.
  const half: u32 = bits == 64 ? 1 : 0;
  disagreement = min<u32>(31, <u32>feature(7) >> half);
  localLevel = min<u32>(31, <u32>feature(8) >> half);
  northEastLevel = min<u32>(31, <u32>feature(3) >> half);
  leftClass = classAt(west, 0);
  aboveClass = classAt(above, leftClass);
  beforeClass = classAt(before, aboveClass);
}

/** Learns from the logarithm that was met. */
export function learnLogarithm(met: f64): void {
  setFeature(FEATURES, met);
  accumulate(NEWEST, FEATURE, FEATURES);
  setFeature(FEATURES, 0);
  if (++newest < TURN) return;
  newest = 0;
  decayAdd(SUMS, NEWEST, KEEP, triangleLength(FEATURES));
  memory.fill(NEWEST, 0, <usize>triangleLength(FEATURES) << 3);
  solve(SUMS, FEATURES, FEATURES, RIDGE, WEIGHTS);
}

// @ts-ignore: decorator
@inline
function clamp(value: i32, least: i32, most: i32): u32 {
  return <u32>max(least, min(most, value));
}

/** One step of the class: is it beyond `step`, upwards (up 1) or downwards? */
// @ts-ignore: decorator
@inline
function codeStep(step: i32, up: u32, exponent: u32, bits: u32, bit: u32): u32 {
  const node = up * bits + <u32>step, coarse = level >> 4;
  const half = bits == 64 ? 2 : 1;
  setContext(0, up * 256 + clamp(<i32>((<f64>step - expected) * 8) + 128, 0, 255));
  setContext(1, node * 512 + level);
  setContext(2, node * 1024 + min<u32>(31, leftClass >> half) * 32 + min<u32>(31, aboveClass >> half));
  setContext(3, node * 1024 + min<u32>(31, beforeClass >> half) * 32 + min<u32>(31, leftClass >> half));
  setContext(4, node * 1024 + disagreement * 32 + coarse);
  setContext(5, node * 1024 + exponent * 32 + coarse);
  setContext(6, node * 1024 + localLevel * 32 + northEastLevel);
  return decide8(classes, clamp(step - start + 20, 0, 39), up * 64 + (level >> 3), bit);
}

/** Codes a class from 0 to `bits`. */
export function codeClass(actual: i32, exponent: u32, bits: u32): i32 {
  let found = start;
  if (codeStep(start, 1, exponent, bits, u32(actual > start))) {
    found = start + 1;
    while (found < <i32>bits && codeStep(found, 1, exponent, bits, u32(actual > found))) found++;
    return found;
  }
  while (found > 0 && codeStep(found, 0, exponent, bits, u32(actual < found))) found--;
  return found;
}

/** Where a predictor lies from the blend, in local errors: 0 at it, 1 to 4 above, 5 to 8 below. */
// @ts-ignore: decorator
@inline
function side(k: usize, blended: f64, inverse: f64): u32 {
  const apart = (load<f64>(PREDICTED + (k << 3)) - blended) * inverse;
  const size = Math.abs(apart);
  const far: u32 = size < 0.05 ? 0 : size < 0.2 ? 1 : size < 0.6 ? 2 : size < 1.5 ? 3 : 4;
  return far == 0 ? 0 : apart < 0 ? far + 4 : far;
}

// @ts-ignore: decorator
@inline
function signAt(place: i32): u32 {
  return place >= 0 ? load<u32>(noteOf(place), NOTE_SIGN) : 1;
}

/** Codes sign and magnitude of a residual of class `found`, at least 1; returns the magnitude, `negative` set. */
export let negative: bool = false;

export function codeMagnitude(magnitude: u64, isNegative: bool, found: i32, blended: f64): u64 {
  const inverse = 1 / (local + 1e-300);
  const apart = clamp(found - start + 8, 0, 15);
  const around = signAt(west) + 3 * signAt(above);
  setContext(0, around + 9 * signAt(before) + 27 * apart);
  setContext(1, (side(0, blended, inverse) * 9 + side(3, blended, inverse)) * 16 + apart);
  setContext(2, (side(1, blended, inverse) * 9 + side(2, blended, inverse)) * 16 + apart);
  negative = decide4(signs, min<u32>(63, <u32>found), around, u32(isNegative)) != 0;

  let rest = found - 1;
  const modelled = min(rest, 3);
  const fine = clamp(<i32>((<f64>found - expected) * 4) + 32, 0, 63);
  const close = clamp(found - start + 4, 0, 7);
  const exact = min<u32>(63, <u32>found);
  let node: u32 = 1;
  for (let k: u32 = 0; k < <u32>modelled; k++) {
    rest--;
    setContext(0, fine * 8 + node);
    setContext(1, ((level >> 3) * 64 + exact) * 8 + node);
    setContext(2, (disagreement * 8 + close) * 8 + node);
    node = node * 2 + decide4(bitsBelow, exact * 4 + k, fine * 4 + k, <u32>(magnitude >> rest) & 1);
  }
  if (rest == 0) return <u64>node;
  const low = codeEven(magnitude & ((<u64>1 << rest) - 1), <u32>rest);
  return (<u64>node << rest) | low;
}
