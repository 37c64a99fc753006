/** Codes of masks: each as bits under a model or as runs, whichever is shorter. */
import type { Encoder } from "@fieldzip/kernels";
import type { ChunkLayout } from "./chunk.js";
import type { StoredMask } from "./side-information.js";
import type { SpecialValues } from "./special-values.js";

export interface CodedMasks {
  readonly masks: readonly StoredMask[];
  /** Their codes one after another. */
  readonly code: Uint8Array;
}

export function codeMasks(
  { patterns, mask }: SpecialValues,
  { box }: ChunkLayout,
  kernels: Encoder,
): CodedMasks {
  const masks: StoredMask[] = [];
  const codes: Uint8Array[] = [];
  patterns.forEach((pattern, k) => {
    const own = mask.map((number) => (number === k + 1 ? 1 : 0));
    const bits = kernels.codeMask(own, box).bytes;
    const runs = codeRuns(own, bits.length);
    masks.push({ pattern, form: runs ? "runs" : "bits", length: (runs ?? bits).length });
    codes.push(runs ?? bits);
  });
  const code = new Uint8Array(codes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of codes) {
    code.set(part, at);
    at += part.length;
  }
  return { masks, code };
}

/** Lengths of runs of 0 and 1 in turn (`spec/stream.md`, section 3.4); undefined where they take `most` bytes or more. */
function codeRuns(mask: Uint8Array, most: number): Uint8Array | undefined {
  const bytes: number[] = [];
  let what = 0;
  for (let at = 0; at < mask.length; what ^= 1) {
    const found = mask.indexOf(what ^ 1, at);
    const end = found < 0 ? mask.length : found;
    let run = end - at;
    for (; run >= 128; run >>>= 7) bytes.push((run & 127) | 128);
    bytes.push(run);
    at = end;
    if (bytes.length >= most) return undefined;
  }
  return Uint8Array.from(bytes);
}
