import { countOfArray } from "../network/shape.js";
import type { CodedArray, CodedValues } from "./index.js";
import { encodeParameters } from "./index.js";

/** A part of a grid: one feature of eight, at least one, of so many symbols that lie together. */
const FEATURES = 8;
const MOST = 2 ** 16;

/**
 * About as many bytes as `encodeParameters` gives, to a few percent, in a fraction of its time: large arrays of symbols are
 * coded in part, and what that takes is scaled by the entropy of all symbols against that of the part's.
 */
export function estimateParameterBytes(
  arrays: readonly CodedArray[],
  values: readonly CodedValues[],
): number {
  const small: number[] = [];
  let bytes = 0;
  arrays.forEach((array, k) => {
    const own = values[k];
    const part = own instanceof Int16Array ? partOf(array, own) : undefined;
    if (!part) {
      small.push(k);
      return;
    }
    const coded = encodeParameters([part.array], [part.symbols]).length;
    const entropy = entropyBits(part.symbols);
    bytes += entropy > 0 ? (coded * entropyBits(own as Int16Array)) / entropy : coded;
  });
  const rest = encodeParameters(
    small.map((k) => arrays[k]),
    small.map((k) => values[k]),
  );
  return Math.ceil(bytes + rest.length);
}

/** A part of an array that stands for all of it; undefined where it is small. */
function partOf(
  array: CodedArray,
  symbols: Int16Array,
): { array: CodedArray; symbols: Int16Array } | undefined {
  const { role, shape } = array;
  const features = shape.at(-1)!;
  const kept = role === "grid" ? Math.ceil(features / FEATURES) : features;
  // Slabs of the slowest axis with more than one place; those before it have one.
  const slow = shape.findIndex((extent, axis) => extent > 1 && axis < shape.length - 1);
  if (slow < 0 || symbols.length <= MOST / 4) return undefined;
  const slab = countOfArray({ shape: shape.slice(slow + 1) });
  const slabs = Math.min(shape[slow], Math.max(4, Math.ceil((MOST / slab) * (features / kept))));
  if (slabs === shape[slow] && kept === features) return undefined;
  const from = Math.floor((shape[slow] - slabs) / 2) * slab;
  const part = new Int16Array((slabs * slab * kept) / features);
  for (let i = 0, at = from; i < part.length; at += features) {
    for (let f = 0; f < kept; f++) part[i++] = symbols[at + Math.floor((f * features) / kept)];
  }
  const partShape = shape.map((extent, axis) => (axis === slow ? slabs : extent));
  partShape[shape.length - 1] = kept;
  return { array: { ...array, shape: partShape }, symbols: part };
}

/** Order-0. */
function entropyBits(symbols: Int16Array): number {
  const counts = new Uint32Array(65536);
  for (let i = 0; i < symbols.length; i++) counts[symbols[i] & 65535]++;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= count * Math.log2(count / symbols.length);
  return bits;
}
