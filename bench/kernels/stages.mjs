/** The stages in WebAssembly: `assembly/stages.ts`, compiled with the options of packages/kernels. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ACTIVITIES, CLASSES } from "@fieldzip/kernels";
import asc from "assemblyscript/asc";
import { root } from "../machine.mjs";

const options =
  "--runtime stub --use abort= --enable simd --enable bulk-memory --noAssert --optimizeLevel 3 --shrinkLevel 0 --converge";
const bandwidthBytes = 256 * 2 ** 20;

export async function openStages(blocks, folder) {
  return stagesOf(await compileStages("stages", folder), blocks);
}

/** The exports of a file in `assembly/`, compiled and started. */
export async function compileStages(name, folder) {
  const source = `bench/kernels/assembly/${name}.ts`;
  const output = join(folder, `${name}.wasm`);
  const { error, stderr } = await asc.main([
    source,
    "--outFile",
    output,
    "--baseDir",
    root,
    ...options.split(" "),
  ]);
  if (error) throw new Error(`${source}: ${error}\n${stderr}`);
  const { instance } = await WebAssembly.instantiate(await readFile(output), {});
  return instance.exports;
}

/** name -> { run, output }: `run` computes, `output` gives a copy of what it made. */
function stagesOf(wasm, blocks) {
  const [outer, depth, height, width, bandRows, lag] = new Int32Array(blocks.geometry.buffer);
  const [rows, columns] = new Int32Array(blocks.fit.buffer);
  const count = blocks.classes.length;
  let free = wasm.heap() + 256;
  const reserve = (bytes) => {
    const at = Math.ceil(free / 64) * 64;
    free = at + bytes + 256;
    return at;
  };
  const at = Object.fromEntries(
    Object.entries(blocks).map(([name, bytes]) => [name, reserve(bytes.length)]),
  );
  const scratch = reserve(8 * count + 300_000);
  const classes = scratch + Math.ceil((4 * count + 512) / 64) * 64;
  const activity = reserve(count);
  const sums = reserve(4 * (4 * width + 256));
  const states = reserve(32);
  const large = reserve(bandwidthBytes);
  wasm.memory.grow(Math.ceil((free - wasm.memory.buffer.byteLength) / 65536) + 1);
  const memory = new Uint8Array(wasm.memory.buffer);
  for (const [name, bytes] of Object.entries(blocks)) memory.set(bytes, at[name]);
  memory.fill(1, large, large + bandwidthBytes);
  wasm.buildCrcTables();

  const box = [outer, depth, height, width];
  const copy = (from, length) => memory.slice(from, from + length);
  const predict = (stages) =>
    wasm.predict(stages, at.values, at.plans, ...box, bandRows, sums, scratch, classes);
  let end = 0;
  let checksums = [];
  const coderEnd = scratch + 4 * count;
  const half = bandwidthBytes / 2;
  return {
    "stencil sums": { run: () => predict(1), output: () => copy(sums, 4 * width) },
    "+ residuals": { run: () => predict(2), output: () => copy(scratch, 4 * count) },
    "+ classes": { run: () => predict(3), output: () => copy(classes, count) },
    "residual bits": {
      run: () => {
        end = wasm.packBitsFloat32(at.residuals, at.classes, count, scratch);
      },
      output: () => copy(scratch, end - scratch),
    },
    count: {
      run: () => wasm.countChunk(at.classes, ...box, bandRows, 0, activity, scratch),
      output: () => copy(scratch, ACTIVITIES * CLASSES * 4),
    },
    "range coder": {
      run: () => {
        end = wasm.encodeChunk(
          ...[at.classes, ...box, bandRows, 0, at.map, at.table, activity, states, coderEnd],
        );
      },
      output: () => Buffer.concat([copy(states, 32), copy(end, coderEnd - end)]),
    },
    checksums: {
      run: () => {
        checksums = [
          wasm.crc32c(at.coded, blocks.coded.length),
          wasm.crc32c(at.bits, blocks.bits.length),
        ];
      },
      output: () => new Uint8Array(Uint32Array.from(checksums).buffer),
    },
    "normal equations": {
      run: () => wasm.normalEquations(at.samples, at.weights, rows, columns, scratch),
      output: () => copy(scratch, 8 * columns * columns),
    },
    "sample errors": {
      run: () => wasm.sampleErrors(at.samples, at.solution, rows, columns, scratch),
      output: () => copy(scratch, 8 * rows),
    },
    "decode classes": {
      run: () => {
        memory.copyWithin(states, at.coded, at.coded + 32);
        wasm.decodeClasses(
          ...[classes, ...box, bandRows, at.map, at.slots, at.ranges, activity, states],
          at.coded + 32,
        );
      },
      output: () => copy(classes, count),
    },
    "decode bits": {
      run: () => wasm.unpackBits(at.bits, at.classes, scratch, outer * depth * height, width),
      output: () => copy(scratch, 4 * count),
    },
    "copy residuals": {
      run: () => wasm.copy(scratch, at.residuals, 4 * count),
      output: () => copy(scratch, 4 * count),
    },
    "copy + restore": {
      run: () => {
        wasm.copy(scratch, at.residuals, 4 * count);
        wasm.restore(scratch, at.plans, ...box, lag, sums);
      },
      output: () => copy(scratch, 4 * count),
    },
    "memory copy": { run: () => wasm.copy(large + half, large, half) },
    "memory read": { run: () => wasm.read(large, bandwidthBytes) },
  };
}

/** Bytes that must cross memory once in each stage: what it reads and writes, rows read again not counted. */
export function bytesMoved(blocks) {
  const count = blocks.classes.length;
  const { coded, bits, samples, weights } = blocks;
  return {
    "stencil sums": 4 * count,
    "+ residuals": 8 * count,
    "+ classes": 9 * count,
    "residual bits": 5 * count + bits.length,
    count,
    "range coder": count + coded.length,
    checksums: coded.length + bits.length,
    "normal equations": samples.length + weights.length,
    "sample errors": samples.length + weights.length,
    "decode classes": count + coded.length,
    "decode bits": 5 * count + bits.length,
    "copy residuals": 8 * count,
    "copy + restore": 16 * count,
    "memory copy": bandwidthBytes,
    "memory read": bandwidthBytes,
  };
}
