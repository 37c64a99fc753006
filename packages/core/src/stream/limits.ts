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
} as const;
