/** Every limit against hostile input, in one place. A file that exceeds one is refused with a `limit` error. */
export const limits = {
  /** Axes of an array. */
  rank: 8,
  /** Sections of a stream. */
  sections: 8,
  /** Bytes of one chunk's values: what a decoder may be made to allocate for one stream. */
  chunkBytes: 256 * 2 ** 20,
  /** Bytes of one metadata document (`zarr.json`). */
  metadataBytes: 64 * 2 ** 20,
  /** A network in a stream (`spec/stream.md`, section 5.3). */
  network: {
    variables: 4096,
    dimensions: 4,
    levels: 16,
    features: 64,
    nodes: 2 ** 24,
    /** Hidden layers. */
    layers: 32,
    /** Columns of a layer, and of all features together. */
    width: 65536,
    /** Special values, each with a mask. */
    masks: 16,
    /** Parameters, for a chunk of so many values and a model of so many bytes. */
    parameters: (values: number, bytes: number) =>
      Math.min(2 ** 20 + 4 * values, 2 ** 16 + 4096 * bytes),
    /** Weights of layers: the time that a value takes has to be paid for in bytes. */
    weights: (bytes: number) => 2 ** 14 + 16 * bytes,
  },
} as const;
