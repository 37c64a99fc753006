/** PSNR of a chunk as its users will measure it. */
import { difference, type FloatArray, psnrOf, type TrainedChunk } from "@fieldzip/core";
import { variablesOf, withoutSpecial } from "./chunk-field.js";

export interface QualityMeter {
  /** dB, the mean over the variables that vary, relative to their ranges in the whole archive. */
  psnrOf(decoded: FloatArray): number;
  /** dB to add to a mean PSNR that is relative to these ranges. */
  offsetFrom(ranges: readonly number[]): number;
}

/** `values`: of the chunk, without ghost cells. `outputs`: the variables that vary in it. */
export function qualityMeter(
  values: FloatArray,
  { shape, variableAxis, ranges, fillValues }: TrainedChunk,
  outputs: readonly number[],
): QualityMeter {
  const originals = variablesOf(withoutSpecial(values, fillValues), shape, variableAxis);
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return {
    psnrOf(decoded) {
      const parts = variablesOf(decoded, shape, variableAxis);
      const psnrs = outputs.map((v) => psnrOf(ranges[v], difference(originals[v], parts[v]).rmse));
      const known = psnrs.filter(Number.isFinite);
      return known.length > 0 ? mean(known) : Number.POSITIVE_INFINITY;
    },
    offsetFrom: (own) => mean(outputs.map((v, k) => psnrOf(ranges[v], own[k]))),
  };
}
