import { bytesOf, type FloatArray } from "../../array/data-type.js";
import { findMask } from "../mechanism/mask.js";

/** Values that stand for "no value here", as runs: how many others, how many of them, in turn. */
export interface Fill {
  /** The bytes of the value. */
  readonly pattern: Uint8Array;
  readonly runs: readonly number[];
}

/** The value that is most frequent, where its runs take less room than half of what they hold. */
export function findFill(values: FloatArray): Fill | undefined {
  const mask = findMask(values);
  if (!mask) return undefined;
  const runs: number[] = [];
  let state = 0;
  let length = 0;
  let held = 0;
  for (const masked of mask.bytes) {
    if (masked !== state) {
      runs.push(length);
      length = 0;
      state = masked;
    }
    length++;
    held += masked;
  }
  if (state === 1) runs.push(length);
  const bytes = runs.reduce((sum, run) => sum + runBytes(run).length, 0);
  if (2 * bytes > held * values.BYTES_PER_ELEMENT) return undefined;
  return { pattern: mask.pattern, runs };
}

/** Seven bits a byte, the least significant first, bit 7 set where more follow. */
export function runBytes(run: number): number[] {
  const bytes: number[] = [];
  let rest = run;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** Calls back for every run of fill values: the first one's place, and the place behind the last one. */
export function forEachFillRun({ runs }: Fill, visit: (from: number, to: number) => void): void {
  let at = 0;
  runs.forEach((run, k) => {
    if (k % 2 === 1) visit(at, at + run);
    at += run;
  });
}

/**
 * The values as a field that an operator can be learned from: what is filled or not finite becomes a
 * straight line, in C order, between the values around it.
 */
export function fieldOf(values: FloatArray, fill: Fill | undefined): Float64Array {
  const field = Float64Array.from(values);
  if (fill) forEachFillRun(fill, (from, to) => field.fill(Number.NaN, from, to));
  for (let at = 0; at < field.length; at++) {
    if (field[at] - field[at] === 0) continue;
    const from = at;
    while (at < field.length && field[at] - field[at] !== 0) at++;
    const before = from > 0 ? field[from - 1] : (field[at] ?? 0);
    const after = at < field.length ? field[at] : before;
    for (let k = from; k < at; k++)
      field[k] = before + ((after - before) / (at - from + 1)) * (k - from + 1);
  }
  return field;
}

/** Sets what a fill covers to 0 in an array of words. */
export function clearFilled(words: Uint32Array | BigUint64Array, fill: Fill | undefined): void {
  if (!fill) return;
  const bytes = bytesOf(words as unknown as FloatArray);
  const size = words.BYTES_PER_ELEMENT;
  forEachFillRun(fill, (from, to) => bytes.fill(0, from * size, to * size));
}
