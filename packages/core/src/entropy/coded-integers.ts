import type { Encoder, Geometry } from "@fieldzip/kernels";
import { activityMap, type ClassModel, learnClassModel } from "./class-model.js";

/** Zigzag integers as classes under a model learned from them, and bits; copies. */
export interface CodedIntegers {
  readonly model: ClassModel;
  readonly classes: Uint8Array;
  readonly bits: Uint8Array;
}

/** Codes integers that lie in one band of rows, but for those whose byte in `mask` is not 0. */
export function codeIntegers(
  words: Uint32Array | BigUint64Array,
  box: Omit<Geometry, "bands">,
  kernels: Encoder,
  mask?: Uint8Array,
): CodedIntegers {
  const integers = kernels.openIntegers(words, { ...box, bands: 1 }, mask);
  const bits = integers.packBits().bytes;
  const model = learnClassModel(integers.count());
  const classes = integers.encodeClasses(activityMap(model), model.contexts).bytes;
  return { model, classes, bits };
}
