/** The plain references of all kernels, for tests and for people who write a decoder of their own. */

export { packBitsReference, unpackBitsReference } from "./bits/reference.js";
export { decodeBlocksReference, encodeBlocksReference } from "./blocks/reference.js";
export { activityReference, classesReference, spreadReference } from "./contexts/reference.js";
export { decodeCopiesReference, encodeCopiesReference } from "./copies/reference.js";
export { findCopiesReference } from "./copy-search/reference.js";
export { transform2Reference, transformReference } from "./fft/reference.js";
export { fillMaskedReference } from "./fill/reference.js";
export { lawReference } from "./joint/reference.js";
export { gatherJointReference } from "./joint-samples/reference.js";
export { fromIndexReference, toIndexReference } from "./lattice/reference.js";
export { misfitsReference } from "./lattice-fit/reference.js";
export { normalEquationsReference, sampleErrorsReference } from "./least-squares/reference.js";
export { decodeMaskReference, encodeMaskReference } from "./mask/reference.js";
export { decodeMixedReference, encodeMixedReference } from "./mixing/reference.js";
export { halveReference, quantiseReference } from "./network/quantise/reference.js";
export {
  adamReference,
  type NetworkReference,
  networkReference,
} from "./network/reference.js";
export {
  decodeParametersReference,
  encodeParametersReference,
} from "./parameters/reference.js";
export { decodeClassesReference, encodeClassesReference } from "./rans/reference.js";
export {
  type PackedMapping,
  packedFieldReference,
  packedResidualsReference,
  packedValueReference,
} from "./rows/reference.js";
export { logarithmsOfRunsReference, weightsOfRunsReference } from "./run-errors/reference.js";
export { decodeRunsReference, encodeRunsReference } from "./runs/reference.js";
export { gatherSamplesReference, weightsOfErrorsReference } from "./samples/reference.js";
export { sineCosineReference } from "./sine/reference.js";
export { sineCosine32Reference } from "./sine32/reference.js";
export { ringPlacesReference, snapReference, solveReference } from "./spectral/reference.js";
export {
  type Fields,
  fromOrdered,
  predictedToOrdered,
  residualsReference,
  restoreReference,
} from "./stencil/reference.js";
