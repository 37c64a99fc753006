/** Residual bits in plain loops: the truth that `kernel.ts` is held to. */

/** The bits below the leading one of every residual, least significant first. */
export function packBitsReference(
  residuals: readonly bigint[],
  classes: readonly number[],
): Uint8Array {
  const bits: number[] = [];
  residuals.forEach((residual, i) => {
    for (let k = 0; k < classes[i] - 1; k++) bits.push(Number((residual >> BigInt(k)) & 1n));
  });
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, k) => {
    bytes[k >> 3] |= bit << (k & 7);
  });
  return bytes;
}

/** The residuals back from their bits and classes. */
export function unpackBitsReference(bytes: Uint8Array, classes: readonly number[]): bigint[] {
  let at = 0;
  return classes.map((magnitude) => {
    if (magnitude === 0) return 0n;
    let residual = 1n << BigInt(magnitude - 1);
    for (let k = 0; k < magnitude - 1; k++, at++) {
      residual |= BigInt((bytes[at >> 3] >> (at & 7)) & 1) << BigInt(k);
    }
    return residual;
  });
}
