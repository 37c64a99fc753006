import type { FloatArray } from "../array/data-type.js";
import { powerSpectra } from "./power-spectrum.js";
import { similaritySums, type ValueScale, type VolumePart } from "./structural-similarity.js";

/** The measures that take time, as tasks of a pool: plain data in, plain data out. */

export interface SimilarityTask {
  readonly original: FloatArray;
  readonly decoded: FloatArray;
  readonly shape: readonly [number, number, number];
  readonly scale: ValueScale;
  readonly part: VolumePart;
}

export interface SpectraTask {
  readonly original: FloatArray;
  readonly decoded: FloatArray;
  readonly shape: readonly number[];
}

export function similarityTask({ original, decoded, shape, scale, part }: SimilarityTask) {
  return similaritySums(original, decoded, shape, scale, part);
}

export function spectraTask({ original, decoded, shape }: SpectraTask) {
  return powerSpectra(original, decoded, shape);
}
