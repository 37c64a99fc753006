/**
 * Memory and time of a file that is larger than most memories: 750 x 1000 x 1000 float32 (3 GB)
 * through the built command and back, compared by SHA-256.
 *
 *   node bench/memory/run.mjs [--shape 750,1000,1000] [--folder TMP] [--output FILE]
 *
 * Needs `npm run build` and, in the folder, room for the field twice and its archive (about 9 GB).
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { provenance, root } from "../machine.mjs";
import { generateField, hashFile } from "./generate.mjs";
import { measureCommand } from "./measure.mjs";

const { values: options } = parseArgs({
  options: {
    shape: { type: "string", default: "750,1000,1000" },
    folder: { type: "string", default: tmpdir() },
    output: { type: "string", default: join(root, "bench/results/memory.json") },
  },
});
const shape = options.shape.split(",").map(Number);
const cli = join(root, "packages/cli/dist/bin.js");
if (!existsSync(cli)) throw new Error(`${cli} is missing: run npm run build first`);

const folder = await mkdtemp(join(options.folder, "fieldzip-memory-"));
const original = join(folder, "big.raw");
const archive = join(folder, "big.zarr");
const restored = join(folder, "restored.raw");
try {
  say(`writing ${shape.join(" x ")} float32`);
  const sha256 = await generateField(original, shape);
  say("compressing");
  const compressArguments = [
    "compress",
    original,
    archive,
    "--shape",
    shape.join(","),
    "--dtype",
    "f32",
  ];
  const compress = await measureCommand(process.execPath, [cli, ...compressArguments]);
  say("decompressing");
  const decompress = await measureCommand(process.execPath, [cli, "decompress", archive, restored]);
  say("comparing");
  const identical = (await hashFile(restored)) === sha256;
  const originalBytes = (await stat(original)).size;
  const archiveBytes = await sizeOf(archive);
  const result = {
    ...provenance(`node bench/memory/run.mjs --shape ${shape.join(",")}`),
    shape,
    originalBytes,
    archiveBytes,
    ratio: Number((originalBytes / archiveBytes).toFixed(3)),
    identical,
    compress: figures(compress, originalBytes),
    decompress: figures(decompress, originalBytes),
  };
  await writeFile(options.output, `${JSON.stringify(result, undefined, 1)}\n`);
  say(JSON.stringify(result, undefined, 1));
  if (!identical) process.exitCode = 3;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function figures({ wallSeconds, cpuSeconds, peakBytes, by }, bytes) {
  return {
    wallSeconds: Number(wallSeconds.toFixed(1)),
    cpuSeconds: cpuSeconds === undefined ? undefined : Number(cpuSeconds.toFixed(1)),
    megabytesPerSecond: Number((bytes / 1e6 / wallSeconds).toFixed(1)),
    peakMegabytes: Math.round(peakBytes / 1e6),
    measuredBy: by,
  };
}

async function sizeOf(path) {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  let size = 0;
  for (const name of await readdir(path)) size += await sizeOf(join(path, name));
  return size;
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
