/** One dataset in memory -> archive -> memory, timed and compared. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { extractBox } from "@fieldzip/core";
import { compress, createThreadPool, openArchive } from "fieldzip";
import { memoryDataset } from "./memory-dataset.mjs";

/** Boxes that are read to see what access to a part costs. */
const boxes = 24;
const boxExtent = 32;

/** Warms a pool's workers: each starts on its first task and compiles the kernels. */
async function warmed(threads, fields, effort = "default") {
  const pool = createThreadPool(threads);
  const { dataType, shape, values } = fields[0];
  const small = shape.map((size) => Math.min(size, 64));
  const start = shape.map(() => 0);
  const sample = extractBox(dataType, values, shape, { start, shape: small });
  const task = { values: sample, shape: small, predictor: "auto", options: { effort } };
  const rounds = effort === "max" ? 2 : 12;
  for (let round = 0; round < rounds; round++) {
    const encoded = await Promise.all(
      Array.from({ length: Math.max(1, threads) }, () => pool.run("encode-chunk", task)),
    );
    await Promise.all(
      encoded.map(({ bytes }) =>
        pool.run("decode-chunk", { stream: bytes, dataType, count: sample.length, where: "warm" }),
      ),
    );
  }
  return pool;
}

/**
 * Seconds of compressing and of reading everything back with that many worker threads, the archive's
 * bytes, and milliseconds to read a box from the newly opened archive (where `access` is true).
 */
export async function measureArchive(fields, options) {
  const { threads, chunkValues, effort, folder, access = false } = options;
  const path = join(folder, "archive.zarr");
  const bytes = fields.reduce((sum, { values }) => sum + values.byteLength, 0);
  const pool = await warmed(threads, fields, effort);
  try {
    const start = performance.now();
    const settings = { chunkValues, effort, pool };
    const report = await compress(memoryDataset("memory", fields), path, settings);
    const compressed = performance.now();
    const archive = await openArchive(path, { pool });
    for (const field of fields) {
      const restored = await archive.variable(field.name).readBox();
      field.equal = sameBytes(restored, field.values);
    }
    const end = performance.now();
    await archive.close();
    const milliseconds = access ? await readBoxes(path, fields, pool) : undefined;
    return {
      megabytes: bytes / 1e6,
      ratio: bytes / report.archiveBytes,
      compress: bytes / 1e3 / (compressed - start),
      decompress: bytes / 1e3 / (end - compressed),
      boxMilliseconds: milliseconds,
      equal: fields.every(({ equal }) => equal),
    };
  } finally {
    await pool.close();
    await rm(path, { recursive: true, force: true });
  }
}

/** Milliseconds for a box of 32 values along every axis of the largest variable, at places spread over it. */
async function readBoxes(path, fields, pool) {
  const largest = fields.reduce((a, b) => (b.values.length > a.values.length ? b : a));
  const extent = largest.shape.map((size) => Math.min(size, boxExtent));
  const times = [];
  for (let k = 0; k < boxes; k++) {
    const start = largest.shape.map((size, axis) =>
      Math.floor(((k * (axis + 3) * 0.618034) % 1) * (size - extent[axis])),
    );
    // Opened anew: nothing is cached.
    const archive = await openArchive(path, { pool });
    const from = performance.now();
    await archive.variable(largest.name).readBox({ start, shape: extent });
    times.push(performance.now() - from);
    await archive.close();
  }
  return times.sort((a, b) => a - b)[boxes >> 1];
}

function sameBytes(a, b) {
  const bytes = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
}
