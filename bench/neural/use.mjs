/**
 * Archives of networks in use: how near derivatives come to those of a field that is known, and what boxes, points,
 * resolutions and derivatives cost beside decoding everything.
 *
 *   FIELDZIP_DATA=folder node bench/neural/use.mjs [--run mhd/pluto_rmhd_kh12] [--epochs 2] [--parts derivatives,costs]
 *     [--output FILE.json]
 *
 * Writes bench/results/neural-use.json and .md (or --output); parts that are not measured stay as the result has them.
 */
import "./relaxed-simd.mjs";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Dataset, decompressChunk, memoryVariable } from "@fieldzip/core";
import { archiveIndex, openArchive, openDataset } from "@fieldzip/io";
import {
  createSampler,
  derive,
  encodeNeuralStream,
  gridPlaces,
  registerNeuralPredictor,
  resample,
  train,
} from "@fieldzip/neural";
import { compress } from "../../packages/cli/dist/compress.js";
import { table } from "../lossless/report.mjs";
import { provenance, root } from "../machine.mjs";
import { cpuSeconds } from "./contest.mjs";
import { defaultRun } from "./volume.mjs";

const { values: options } = parseArgs({
  options: {
    run: { type: "string", default: defaultRun },
    epochs: { type: "string", default: "2" },
    parts: { type: "string", default: "derivatives,costs" },
    output: { type: "string", default: join(root, "bench/results/neural-use.json") },
  },
});

const edge = 32;
const networks = [
  { name: "grid", network: { kind: "grid" }, steps: 1500 },
  {
    name: "fourier, k 32, n 64, m 2",
    network: { kind: "fourier", frequencies: 32, width: 64, hidden: 2 },
    steps: 3000,
  },
];

/** Waves of so many cells, and their derivative along the last axis. */
function waves(cells) {
  const k = (2 * Math.PI) / cells;
  const at = (of) =>
    Float32Array.from({ length: edge ** 3 }, (_, i) =>
      of(Math.floor(i / edge ** 2), Math.floor(i / edge) % edge, i % edge),
    );
  const [first, second] = [(y, x) => k * (x + 0.3 * y), (z, x) => 1.1 * k * (z + x)];
  const cross = (z, y) => Math.cos(0.7 * k * (y - z));
  return {
    values: at((z, y, x) => Math.sin(first(y, x)) * cross(z, y) + 0.5 * Math.sin(second(z, x))),
    slopes: at(
      (z, y, x) => k * Math.cos(first(y, x)) * cross(z, y) + 0.55 * k * Math.cos(second(z, x)),
    ),
  };
}

/** An archive of one network, in memory. */
async function archiveOf(values, network, steps) {
  const shape = [edge, edge, edge];
  const { stored } = await train({ lengths: shape, variables: [values] }, { network, steps });
  const chunk = { values, shape, model: stored, guarantee: { kind: "best-effort" } };
  const { bytes } = encodeNeuralStream(chunk);
  const decoded = await decompressChunk(bytes, { dataType: "float32", shape, where: "bench" });
  const array = {
    ...{ path: "f", dataType: "float32", shape, chunk: shape },
    codec: { name: "fieldzip", configuration: { predictor: "neural" } },
  };
  const dataset = datasetOf(decoded);
  const box = { start: [0, 0, 0], shape };
  const chunks = {
    arrayOf: (name) => (name === "f" ? array : undefined),
    chunkAt: () => ({ where: "bench", box, bytes: async () => bytes }),
  };
  return { dataset, decoded, chunks };
}

function datasetOf(values) {
  const names = ["z", "y", "x"];
  const shape = [edge, edge, edge];
  return new Dataset({
    ...{ format: "bench", location: "bench", groups: [] },
    dimensions: names.map((name) => ({ name, size: edge })),
    variables: [memoryVariable("f", "float32", names, shape, values)],
    async close() {},
  });
}

/** Share of the derivatives' size that they are off by (rms), two cells from the ends. */
function missOf(found, expected) {
  let [squares, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (i % edge < 2 || i % edge >= edge - 2) continue;
    squares += (found[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(squares / size);
}

async function measureDerivatives() {
  const axes = Array.from({ length: 3 }, () => Float64Array.from({ length: edge }, (_, i) => i));
  const rows = [];
  for (const cells of [16, 12, 8]) {
    const { values, slopes } = waves(cells);
    const miss = async (sampler, average) => {
      const options = { derivatives: [2], average };
      const [{ derivatives }] = await sampler.sample(["f"], { axes }, options);
      return missOf(derivatives[0], slopes);
    };
    const central = await miss(createSampler(datasetOf(values)));
    for (const { name, network, steps } of networks) {
      const { dataset, decoded, chunks } = await archiveOf(values, network, steps);
      const sampler = createSampler(dataset, chunks);
      const range =
        values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
      const squares = decoded.reduce((sum, value, i) => sum + (value - values[i]) ** 2, 0);
      const psnr = 20 * Math.log10(range / Math.sqrt(squares / values.length));
      const misses = {};
      for (const average of [0, 1, 2, 3]) misses[average] = await miss(sampler, average);
      rows.push({ cells, name, psnr, misses, central });
      console.log(rows.at(-1));
    }
  }
  return rows;
}

async function measureCosts() {
  const data = process.env.FIELDZIP_DATA;
  if (!data) throw new Error(`FIELDZIP_DATA must name a folder that holds ${options.run}`);
  registerNeuralPredictor();
  const folder = await mkdtemp(join(tmpdir(), "fieldzip-bench-"));
  try {
    const path = join(folder, "run.zarr");
    const original = await openDataset(join(data, options.run));
    const report = await compress(original, path, {
      ...{ predictor: "neural", guarantee: { kind: "best-effort", goal: {} } },
      ...{ settings: { epochs: Number(options.epochs) }, threads: 0 },
    });
    await original.close();
    return { ratio: report.originalBytes / report.archiveBytes, rows: await costsOf(path) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** CPU seconds on one thread. */
async function costsOf(path) {
  const rows = [];
  const timed = async (name, values, work) => {
    const started = cpuSeconds();
    await work();
    rows.push({ name, values, seconds: cpuSeconds() - started });
    console.log(rows.at(-1));
  };
  const opened = [];
  const open = async () => {
    opened.push(await openArchive(path));
    return opened.at(-1);
  };
  // Once for the engine, which compiles.
  await (await open()).variable("rho").readBox();
  const shape = (await open()).variable("rho").shape;
  const points = shape.reduce((a, b) => a * b, 1);
  const variables = 12;
  const archive = await open();
  const box = { start: shape.map((n) => n >> 2), shape: shape.map((n) => Math.min(n, 16)) };
  box.start[0] = 0;
  await timed(
    "a box of 16 x 16 x 16, all variables; the first one reads the network",
    variables * 4096,
    () => archive.variable("rho").readBox(box),
  );
  const next = { ...box, start: box.start.map((n, axis) => (axis > 0 ? n + 1 : n)) };
  await timed("another box of 16 x 16 x 16, all variables", variables * 4096, () =>
    archive.variable("rho").readBox(next),
  );
  await timed("the whole archive", variables * points, async () =>
    (await open()).variable("rho").readBox(),
  );
  const sampler = createSampler(archive, archiveIndex(archive));
  // Reads the network once more: a sampler keeps its own.
  await sampler.sample(["rho"], { points: new Float64Array(shape.length) });
  const names = archive.variables.filter((v) => v.shape.length > 2).map(({ name }) => name);
  const list = Float64Array.from({ length: 100_000 * shape.length }, (_, i) => {
    const axis = i % shape.length;
    return ((i * 0.6180339887) % 1) * (shape[axis] - 1);
  });
  await timed("100000 points, all variables", variables * 1e5, () =>
    sampler.sample(names, { points: list }),
  );
  const half = shape.slice(1).map((n) => 2 * n);
  const fine = await resample(sampler, gridPlaces(archive, { shape: half, box: middle(shape) }));
  await timed(
    "an eighth of the space at 4 times the resolution along every axis, all variables",
    variables * 8 * points,
    async () => {
      // Side by side, as writers read: each slab is computed once.
      const [, depth, height, width] = fine.variable("rho").shape;
      for (let z = 0; z < depth; z += 8) {
        const slab = { start: [0, z, 0, 0], shape: [1, Math.min(8, depth - z), height, width] };
        for (const name of names) await fine.variable(name).readBox(slab);
      }
    },
  );
  for (const average of [0, 1]) {
    const curl = await derive(sampler, { curl: [["vx1", "vx2", "vx3"]] }, { average });
    await timed(
      `the curl of a vector, derivatives averaged over ${average} cells`,
      3 * points,
      async () => {
        for (const k of [1, 2, 3]) await curl.variable(`curl_vx${k}`).readBox();
      },
    );
  }
  for (const dataset of opened) await dataset.close();
  return rows;
}

/** The middle half of every axis of space. */
function middle([, ...lengths]) {
  return lengths.map((n) => [n >> 2, (n >> 2) + (n >> 1)]);
}

function report({
  machine,
  date,
  node,
  command,
  run,
  derivatives = [],
  costs = { ratio: 0, rows: [] },
}) {
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  return `# Archives of networks in use

- \`${command}\`
- ${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${node}

## Derivatives

Of a field of waves on ${edge} x ${edge} x ${edge} cells whose derivative along the last axis is known: what is missed (rms, of the
derivatives' own rms). 0 is the network's analytic derivative at the very place, 1 to 3 its mean over so many cells along
the axis; then central differences of the original values.

${table(
  ["waves of", "network", "PSNR, dB", "0", "1", "2", "3", "central differences"],
  derivatives.map(({ cells, name, psnr, misses, central }) => [
    ...[`${cells} cells`, name, psnr.toFixed(1)],
    ...[0, 1, 2, 3].map((average) => percent(misses[average])),
    percent(central),
  ]),
)}

The mean over one cell comes nearest; central differences are means over two.

## Costs

${run}, 12 variables, default network, ratio ${costs.ratio.toFixed(0)}: CPU seconds on one thread.

${table(
  ["what", "values", "CPU s", "values/s"],
  costs.rows.map(({ name, values, seconds }) => [
    ...[name, values, seconds.toPrecision(3)],
    `${(values / seconds / 1e6).toFixed(2)} M`,
  ]),
)}
`;
}

const parts = options.parts.split(",");
const before = existsSync(options.output) ? JSON.parse(await readFile(options.output, "utf8")) : {};
const result = {
  ...provenance("FIELDZIP_DATA=… node bench/neural/use.mjs"),
  run: options.run,
  derivatives: parts.includes("derivatives") ? await measureDerivatives() : before.derivatives,
  costs: parts.includes("costs") ? await measureCosts() : before.costs,
};
await writeFile(options.output, `${JSON.stringify(result, null, 2)}\n`);
await writeFile(options.output.replace(/\.json$/, ".md"), report(result));
