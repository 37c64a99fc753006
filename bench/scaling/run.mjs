/**
 * How coding scales: with worker threads, on a generated field of 256 MB, and with the size of chunks, on
 * MHD runs and a climate file, and on one variable of each with every effort.
 *
 *   FIELDZIP_DATA=folder node bench/scaling/run.mjs [--threads 0,1,2] [--side 400] [--repetitions 3] [--only efforts]
 *
 * --only measures one of `threads`, `chunks` and `efforts` and keeps the others of the result file as they are.
 *
 * Without FIELDZIP_DATA chunk sizes are tried on a generated field. Needs `npm run build`. Writes
 * bench/results/scaling.json and .md (or --output).
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { median, provenance, root } from "../machine.mjs";
import { waves } from "../waves.mjs";
import { measureArchive } from "./measure.mjs";
import { readIntoMemory } from "./memory-dataset.mjs";
import { report } from "./report.mjs";

const { values: options } = parseArgs({
  options: {
    threads: { type: "string", default: "0,1,2" },
    side: { type: "string", default: "400" },
    repetitions: { type: "string", default: "3" },
    only: { type: "string" },
    output: { type: "string", default: join(root, "bench/results/scaling.json") },
  },
});
const repetitions = Number(options.repetitions);
const threadCounts = options.threads.split(",").map(Number);
const chunkSizes = [14, 15, 16, 17, 18, 19, 20, 21].map((power) => 2 ** power);
const data = process.env.FIELDZIP_DATA;
const folder = await mkdtemp(join(tmpdir(), "fieldzip-scaling-"));
try {
  const parts = { threads: measureThreads, chunks: measureChunkSizes, efforts: measureEfforts };
  const { only } = options;
  if (only !== undefined && !parts[only])
    throw new Error(`--only: ${Object.keys(parts).join(", ")}`);
  const before = only && JSON.parse(await readFile(options.output, "utf8"));
  const measured = {};
  for (const [part, measure] of Object.entries(parts)) {
    if (only === undefined || only === part) measured[part] = await measure();
  }
  const origin = provenance(
    `${data ? "FIELDZIP_DATA=… " : ""}node bench/scaling/run.mjs --threads ${options.threads} --side ${options.side} --repetitions ${repetitions}${only ? ` --only ${only}` : ""}`,
  );
  const result = before
    ? { ...before, ...measured, parts: { ...before.parts, [only]: origin } }
    : {
        ...origin,
        method:
          "wall time from values in memory to an archive in a temporary folder and back, every byte compared; medians over repetitions in which thread counts and chunk sizes take turns; 1 MB = 10^6 bytes",
        ...measured,
      };
  await writeFile(options.output, `${JSON.stringify(result, undefined, 1)}\n`);
  await writeFile(options.output.replace(/\.json$/, ".md"), report(result));
} finally {
  await rm(folder, { recursive: true });
}

/** Every setting in turn, `repetitions` times; medians by setting. */
async function inTurns(fields, settings) {
  const turns = settings.map(() => []);
  // The first run of a process pays for memory and compiled code that the others find there.
  await measureArchive(fields, { ...settings[settings.length - 1], folder });
  for (let turn = 0; turn < repetitions; turn++) {
    for (const [k, setting] of settings.entries()) {
      const measured = await measureArchive(fields, { ...setting, folder });
      if (!measured.equal) throw new Error(`${JSON.stringify(setting)}: decoded bytes differ`);
      turns[k].push(measured);
    }
  }
  return settings.map((setting, k) => {
    const middle = (key) => round(median(turns[k].map((measured) => measured[key])));
    return {
      ...setting,
      ratio: middle("ratio"),
      compress: middle("compress"),
      decompress: middle("decompress"),
      ...(setting.access ? { boxMilliseconds: middle("boxMilliseconds") } : {}),
    };
  });
}

async function measureThreads() {
  const side = Number(options.side);
  const shape = [side, side, side];
  process.stderr.write(`threads ${threadCounts.join(", ")} on ${shape.join(" x ")}\n`);
  const field = { name: "waves", dataType: "float32", shape, values: waves(shape) };
  const settings = threadCounts.map((threads) => ({ threads }));
  return { shape, bytes: field.values.byteLength, runs: await inTurns([field], settings) };
}

async function measureChunkSizes() {
  const results = [];
  for (const { name, fields } of await inputs()) {
    process.stderr.write(`chunk sizes on ${name}\n`);
    const settings = chunkSizes.map((chunkValues) => ({ threads: 0, chunkValues, access: true }));
    results.push({
      name,
      variables: fields.length,
      largest: fields.reduce((a, b) => (b.values.length > a.values.length ? b : a)).shape,
      bytes: fields.reduce((sum, { values }) => sum + values.byteLength, 0),
      runs: await inTurns(fields, settings),
    });
  }
  return results;
}

/** One variable of every input, at every effort and size of chunks, once. */
async function measureEfforts() {
  const results = [];
  for (const { name, fields } of await inputs()) {
    const largest = fields.reduce((a, b) => (b.values.length > a.values.length ? b : a));
    process.stderr.write(`efforts on ${name} ${largest.name}\n`);
    const runs = [];
    for (const effort of ["fast", "default", "max"]) {
      for (const chunkValues of chunkSizes) {
        const setting = { threads: 0, chunkValues, effort };
        const measured = await measureArchive([largest], { ...setting, folder });
        if (!measured.equal) throw new Error(`${JSON.stringify(setting)}: decoded bytes differ`);
        const { ratio, compress, decompress } = measured;
        runs.push({
          ...setting,
          ratio: round(ratio),
          compress: round(compress),
          decompress: round(decompress),
        });
      }
    }
    const bytes = largest.values.byteLength;
    results.push({ name: `${name} ${largest.name}`, shape: largest.shape, bytes, runs });
  }
  return results;
}

/** The MHD runs of the data folder and its largest climate file; a generated field where there are none. */
async function inputs() {
  const mhd = ["mhd/rrmhd_turb", "mhd/pluto_rmhd_kh12", "mhd/rrmhd_turb_series48"];
  const paths = data ? mhd.map((name) => join(data, name)).filter(existsSync) : [];
  const climate = data && join(data, "climate");
  if (climate && existsSync(climate)) paths.push(await largestFile(climate));
  const found = [];
  for (const path of paths) {
    const fields = await readIntoMemory(path);
    if (fields.length > 0) found.push({ name: relative(data, path), fields });
  }
  if (found.length > 0) return found;
  const shape = [160, 256, 256];
  return [
    {
      name: "generated waves",
      fields: [{ name: "waves", dataType: "float32", shape, values: waves(shape) }],
    },
  ];
}

async function largestFile(parent) {
  let [largest, size] = [undefined, -1];
  for (const entry of await readdir(parent, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!/\.(nc|cdf|h5)$/.test(path)) continue;
    const bytes = (await stat(path)).size;
    if (bytes > size) [largest, size] = [path, bytes];
  }
  return largest;
}

function round(value) {
  return Number(value.toPrecision(4));
}
