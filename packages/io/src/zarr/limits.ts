import { limits } from "@fieldzip/core";

/** What an archive may ask of its reader. Everything beyond is refused with the tag `limit`. */
export const archiveLimits = {
  ...limits,
  /** Chunks in one shard: an index of 64 MiB. */
  chunksPerShard: 4 * 2 ** 20,
} as const;

/** How the reader spends memory and requests. */
export const readerBudget = {
  /** Decoded chunks that were only partly used are kept, up to this many bytes (and at least one). */
  decodedBytes: 128 * 2 ** 20,
  /** Shard indices kept, in bytes. */
  indexBytes: 16 * 2 ** 20,
  /** Neighbouring chunks are fetched in one read up to this size. */
  runBytes: 8 * 2 ** 20,
  /** Shards read at once, at least: hides the latency of a server. */
  shardsAtOnce: 4,
} as const;
