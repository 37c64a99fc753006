/** Our own codec, measured in this process: exact, one thread, chunks of the default size. */
import { compress, compressChunk, decompressChunk, extractBox, slabsOf } from "@fieldzip/core";
import { openArchiveIn } from "@fieldzip/io";
import { createArchiveIn, memoryStore } from "@fieldzip/io/browser";

/** Seconds of CPU time that this process has used, every thread counted (V8's own, too). */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Mean CPU seconds of a call over as many as fill `least` seconds, and what the last returned. */
async function timed(call, least) {
  const start = cpuSeconds();
  for (let calls = 1; ; calls++) {
    const result = await call();
    const spent = cpuSeconds() - start;
    if (spent >= least || calls >= 1000) return { seconds: spent / calls, result };
  }
}

/** CPU seconds of work with each request before anything is timed. */
const warmUpSeconds = 4;

/**
 * Works on a field that is not measured until the JavaScript engine has compiled what it will compile
 * (about 150 MB of data): what a long run sees, and what compilers of the peers did beforehand.
 */
export async function warmUp(requests) {
  const shape = [48, 96, 96];
  const values = Float32Array.from(
    { length: 48 * 96 * 96 },
    (_, i) => Math.sin(i / 97) * Math.cos(i / 9001) + 2,
  );
  for (const request of requests) {
    const start = cpuSeconds();
    while (cpuSeconds() - start < warmUpSeconds) {
      const { bytes } = await compressChunk(values, shape, request);
      await decompressChunk(bytes, { dataType: "float32", shape, where: "warm-up" });
    }
  }
}

/** Values in a chunk: the default of `CompressOptions.chunkValues`. */
const chunkValues = 2 ** 20;

/**
 * @param {import("./fields.mjs").Field} field
 * @param {import("@fieldzip/core").CompressChunkOptions} request effort or predictor
 * @param {number} least seconds of CPU time
 */
export function measureFieldzip(field, request, least) {
  return field.dataset
    ? measureDataset(field, request, least)
    : measureChunks(field, request, least);
}

/** A field as chunks of an archive, without its metadata. */
async function measureChunks(field, request, least) {
  const { dataType, values, name } = field;
  const shape = field.shape.filter((size) => size !== 1);
  const chunks = [];
  for (const box of slabsOf(
    shape,
    shape.map(() => 1),
    chunkValues,
  )) {
    chunks.push({ shape: box.shape, values: extractBox(dataType, values, shape, box) });
  }
  const encoded = await timed(async () => {
    const made = [];
    for (const chunk of chunks) {
      made.push((await compressChunk(chunk.values, chunk.shape, request)).bytes);
    }
    return made;
  }, least);
  const decoded = await timed(async () => {
    const made = [];
    for (const [index, bytes] of encoded.result.entries()) {
      made.push(
        await decompressChunk(bytes, { dataType, shape: chunks[index].shape, where: name }),
      );
    }
    return made;
  }, least);
  for (const [index, chunk] of chunks.entries()) {
    if (Buffer.compare(view(chunk.values), view(decoded.result[index])) !== 0) {
      return { error: `chunk ${index}: decoded bytes differ from the original` };
    }
  }
  return {
    bytes: encoded.result.reduce((sum, bytes) => sum + bytes.byteLength, 0),
    compress: encoded.seconds,
    decompress: decoded.seconds,
  };
}

/**
 * A dataset from memory to an archive in memory and back, as the command does it: variables that are
 * worth it in one array, coordinates, attributes and all metadata counted.
 */
async function measureDataset({ dataset }, request, least) {
  const encoded = await timed(async () => {
    const store = memoryStore();
    const { archiveBytes } = await compress(dataset, createArchiveIn(store), request);
    return { store, archiveBytes };
  }, least);
  const { store, archiveBytes } = encoded.result;
  const decoded = await timed(async () => {
    const archive = await openArchiveIn(store);
    const made = [];
    for (const { name } of dataset.variables) made.push(await archive.variable(name).readBox());
    return made;
  }, least);
  for (const [index, variable] of dataset.variables.entries()) {
    const original = await variable.readBox();
    if (Buffer.compare(view(original), view(decoded.result[index])) !== 0) {
      return { error: `${variable.name}: decoded bytes differ from the original` };
    }
  }
  return { bytes: archiveBytes, compress: encoded.seconds, decompress: decoded.seconds };
}

function view(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
