/** How a decoded field differs from its original. */

export { type ConservedSum, conservedSum } from "./conserved-sum.js";
export {
  type DifferenceReport,
  type DifferenceSums,
  difference,
  differenceSums,
  psnrOf,
} from "./difference.js";
export { compareSpectra, powerSpectrum, type SpectrumReport } from "./power-spectrum.js";
export { sliceSimilarity, structuralSimilarity } from "./structural-similarity.js";
