/** How a decoded field differs from its original. */

export { addAgreement, type BitAgreement, bitAgreement } from "./agreement.js";
export {
  type ConservedSum,
  type ConservedSums,
  conservedSum,
  conservedSums,
} from "./conserved-sum.js";
export {
  type DifferenceReport,
  type DifferenceSums,
  difference,
  differenceSums,
  mergeDifferences,
  psnrOf,
} from "./difference.js";
export type { SimilarityTask, SpectraTask } from "./metric-tasks.js";
export {
  compareSpectra,
  type PowerSpectra,
  powerSpectra,
  powerSpectrum,
  type SpectrumReport,
  spectrumReport,
} from "./power-spectrum.js";
export {
  addSimilarity,
  noSimilarity,
  type SimilarityReport,
  type SimilaritySums,
  similarityReport,
  similaritySums,
  similarityWindow,
  structuralSimilarity,
  type ValueScale,
  type VolumePart,
} from "./structural-similarity.js";
