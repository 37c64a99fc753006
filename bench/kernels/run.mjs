/**
 * One chunk through encoder and decoder, stage by stage; every kernel against the same algorithm in C and
 * against the machine's memory bandwidth:
 *
 *   FIELDZIP_DATA=folder node bench/kernels/run.mjs [--repetitions 25] [--output FILE]
 *
 * The chunk is the density of mhd/rrmhd_turb in that folder, else a generated volume. Needs
 * `npm run build`; without gcc the columns of C say so. Writes bench/results/kernels.json and .md.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median, provenance, root } from "../machine.mjs";
import { captureStages, chunkToMeasure } from "./chunk.mjs";
import { openCoding } from "./coding.mjs";
import { blocksOf, mainSources } from "./layout.mjs";
import { openNative } from "./native.mjs";
import { measurePacked } from "./packed.mjs";
import { report } from "./report.mjs";
import { bytesMoved, openStages } from "./stages.mjs";

const { values: options } = parseArgs({
  options: {
    repetitions: { type: "string", default: "25" },
    output: { type: "string", default: join(root, "bench/results/kernels.json") },
  },
});
const repetitions = Number(options.repetitions);
/** A stage is called as often as fills this much time, so that clocks and calls do not count. */
const leastSeconds = 0.008;

const chunk = await chunkToMeasure(process.env.FIELDZIP_DATA);
const captured = captureStages(chunk);
const blocks = blocksOf(captured);
const folder = await mkdtemp(join(tmpdir(), "fieldzip-kernels-"));
const native = await openNative(blocks, folder);
try {
  const stages = await openStages(blocks, folder);
  const equal = await compareOutputs(stages);
  const coding = await measureCoding();
  const packed = await measurePacked(chunk, repetitions, folder);
  const kernels = await measureKernels(stages, equal);
  const where = provenance(
    `${process.env.FIELDZIP_DATA ? "FIELDZIP_DATA=… " : ""}node bench/kernels/run.mjs --repetitions ${repetitions}`,
  );
  const result = {
    ...where,
    gcc: native.version,
    method:
      "one thread; wall time; medians over repetitions in which WebAssembly and the builds of C take turns; 1 MB = 10^6 bytes",
    chunk: {
      name: chunk.name,
      shape: chunk.shape,
      bytes: chunk.values.byteLength,
      encodedBytes: coding.bytes,
      sourceRows: mainSources(captured),
      contexts: captured.contexts.length,
      samples: captured.rows,
      columns: captured.columns,
    },
    encode: coding.encode,
    decode: coding.decode,
    fast: packed,
    builds: native.builds.map(({ name }) => name),
    kernels,
  };
  await writeFile(options.output, `${JSON.stringify(result, undefined, 1)}\n`);
  await writeFile(options.output.replace(/\.json$/, ".md"), report(result));
  const different = Object.entries(equal).filter(([, same]) => same === false);
  if (different.length > 0) {
    process.stderr.write(`outputs differ: ${different.map(([name]) => name).join(", ")}\n`);
    process.exitCode = 3;
  }
} finally {
  for (const build of native.builds) build.close();
  await rm(folder, { recursive: true });
}

/** stage -> whether every build of C made the same bytes, and those that coding the chunk made. */
async function compareOutputs(stages) {
  const known = {
    "+ residuals": blocks.residuals,
    "+ classes": blocks.classes,
    "residual bits": blocks.bits,
    "range coder": blocks.coded,
    "decode classes": blocks.classes,
    "decode bits": blocks.residuals,
    "copy + restore": blocks.values,
    checksums: new Uint8Array(
      Uint32Array.of(captured.coded.checksum, captured.bits.checksum).buffer,
    ),
  };
  const equal = {};
  for (const [name, stage] of Object.entries(stages)) {
    if (!stage.output) continue;
    stage.run();
    const ours = comparable(name, stage.output());
    if (known[name] && !ours.equals(comparable(name, known[name])))
      throw new Error(`${name}: the stage alone does not make what coding the chunk makes`);
    for (const build of native.builds) {
      const theirs = comparable(name, await build.output(name));
      equal[name] = (equal[name] ?? true) && theirs.equals(ours);
    }
  }
  return equal;
}

/** Above the diagonal of the normal equations nothing is defined. */
function comparable(name, bytes) {
  const copy = Buffer.from(bytes);
  if (name === "normal equations") {
    const { columns } = captured;
    for (let i = 0; i < columns; i++)
      copy.fill(0, 8 * (i * columns + i + 1), 8 * (i + 1) * columns);
  }
  return copy;
}

async function measureCoding() {
  const coding = openCoding(chunk);
  const encodes = [];
  const decodes = [];
  const warm = 8;
  for (let turn = 0; turn < warm + repetitions; turn++) {
    const encoded = await coding.encode();
    const decoded = await coding.decode();
    if (turn < warm) continue;
    encodes.push(encoded);
    decodes.push(decoded);
  }
  const names = [...new Set(encodes.flatMap(({ stages }) => Object.keys(stages)))];
  const whole = median(encodes.map((encoded) => encoded.whole));
  const stages = Object.fromEntries(
    names.map((name) => [name, round(median(encodes.map((turn) => turn.stages[name] ?? 0)))]),
  );
  const named = Object.values(stages).reduce((sum, milliseconds) => sum + milliseconds, 0);
  stages["all else (stream, garbage collection)"] = round(whole - named - (stages.rest ?? 0));
  delete stages.rest;
  return {
    bytes: coding.bytes(),
    encode: { milliseconds: round(whole), stages },
    decode: { milliseconds: round(median(decodes)) },
  };
}

async function measureKernels(stages, equal) {
  const moved = bytesMoved(blocks);
  const runners = [
    { name: "wasm", seconds: async (stage, repeats) => timeHere(stages[stage].run, repeats) },
    ...native.builds,
  ];
  const kernels = {};
  for (const [stage, { run }] of Object.entries(stages)) {
    // Enough calls that V8 has made its best code of the kernel.
    for (let k = 0; k < 20 && !stage.startsWith("memory"); k++) run();
    const repeats = Math.max(1, Math.ceil(leastSeconds / timeHere(run, 1)));
    const turns = Object.fromEntries(runners.map(({ name }) => [name, []]));
    kernels[stage] = { bytesMoved: moved[stage], equalOutputs: equal[stage], repeats, turns };
  }
  // All stages in every turn: some are differences of two, which a machine that changes its pace would spoil.
  for (let turn = 0; turn < repetitions; turn++) {
    for (const [stage, { repeats, turns }] of Object.entries(kernels)) {
      for (const { name, seconds } of runners) turns[name].push(await seconds(stage, repeats));
    }
  }
  return summarise(kernels);
}

/** Stages that were measured together with the one before them, apart: medians of the differences. */
function summarise(kernels) {
  const apart = {
    "+ residuals": "stencil sums",
    "+ classes": "+ residuals",
    "copy + restore": "copy residuals",
  };
  const result = {};
  for (const [stage, { bytesMoved, equalOutputs, turns }] of Object.entries(kernels)) {
    const before = kernels[apart[stage]];
    const seconds = (name) =>
      turns[name].map((value, turn) => value - (before ? before.turns[name][turn] : 0));
    const milliseconds = Object.fromEntries(
      Object.keys(turns).map((name) => [name, round(1e3 * median(seconds(name)))]),
    );
    const bytes = bytesMoved - (before?.bytesMoved ?? 0);
    result[stage.replace("copy + ", "").replace("+ ", "")] = {
      bytesMoved: bytes,
      milliseconds,
      gigabytesPerSecond: round(bytes / 1e6 / milliseconds.wasm),
      timesNative: Object.fromEntries(
        native.builds.map(({ name }) => [name, round(milliseconds[name] / milliseconds.wasm)]),
      ),
      equalOutputs,
    };
  }
  return result;
}

function timeHere(run, repeats) {
  const start = performance.now();
  for (let k = 0; k < repeats; k++) run();
  return (performance.now() - start) / 1e3 / repeats;
}

function round(value) {
  return Number(value.toPrecision(4));
}
