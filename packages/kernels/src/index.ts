export type { FitSamples } from "./chunk-fit.js";
export { createDecoder, type Decoder } from "./decoder.js";
export {
  type CheckedBytes,
  type ChunkEncoder,
  type ClassFrequencies,
  createEncoder,
  type Encoder,
  type IntegerEncoder,
  type Lattice,
  type Mapping,
  type Samples,
} from "./encoder.js";
export * from "./geometry.js";
export type { JointChunk, JointEncoder, JointSamples } from "./joint-encoder.js";
export type { BorrowedBytes, PackedChunk } from "./packed-encoder.js";
export type { SectionSolver, SolvedSection, SolveSection } from "./solve-encoder.js";
