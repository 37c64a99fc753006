export { createDecoder, type Decoder } from "./decoder.js";
export {
  type ChunkEncoder,
  type ClassFrequencies,
  createEncoder,
  type Encoder,
} from "./encoder.js";
export * from "./geometry.js";
