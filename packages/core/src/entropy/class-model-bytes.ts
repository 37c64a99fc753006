import { CLASSES } from "@fieldzip/kernels";
import { type ClassModel, firstUsed, lastUsed } from "./class-model.js";

/** A class model as side information holds it: number of contexts, thresholds, frequencies of every context. */
export function classModelBytes({ thresholds, contexts }: ClassModel): number[] {
  const bytes = [contexts.length, ...thresholds];
  for (const { frequencies } of contexts) {
    const first = firstUsed(frequencies);
    const last = lastUsed(frequencies);
    bytes.push(first, last - first + 1);
    for (const frequency of frequencies.subarray(first, last + 1)) {
      if (frequency < 128) bytes.push(frequency);
      else bytes.push((frequency & 127) | 128, frequency >>> 7);
    }
  }
  return bytes;
}

/** Reads the model that starts at `at`, and says where it ends. */
export function readClassModel(
  bytes: Uint8Array,
  at: number,
): { readonly model: ClassModel; readonly end: number } {
  const count = bytes[at++];
  const thresholds = [...bytes.subarray(at, at + count - 1)];
  at += count - 1;
  const contexts = Array.from({ length: count }, () => {
    const frequencies = new Uint16Array(CLASSES);
    const first = bytes[at];
    const used = bytes[at + 1];
    at += 2;
    for (let k = 0; k < used; k++) {
      const low = bytes[at++];
      frequencies[first + k] = low < 128 ? low : (low & 127) | (bytes[at++] << 7);
    }
    return { frequencies };
  });
  return { model: { thresholds, contexts }, end: at };
}
