/** What a network may be made of: `spec/stream.md`, section 5.3. `core/src/stream/limits.ts` says the same to writers. */
export const MAX_VARIABLES: u32 = 4096;
export const MAX_DIMENSIONS: i32 = 4;
export const MAX_LEVELS: u32 = 16;
export const MAX_FEATURES: u32 = 64;
export const MAX_NODES: u32 = 1 << 24;
export const MAX_LAYERS: u32 = 32;
/** Of a layer, and of all features together. */
export const MAX_WIDTH: u32 = 65536;
/** Special values, each with a mask. */
export const MAX_MASKS: u32 = 16;
/** Parameters as the kernels see them, padding included: 1 GiB. */
export const MAX_FLOATS: u64 = 1 << 28;

/** Parameters that a network may have in a box of `count` values with a model of `bytes`. */
export function mostParameters(count: u32, bytes: u32): u64 {
  return min<u64>((1 << 20) + 4 * <u64>count, (1 << 16) + 4096 * <u64>bytes);
}

/** Weights of layers that it may have: what a value costs in time has to be paid for in bytes. */
export function mostWeights(bytes: u32): u64 {
  return (1 << 14) + 16 * <u64>bytes;
}
