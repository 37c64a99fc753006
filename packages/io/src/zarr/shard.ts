import { crc32c, FieldzipError } from "@fieldzip/core";
import { archiveLimits } from "./limits.js";

/**
 * A shard: the chunks one after another, then the index (Zarr's `sharding_indexed` with the index
 * at the end): per chunk, in C order, offset and length as little-endian uint64, both 2^64 - 1 for
 * a chunk that is not there; then the CRC-32C of these bytes, little-endian.
 */

const entryBytes = 16;
const absent = 2n ** 64n - 1n;

/** Bytes of the index of a shard of `count` chunks. */
export function indexBytes(count: number): number {
  return count * entryBytes + 4;
}

export function buildShard(chunks: readonly (Uint8Array | undefined)[]): Uint8Array {
  const index = new Uint8Array(indexBytes(chunks.length));
  const view = new DataView(index.buffer);
  let offset = 0;
  chunks.forEach((chunk, i) => {
    view.setBigUint64(i * entryBytes, chunk ? BigInt(offset) : absent, true);
    view.setBigUint64(i * entryBytes + 8, chunk ? BigInt(chunk.length) : absent, true);
    offset += chunk?.length ?? 0;
  });
  view.setUint32(index.length - 4, crc32c(index.subarray(0, -4)), true);
  const shard = new Uint8Array(offset + index.length);
  let at = 0;
  for (const chunk of chunks) {
    if (!chunk) continue;
    shard.set(chunk, at);
    at += chunk.length;
  }
  shard.set(index, at);
  return shard;
}

/** Where one chunk lies in its object. */
export interface ChunkRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Reads an index: checksum verified, every range within what a number holds, none overlapping.
 * `bytes` are the last `indexBytes(count)` of the shard, or fewer where the shard is shorter.
 */
export function parseShardIndex(
  bytes: Uint8Array,
  count: number,
  where: string,
): (ChunkRange | undefined)[] {
  if (bytes.length !== indexBytes(count)) {
    throw new FieldzipError("truncated", {
      where,
      expected: `a shard index of ${indexBytes(count)} bytes`,
      found: `${bytes.length}`,
      remedy: "the shard is incomplete; restore it or read the other chunks with --skip-damaged",
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkCrc32c(bytes.subarray(0, -4), view.getUint32(bytes.length - 4, true), where);
  const ranges: (ChunkRange | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    const offset = view.getBigUint64(i * entryBytes, true);
    const length = view.getBigUint64(i * entryBytes + 8, true);
    if (offset === absent && length === absent) {
      ranges.push(undefined);
      continue;
    }
    if (offset + length > BigInt(Number.MAX_SAFE_INTEGER) || length > maxStored) {
      throw badIndex(where, "ranges that a file can hold", `${length} bytes at ${offset}`);
    }
    ranges.push({ offset: Number(offset), length: Number(length) });
  }
  const sorted = ranges.filter((range) => range !== undefined).sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < sorted.length; i++) {
    const end = sorted[i - 1].offset + sorted[i - 1].length;
    if (sorted[i].offset < end) {
      throw badIndex(where, "chunks that do not overlap", `two at ${sorted[i].offset}`);
    }
  }
  return ranges;
}

/** A stored chunk is hardly larger than what it decodes to. */
const maxStored = BigInt(archiveLimits.chunkBytes + archiveLimits.chunkBytes / 64);

export function checkCrc32c(bytes: Uint8Array, stored: number, where: string): void {
  const computed = crc32c(bytes);
  if (computed === stored) return;
  throw new FieldzipError("checksum", {
    where,
    expected: `checksum 0x${stored.toString(16).padStart(8, "0")}`,
    found: `0x${computed.toString(16).padStart(8, "0")}`,
    remedy: "the archive is damaged; restore it or read the other chunks with --skip-damaged",
  });
}

function badIndex(where: string, expected: string, found: string): FieldzipError {
  return new FieldzipError("format", {
    where,
    expected,
    found,
    remedy: "the shard is damaged; restore it or read the other chunks with --skip-damaged",
  });
}
