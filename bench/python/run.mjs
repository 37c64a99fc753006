/**
 * Decoding in Python (packages/python: the same WebAssembly module under wasmtime) beside decoding in Node.
 *
 *   FIELDZIP_DATA=folder node bench/python/run.mjs [--filter TEXT[,TEXT]] [--repetitions 5] [--networks]
 *
 * Without FIELDZIP_DATA a generated field is measured. Needs `npm run build` and the Python that `npm test` uses (.venv).
 * Writes bench/results/python.json and .md (or --output). --networks measures chunks that are networks instead, in CPU time alone, and writes
 * python-networks.json and .md.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { bytesOf, compressChunk, decompressChunk } from "@fieldzip/core";
import { encodeNeuralStream, layoutOfChunk, train } from "@fieldzip/neural";
import { compress, createThreadPool, openArchive } from "fieldzip";
import { providePython } from "../../scripts/python.mjs";
import { installWheel } from "../../scripts/wheel.mjs";
import { fieldsOf } from "../lossless/fields.mjs";
import { geometricMean, median, provenance, root } from "../machine.mjs";
import { memoryDataset } from "../scaling/memory-dataset.mjs";
import { waves } from "../waves.mjs";

const { values: options } = parseArgs({
  options: {
    filter: {
      type: "string",
      default: "mhd/rrmhd_turb rho,mhd/pluto_rmhd_kh12 vx1,o3_AERmon,gn_198001.nc tos",
    },
    repetitions: { type: "string", default: "5" },
    networks: { type: "boolean", default: false },
    output: { type: "string" },
  },
});
const file = `bench/results/${options.networks ? "python-networks" : "python"}.json`;
const output = options.output ?? join(root, file);
const repetitions = Number(options.repetitions);
const threads = 2;
const chunkValues = 2 ** 20;
/** CPU seconds that one measurement of a chunk lasts at least. */
const least = 0.3;
const data = process.env.FIELDZIP_DATA;

const sha256 = (values) => createHash("sha256").update(bytesOf(values)).digest("hex");
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const python = providePython();
const site = python && (await installWheel(python));
if (!site) throw new Error("no Python with the packages of scripts/test-requirements.txt");
const folder = await mkdtemp(join(tmpdir(), "fieldzip-python-"));
const peer = startPython();
try {
  const rows = [];
  for (const field of await fields()) {
    const before = rows.length;
    if (options.networks) rows.push(await network(field));
    else {
      for (const effort of ["fast", "default", "max"]) rows.push(await chunk(field, effort));
      rows.push(await whole(field));
    }
    console.log(rows.slice(before).map(rowText).join("\n"));
  }
  const ratios = (kind) => rows.filter((row) => row.kind === kind).map((row) => row.times);
  const filter = options.filter === "" ? "" : ` --filter "${options.filter}"`;
  const result = {
    ...provenance(
      `${data ? "FIELDZIP_DATA=… " : ""}node bench/python/run.mjs${data ? filter : ""} --repetitions ${repetitions}${options.networks ? " --networks" : ""}`,
    ),
    versions: await peer.ask({ versions: true }),
    method: `chunk: one chunk of at most ${chunkValues} values on one thread, CPU time, the fastest of ${least} s; archive: opened and read whole, ${threads} threads in Node, zarr-python's own in Python, wall time; Node and Python take turns, medians of ${repetitions} turns; every decoded byte compared; times: Python's seconds over Node's in the same turn`,
    chunkTimes: geometricMean(ratios("chunk")),
    archiveTimes: options.networks ? 0 : geometricMean(ratios("archive")),
    rows,
  };
  await writeFile(output, `${JSON.stringify(result, undefined, 1)}\n`);
  await writeFile(output.replace(/\.json$/, ".md"), report(result));
} finally {
  peer.stop();
  await rm(folder, { recursive: true });
}

async function fields() {
  if (!data)
    return [
      {
        name: "waves",
        dataType: "float32",
        shape: [128, 256, 256],
        values: waves([128, 256, 256]),
      },
    ];
  const parts = options.filter.split(",");
  const found = [];
  for await (const field of fieldsOf(data, (name) => parts.some((part) => name.includes(part)))) {
    if (!field.whole) found.push(field);
  }
  return found;
}

/** One chunk: whole slices out of the middle of the field, as an archive would cut it. */
async function chunk(field, effort) {
  const { part, box } = chunkOf(field);
  const { bytes } = await compressChunk(part, box, { effort });
  return { effort, ...(await measureChunk(field, part, box, bytes, sha256(part))) };
}

/** The same chunk as a network of the default kind: how long it was trained is nothing to its decoding. */
async function network(field) {
  const { part, box } = chunkOf(field);
  const { lengths } = layoutOfChunk(box, undefined);
  const { stored } = await train(
    { lengths, variables: [part] },
    { network: { kind: "grid" }, steps: 100 },
  );
  const guarantee = { kind: "best-effort" };
  const { bytes } = encodeNeuralStream({
    ...{ values: part, shape: box, outputs: [0], model: stored, guarantee, fillValues: [] },
  });
  const { dataType } = field;
  const decoded = await decompressChunk(bytes, { dataType, shape: box, where: field.name });
  return { effort: "network", ...(await measureChunk(field, part, box, bytes, sha256(decoded))) };
}

function chunkOf({ shape, values }) {
  const slice = values.length / shape[0];
  const slices = Math.max(1, Math.min(shape[0], Math.floor(chunkValues / slice)));
  return { part: values.slice(0, slices * slice), box: [slices, ...shape.slice(1)] };
}

async function measureChunk({ name, dataType }, part, box, bytes, expected) {
  const path = join(folder, "chunk.fzs");
  await writeFile(path, bytes);
  const where = name;
  const node = async () => {
    const decoded = await decompressChunk(bytes, { dataType, shape: box, where });
    if (sha256(decoded) !== expected) throw new Error(`${name}: Node decodes other bytes`);
    let fastest = Infinity;
    const until = cpu() + least;
    for (let round = 0; round < 5 || cpu() < until; round++) {
      const start = cpu();
      await decompressChunk(bytes, { dataType, shape: box, where });
      fastest = Math.min(fastest, cpu() - start);
    }
    return fastest;
  };
  const measured = await inTurns(node, { stream: path, least }, expected, name);
  return { kind: "chunk", field: name, megabytes: part.byteLength / 1e6, ...measured };
}

/** The whole field as an archive. */
async function whole({ name, dataType, shape, values }) {
  const path = join(folder, "field.zarr");
  const pool = createThreadPool(threads);
  try {
    const array = { name: "field", dataType, shape, values };
    await compress(memoryDataset("memory", [array]), path, { pool, force: true });
    const expected = sha256(values);
    const node = async () => {
      const start = performance.now();
      const archive = await openArchive(path, { pool });
      const read = await archive.variable("field").readBox();
      const seconds = (performance.now() - start) / 1000;
      await archive.close();
      if (sha256(read) !== expected) throw new Error(`${name}: Node reads other bytes`);
      return seconds;
    };
    const measured = await inTurns(node, { archive: path, array: "field" }, expected, name);
    return { kind: "archive", field: name, megabytes: values.byteLength / 1e6, ...measured };
  } finally {
    await pool.close();
  }
}

async function inTurns(node, request, expected, name) {
  const [nodeSeconds, pythonSeconds] = [[], []];
  for (let turn = 0; turn <= repetitions; turn++) {
    const own = await node();
    const { seconds, sha256: found } = await peer.ask(request);
    if (found !== expected) throw new Error(`${name}: Python decodes other bytes`);
    // The first turn warms both.
    if (turn > 0) {
      nodeSeconds.push(own);
      pythonSeconds.push(seconds);
    }
  }
  return {
    nodeSeconds: median(nodeSeconds),
    pythonSeconds: median(pythonSeconds),
    times: median(pythonSeconds.map((seconds, turn) => seconds / nodeSeconds[turn])),
  };
}

function startPython() {
  const child = spawn(python, [join(root, "bench/python/decode.py")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PYTHONPATH: site, PYTHONWARNINGS: "ignore" },
  });
  const waiting = [];
  createInterface({ input: child.stdout }).on("line", (line) =>
    waiting.shift().resolve(JSON.parse(line)),
  );
  child.on("close", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("bench/python/decode.py ended"));
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }),
    stop: () => child.stdin.end(),
  };
}

function speed({ megabytes }, seconds) {
  const found = megabytes / seconds;
  return found.toFixed(found < 100 ? 1 : 0);
}

function rowText(row) {
  const what = row.kind === "chunk" ? `one chunk, ${row.effort}` : `archive, ${threads} threads`;
  return `| ${row.field} | ${what} | ${speed(row, row.nodeSeconds)} | ${speed(row, row.pythonSeconds)} | ${row.times.toFixed(2)} |`;
}

function report({
  command,
  machine,
  node,
  date,
  versions,
  chunkTimes,
  archiveTimes,
  method,
  rows,
}) {
  return `# Python beside Node

\`${command}\` on ${machine.cores} cores of ${machine.cpu}, Node ${node}, Python ${versions.python}, wasmtime ${versions.wasmtime}, zarr ${versions.zarr}, ${date}

Python takes ${chunkTimes.toFixed(2)} times as long as Node for a chunk${archiveTimes > 0 ? ` and ${archiveTimes.toFixed(2)} times for an archive` : ""} (geometric means).
${method[0].toUpperCase()}${method.slice(1)}.

| field | what | Node, MB/s | Python, MB/s | times |
| --- | --- | ---: | ---: | ---: |
${rows.map(rowText).join("\n")}
`;
}
