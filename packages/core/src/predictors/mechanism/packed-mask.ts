import { bytesOf, type FloatArray } from "../../array/data-type.js";

/** Values that are looked at. */
const SAMPLE = 256;
/**
 * From this share of the sample on a pattern may be worth a mask: a fill value of quite another size than values have,
 * and one that might be a value as well.
 */
const LEAST_SHARE = { fill: 1 / 128, ordinary: 1 / 16 };

/** A pattern of bits that many values seem to have. */
export interface Candidate {
  /** Where one of these values is. */
  readonly index: number;
  /** Whether it might be a value as well: finite, and not as large as fill values are. */
  readonly ordinary: boolean;
}

/** As `findMask` of other efforts, from 256 values alone: whether there is one is seen when all are compared. */
export function guessMask(values: FloatArray): Candidate | undefined {
  if (values.length < SAMPLE) return undefined;
  const { buffer, byteOffset, byteLength } = bytesOf(values);
  const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
  const perValue = values.BYTES_PER_ELEMENT / 4;
  const hashOf = (index: number) =>
    perValue === 1 ? words[index] : words[2 * index] ^ Math.imul(words[2 * index + 1], 0x9e3779b1);
  // An odd stride that is no divisor of usual row lengths.
  const stride = Math.max(1, Math.floor(values.length / SAMPLE)) | 1;
  let count = 0;
  for (let i = 0; i < values.length && count < SAMPLE; i += stride) sample[count++] = hashOf(i);
  const sorted = sample.subarray(0, count).sort();
  let most = 0;
  let pattern = 0;
  for (let k = 0, run = 0; k < count; k++) {
    run = k > 0 && sorted[k] === sorted[k - 1] ? run + 1 : 1;
    if (run > most) [most, pattern] = [run, sorted[k]];
  }
  if (most < 2) return undefined;
  let index = 0;
  while (hashOf(index) >>> 0 !== pattern) index += stride;
  const ordinary = Math.abs(values[index]) < 1e15;
  const least = ordinary ? LEAST_SHARE.ordinary : LEAST_SHARE.fill;
  return most >= count * least ? { index, ordinary } : undefined;
}

/** Used again for every chunk: no garbage. */
const sample = new Uint32Array(SAMPLE);
