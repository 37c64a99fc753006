import type { StoredArray } from "./quantised-model.js";

/**
 * Bytes of parameters under an ideal code without memory: of symbols, the entropy of each column's (or of
 * the array's, where it has one step), and four bytes a step.
 */
export function entropyBytes(arrays: readonly StoredArray[]): number {
  return arrays.reduce((sum, array) => sum + bytesOf(array), 0);
}

function bytesOf(array: StoredArray): number {
  if (array.format !== "integer") return array.values.length * (array.format === "float32" ? 4 : 2);
  const { symbols, steps } = array;
  let bits = 32 * steps.length;
  for (let column = 0; column < steps.length; column++) {
    const counts = new Map<number, number>();
    for (let i = column; i < symbols.length; i += steps.length) {
      counts.set(symbols[i], (counts.get(symbols[i]) ?? 0) + 1);
    }
    const total = symbols.length / steps.length;
    for (const count of counts.values()) bits -= count * Math.log2(count / total);
  }
  return Math.ceil(bits / 8);
}
