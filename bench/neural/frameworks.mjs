/**
 * CPU seconds to a PSNR: ours beside PyTorch, JAX and jax-js, one thread each, on the same volume:
 *
 *   FIELDZIP_DATA=folder node bench/neural/frameworks.mjs [--only "PyTorch, 512",…] [--parts network,grids]
 *     [--seconds 60] [--grid-seconds 150] [--marks 10] [--run mhd/pluto_rmhd_kh12] [--add] [--output FILE.json]
 *
 * `network` is the published network, the same everywhere: parameters, batches, Adam, learning rate over the
 * run; `grids` feature grids with 8 bits, in PyTorch and ours. Each contestant is a process of its own; they take turns from
 * mark to mark of their runs. With --add the rows that are not measured stay as the result file has them.
 * Needs `npm run build`, python3 and npm; installs the peers into bench/peers (some 6 GB). Writes
 * bench/results/frameworks.json, .md and .svg (or --output).
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { provenance, root, typedArguments } from "../machine.mjs";
import { startJsonProcess } from "../peers/json-process.mjs";
import { startPython } from "../peers/python.mjs";
import { earlierResult, writeResult } from "../result-files.mjs";
import { frameworksPicture, frameworksReport } from "./frameworks-report.mjs";
import { defaultRun, readVolume } from "./volume.mjs";

const { values: options } = parseArgs({
  options: {
    run: { type: "string", default: defaultRun },
    parts: { type: "string", default: "network,grids" },
    only: { type: "string", default: "" },
    seconds: { type: "string", default: "60" },
    "grid-seconds": { type: "string", default: "150" },
    marks: { type: "string", default: "10" },
    add: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "bench/results/frameworks.json") },
  },
});
const marks = Number(options.marks);
const seconds = Number(options.seconds);
const gridSeconds = Number(options["grid-seconds"]);

const published = { ...{ k: 128, n: 192, m: 3 }, batch: 512, learningRate: 8e-3, seconds };
const ownNetwork = { ...published, network: { kind: "fourier" }, format: "float32" };
const grids = { batch: 2048, learningRate: 2e-2 };
const ownGrids = { network: { kind: "grid" }, format: "integer", ...grids };
/** In the order of the tables. */
const contestants = [
  ours("network", "fieldzip, strict", { ...ownNetwork, relaxed: false }),
  ours("network", "fieldzip, relaxed", { ...ownNetwork, relaxed: true }),
  ours("network", "fieldzip, relaxed, batch 256", { ...ownNetwork, relaxed: true, batch: 256 }),
  ours("network", "fieldzip, its own grids", {
    ...ownGrids,
    relaxed: true,
    format: "float32",
    seconds,
  }),
  python("network", "PyTorch, compiled", "network_torch.py", { ...published, compile: true }),
  python("network", "PyTorch, GELU", "network_torch.py", { ...published, activation: "gelu" }),
  python("network", "JAX", "network_jax.py", published),
  python("network", "JAX, batch 256", "network_jax.py", { ...published, batch: 256 }),
  javaScript("network", "jax-js", "bench/peers/jax-js/network.mjs", published),
  ours("grids", "fieldzip, half the time", {
    ...ownGrids,
    relaxed: true,
    seconds: gridSeconds / 2,
  }),
  ours("grids", "fieldzip, strict", { ...ownGrids, relaxed: false, seconds: gridSeconds }),
  python("grids", "PyTorch", "grids_torch.py", { ...grids, seconds: gridSeconds }),
  python("grids", "PyTorch, batch 4096", "grids_torch.py", {
    ...{ batch: 4096, learningRate: 1e-2, seconds: gridSeconds },
  }),
  python("grids", "PyTorch, batch 16384", "grids_torch.py", {
    ...{ batch: 16384, learningRate: 5e-3, seconds: gridSeconds },
  }),
];
const entered = contestants.filter(
  ({ part, name }) =>
    options.parts.split(",").includes(part) &&
    (options.only === "" || options.only.split(/,(?! )/).includes(name)),
);

const origin = provenance(
  `FIELDZIP_DATA=… node bench/neural/frameworks.mjs ${typedArguments()}`.trim(),
);
const before = await earlierResult(options.output, origin, options.add, { rows: [] });
const volume = await readVolume(options.run);
const folder = await mkdtemp(join(tmpdir(), "fieldzip-frameworks-"));
const path = join(folder, "volume.raw");
try {
  await writeFile(path, Buffer.concat(volume.variables.map(bytesOf)));
  let { rows } = before;
  const same = (a, b) => a.part === b.part && a.name === b.name;
  for (const part of options.parts.split(",")) {
    const measured = await race(entered.filter((one) => one.part === part));
    const kept = rows.filter((row) => !measured.some((one) => same(row, one)));
    const place = (row) => contestants.findIndex((one) => same(row, one));
    rows = [...kept, ...measured].sort((a, b) => place(a) - place(b));
    await save(rows);
  }
} finally {
  await rm(folder, { recursive: true });
}

async function save(rows) {
  const result = {
    ...origin,
    method:
      "CPU seconds of the process in which it trains, all its threads; compiling and evaluating not counted; contestants take turns from mark to mark",
    ...{ run: volume.run, lengths: volume.lengths },
    bytes: volume.variables.length * volume.variables[0].byteLength,
    rows,
  };
  await writeResult(options.output, result, {
    report: frameworksReport,
    picture: frameworksPicture,
  });
}

/** All of them at once, but one at a time. */
async function race(entrants) {
  const shape = [volume.variables.length, ...volume.lengths];
  const runners = [];
  try {
    for (const { part, name, setup, start } of entrants) {
      const { ask, close } = start();
      const runner = { part, name, setup, ask, close, curve: [] };
      runners.push(runner);
      Object.assign(runner, await asked(runner, { setup: { ...setup, path, shape } }));
    }
    for (let mark = 1; mark <= marks; mark++) {
      for (const runner of runners) {
        const { seconds, step, psnr, ...more } = await asked(runner, { mark, of: marks });
        runner.curve.push({ seconds: digits(seconds), step, psnr: digits(psnr) });
        Object.assign(runner, more);
        process.stderr.write(`${runner.name}: ${JSON.stringify(runner.curve.at(-1))}\n`);
      }
    }
  } finally {
    for (const { close } of runners) close();
  }
  const { command, date, commit } = origin;
  return runners.map(({ ask, close, setup, steps, ...row }) => {
    const { seconds, psnr } = row.curve.at(-1);
    const { batch, learningRate } = setup;
    const ksamplesPerSecond = digits((steps * batch) / seconds / 1e3);
    return {
      ...row,
      batch,
      learningRate,
      steps,
      ksamplesPerSecond,
      seconds,
      psnr,
      command,
      date,
      commit,
    };
  });
}

async function asked({ name, ask }, request) {
  const answer = await ask(request);
  if (answer.error) throw new Error(`${name}: ${answer.error}`);
  return answer;
}

function ours(part, name, setup) {
  return javaScript(part, name, "bench/neural/contestant.mjs", setup);
}

function javaScript(part, name, script, setup) {
  const start = () => {
    if (script.includes("peers")) installJaxJs();
    return startJsonProcess(process.execPath, [join(root, script)]);
  };
  return { part, name, setup, start };
}

function python(part, name, script, setup) {
  const start = () =>
    startPython({
      requirements: "requirements-frameworks.txt",
      environment: ".venv-frameworks",
      script: join(root, "bench/peers", script),
      env: { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
    });
  return { part, name, setup: { compile: false, activation: "smooth", ...setup }, start };
}

function installJaxJs() {
  const cwd = join(root, "bench/peers/jax-js");
  if (existsSync(join(cwd, "node_modules"))) return;
  execFileSync("npm", ["install", "--no-package-lock", "--no-audit"], {
    ...{ cwd, stdio: ["ignore", 2, 2] },
  });
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function digits(value) {
  return Number(value.toPrecision(4));
}
