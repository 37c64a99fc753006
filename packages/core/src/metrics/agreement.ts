import { bytesOf, type NumericArray } from "../array/data-type.js";

/** How far two arrays of one type have the same bits: -0 is not 0 here, and NaN payloads count. */
export interface BitAgreement {
  /** Values compared. */
  readonly values: number;
  /** Values of which at least one bit differs. */
  readonly differingValues: number;
  readonly differingBits: number;
}

/** Counts the bits of arrays of the same type and length. */
export function bitAgreement(original: NumericArray, decoded: NumericArray): BitAgreement {
  const size = original.BYTES_PER_ELEMENT;
  if (original.length !== decoded.length || size !== decoded.BYTES_PER_ELEMENT) {
    throw new RangeError("two arrays of one type and length expected");
  }
  const [a, b] = [wordsOf(original), wordsOf(decoded)];
  const words = a.length / Math.max(1, original.length);
  let differingValues = 0;
  let differingBits = 0;
  for (let i = 0; i < a.length; i += words) {
    let differs = 0;
    for (let k = i; k < i + words; k++) {
      const change = a[k] ^ b[k];
      if (change === 0) continue;
      differs = 1;
      differingBits += onesOf(change);
    }
    differingValues += differs;
  }
  return { values: original.length, differingValues, differingBits };
}

export function addAgreement(a: BitAgreement, b: BitAgreement): BitAgreement {
  return {
    values: a.values + b.values,
    differingValues: a.differingValues + b.differingValues,
    differingBits: a.differingBits + b.differingBits,
  };
}

function wordsOf(data: NumericArray): Uint8Array | Uint32Array {
  const bytes = bytesOf(data);
  return data.BYTES_PER_ELEMENT < 4
    ? bytes
    : new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Bits that are 1 in 32. */
function onesOf(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
