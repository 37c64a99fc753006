/** Streams and the coding of their parts, for predictors of other packages: `@fieldzip/core/stream`. */
export {
  activityMap,
  type ClassModel,
} from "../entropy/class-model.js";
export { classModelBytes, readClassModel } from "../entropy/class-model-bytes.js";
export { type CodedIntegers, codeIntegers } from "../entropy/coded-integers.js";
export { writeExceptions } from "../entropy/exceptions.js";
export { findMask } from "../predictors/mechanism/mask.js";
export {
  checkChunk,
  guaranteeNames,
  readHeader,
  type Section,
  type StreamHeader,
  sectionKinds,
  sectionName,
  sizeOfSections,
  writeStream,
} from "./header.js";
