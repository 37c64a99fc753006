export { createDecoder, type Decoder } from "./decoder.js";
export {
  type CheckedBytes,
  type ChunkEncoder,
  type ClassFrequencies,
  createEncoder,
  type Encoder,
  type Lattice,
  type Mapping,
} from "./encoder.js";
export * from "./geometry.js";
