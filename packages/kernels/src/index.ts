export { createDecoder, type Decoder } from "./decoder.js";
export {
  type CheckedBytes,
  type ChunkEncoder,
  type ClassFrequencies,
  createEncoder,
  type Encoder,
} from "./encoder.js";
export * from "./geometry.js";
