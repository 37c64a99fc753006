/**
 * The mixed model of `mechanism` (`spec/stream.md`, mode 4): predictors learned while coding, blended; the
 * residual coded under mixed contexts. One text for encoder and decoder: what is coded is known or found out.
 */
import { fromIndex, hasLattice, LATTICE_STRIDE, toIndex } from "../../lattice/kernel";
import { fromOrdered, predictedToOrdered, toOrdered } from "../../assembly/ordered";
import { isEncoding, openCoder } from "./coder";
import { codeMask, maskSize, openMask } from "./masking";
import {
  depth, height, lattices, masked, outer, phases, repeats, shift, width,
} from "./parameters";
import {
  above, gatherRegressors, NOTE, NOTE_CLASS, NOTE_LOGARITHM, NOTE_SIGN, noteOf, openPlace, openPlaces, openRow, referenceOf, ringLength,
  valueAt, west,
} from "./places";
import { blend, learn, openBlock, openPredictors, predict, predictorsSize } from "./predictors";
import { codeRepeat, learnRepeat, openRepeats, repeatsSize } from "./repeats";
import {
  codeClass, codeMagnitude, expect, learnLogarithm, level, logarithm, negative, openResidual, openResiduals, residualsSize, spread,
} from "./residuals";
import { decoderIsDone, decoderIsWhole, finishEncoder } from "../../binary/kernel";
import { buildTables } from "./tables";

/** A chunk's model is not given more memory than this. */
const MOST_BYTES: u64 = 64 << 20;

// @ts-ignore: decorator
@inline
function up64(bytes: usize): usize {
  return (bytes + 63) & ~63;
}

/** Bytes of scratch for a chunk whose parameters were read; 0 where they are too many. */
export function mixedScratch<F>(count: u32): usize {
  const sums = predictorsSize();
  const ring = <u64>ringLength() * NOTE;
  if (sums + ring > MOST_BYTES) return 0;
  return up64(<usize>sums) + up64(<usize>ring) + up64(residualsSize(8 * sizeof<F>())) + up64(maskSize()) +
    up64(repeats ? repeatsSize(count) : 0) + 64;
}

let lattice: usize = 0;

/** What is coded of a number: its index in the slice's lattice, else its ordered integer without low bits that none has. */
// @ts-ignore: decorator
@inline
function integerOf<F, I>(value: F): I {
  return lattice ? toIndex<F, I>(value, lattice) : toOrdered<F, I>(value) >> <I>shift;
}

// @ts-ignore: decorator
@inline
function predictedInteger<F, I>(prediction: f64): I {
  if (lattice) return toIndex<f64, I>(prediction, lattice);
  return predictedToOrdered<F, I>(<F>prediction) >> <I>shift;
}

// @ts-ignore: decorator
@inline
function valueOf<F, I>(integer: I): F {
  if (lattice) return fromIndex<F, I>(integer, lattice);
  // What low bits were is what they are in the ordered integer: zeros, or ones where it is negative.
  const low = (<I>1 << <I>shift) - 1;
  return fromOrdered<F, I>((integer << <I>shift) | (integer < 0 ? low : 0));
}

// @ts-ignore: decorator
@inline
function distance<I>(a: I, b: I): u64 {
  const d = a - b;
  if (sizeof<I>() == 4) return <u64><u32>(d < 0 ? -d : d);
  return <u64>(d < 0 ? -d : d);
}

// @ts-ignore: decorator
@inline
function bitsOf<F>(value: F): u64 {
  return sizeof<F>() == 4 ? <u64>reinterpret<u32>(<f32>value) : reinterpret<u64>(<f64>value);
}

/** Low bits of the exponent of a prediction. */
// @ts-ignore: decorator
@inline
function exponentOf<F>(prediction: f64): u32 {
  if (sizeof<F>() == 4) return (reinterpret<u32>(<f32>prediction) >> 23) & 31;
  return <u32>(reinterpret<u64>(prediction) >> 52) & 31;
}

/**
 * Codes a chunk whose parameters were read. `mask` has a byte a value (0 where nothing is masked); the encoder gives
 * it, and values with lattice points in exceptions' places; masked values become those at their left. Returns
 * the end of the code, 0 where a decoder finds it damaged.
 */
export function codeMixed<F, I>(
  encoding: bool, values: usize, mask: usize, count: u32, scratch: usize, code: usize, codeLength: u32,
): usize {
  buildTables();
  if (!openCoder(encoding, code, codeLength)) return 0;
  let at = up64(scratch);
  openPredictors(at);
  at += up64(<usize>predictorsSize());
  openPlaces(at);
  at += up64(<usize>ringLength() * NOTE);
  openResiduals(at, 8 * sizeof<F>());
  at += up64(residualsSize(8 * sizeof<F>()));
  if (masked) openMask(at);
  at += up64(maskSize());
  if (repeats) openRepeats(at, count);

  const maskAt: usize = masked ? mask : 0;
  let place = 0;
  for (let t = 0; t < outer; t++) {
    for (let z = 0; z < depth; z++) {
      const slice = lattices ? lattices + <usize>(t * depth + z) * LATTICE_STRIDE : 0;
      lattice = hasLattice(slice) ? slice : 0;
      for (let y = 0; y < height; y++) {
        openRow(t, z, y);
        // A damaged code need not be decoded to its bitter end.
        if (!encoding && !decoderIsWhole()) return 0;
        for (let x = 0; x < width; x++, place++) codeValue<F, I>(values, maskAt, place, y, x);
      }
    }
  }
  if (encoding) return finishEncoder();
  return decoderIsDone() ? code + codeLength : 0;
}

// @ts-ignore: decorator
@inline
function codeValue<F, I>(values: usize, mask: usize, place: i32, y: i32, x: i32): void {
  const bits: u32 = 8 * sizeof<F>();
  const to = values + <usize>place * sizeof<F>();
  const phase = phases > 1 ? x % phases : 0;
  openBlock(y, x, place == 0);
  openPlace(place, x);
  const note = noteOf(place);
  if (mask) {
    const hidden = codeMask(mask, place, isEncoding() ? <u32>load<u8>(mask + place) : 0);
    store<u8>(mask + place, <u8>hidden);
    if (hidden) {
      const from = west >= 0 ? west : above;
      if (from >= 0) {
        memory.copy(note, noteOf(from), NOTE);
        store<F>(to, load<F>(values + <usize>from * sizeof<F>()));
      } else {
        memory.fill(note, 0, NOTE);
        store<F>(to, 0);
      }
      return;
    }
  }

  const reference = referenceOf<F>(values);
  gatherRegressors<F>(values, place, x, reference);
  predict<F>(values, place, phase, reference);
  const blended = blend();
  const prediction = blended + reference;
  const middle = predictedInteger<F, I>(prediction);
  const apart = distance<I>(predictedInteger<F, I>(prediction + spread()), middle);
  const near = distance<I>(predictedInteger<F, I>(prediction + openResidual()), middle);
  expect(apart, near, bits);

  let seen = -1;
  if (repeats) {
    const leftClass = west >= 0 ? load<u32>(noteOf(west), NOTE_CLASS) : 0;
    seen = codeRepeat<F>(values, mask, place, phase, leftClass, level, bitsOf<F>(valueOf<F, I>(middle)), isEncoding());
    if (seen >= 0) store<F>(to, load<F>(values + <usize>seen * sizeof<F>()));
  }
  let residual: I = 0;
  if (seen >= 0 || isEncoding()) residual = integerOf<F, I>(load<F>(to)) - middle;
  let magnitude = distance<I>(residual, 0);
  let kind = 64 - <i32>clz<u64>(magnitude);
  if (seen < 0) {
    kind = codeClass(kind, exponentOf<F>(prediction), bits);
    if (kind > 0) {
      magnitude = codeMagnitude(magnitude, residual < 0, kind, blended);
      residual = negative ? -<I>magnitude : <I>magnitude;
    } else {
      magnitude = 0;
      residual = 0;
    }
    if (!isEncoding()) store<F>(to, valueOf<F, I>(middle + residual));
  }
  const met = logarithm(<f64>magnitude + 1);
  store<f32>(note, <f32>met, NOTE_LOGARITHM);
  store<i32>(note, kind, NOTE_CLASS);
  store<u32>(note, residual < 0 ? 0 : residual == 0 ? 1 : 2, NOTE_SIGN);
  learn(valueAt<F>(values, place) - reference, phase, note);
  learnLogarithm(met);
  if (repeats) learnRepeat<F>(values, place, phase, seen >= 0);
}
