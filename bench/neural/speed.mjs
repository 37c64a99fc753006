/**
 * One thread of the training step against the same step in C:
 *
 *   node bench/neural/speed.mjs [--repetitions 15] [--threads] [--output FILE]
 *
 * Needs `npm run build` and gcc; OpenBLAS (Debian: libopenblas-dev) where it is installed. The published
 * network on 12 random targets at random points of a volume. WebAssembly (strict, and relaxed where the
 * engine has it) and the builds of C take turns, a step each; all begin with the same parameters, and
 * their losses must agree for ten turns. CPU time of the process (the engine's own threads among it), and
 * the fastest turn counts: others share the machine. With --threads, samples a second of the
 * trainer with the strict kernels on one and two threads, too: wall time, for an idle machine.
 */
import "./relaxed-simd.mjs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  accessArena,
  createArena,
  hasRelaxedSimd,
  openTrainingKernel,
} from "@fieldzip/kernels/network";
import { provenance, root } from "../machine.mjs";
import { openNative } from "./native.mjs";
import { speedReport } from "./report.mjs";
import { measureThreads } from "./threads.mjs";

const { values: options } = parseArgs({
  options: {
    repetitions: { type: "string", default: "15" },
    threads: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "bench/results/neural-speed.json") },
  },
});

const lengths = [72, 96, 128];
const outputs = 12;
const cases = [
  { k: 128, n: 192, m: 3, batch: 512 },
  { k: 128, n: 192, m: 3, batch: 4096 },
  { k: 64, n: 128, m: 1, batch: 4096 },
];
const folder = await mkdtemp(join(tmpdir(), "fieldzip-neural-"));
try {
  const measured = [];
  let compiler;
  for (const one of cases) {
    const { version, rows } = await measure(one);
    compiler = version;
    measured.push({ ...one, rows });
    for (const row of rows) process.stderr.write(`${JSON.stringify({ ...one, ...row })}\n`);
  }
  const threads = options.threads ? await measureThreads(Number(options.repetitions)) : undefined;
  if (threads) process.stderr.write(`${JSON.stringify(threads)}\n`);
  const result = {
    ...provenance(`node bench/neural/speed.mjs --repetitions ${options.repetitions}`),
    gcc: compiler,
    method:
      "CPU time of a step, the fastest of turns; GFlop/s count six operations a weight and sample",
    cases: measured,
    threads,
  };
  await writeFile(options.output, `${JSON.stringify(result, undefined, 1)}\n`);
  await writeFile(options.output.replace(/\.json$/, ".md"), speedReport(result));
} finally {
  await rm(folder, { recursive: true });
}

async function measure({ k, n, m, batch }) {
  const random = numbers(1);
  const axes = lengths.map((length) =>
    Float32Array.from({ length }, (_, i) => (2 * i) / (length - 1) - 1),
  );
  const count = lengths.reduce((a, b) => a * b, 1);
  const targets = Float32Array.from({ length: count * outputs }, random);
  const indices = Uint32Array.from({ length: batch }, () => ((random() + 1) / 2) * (count - 1));
  const shape = {
    ...{ dimensions: 3, outputs, levels: [], mapping: "learned", frequencies: k },
    ...{ widths: new Array(m + 1).fill(n), firstBias: false, activation: "relu" },
  };
  let parameters;
  const sides = [false, ...(hasRelaxedSimd() ? [true] : [])].map((relaxed) => {
    const arena = createArena(shape, { coordinates: { axes }, batch, relaxed });
    const access = accessArena(arena);
    parameters ??= Float32Array.from({ length: access.read("first").length }, () => random() / 10);
    access.write("parameters", parameters);
    access.targets.set(targets);
    access.setLossWeights(new Array(outputs).fill(1), batch);
    access.setIndices(indices);
    const kernel = openTrainingKernel(arena);
    kernel.order(batch);
    let step = 0;
    return {
      name: relaxed ? "WebAssembly, relaxed" : "WebAssembly, strict",
      async step() {
        const from = cpuSeconds();
        step++;
        kernel.gradients(0, batch);
        kernel.update(0, {
          ...{ first: 0.9, second: 0.99, epsilon: 1e-8, step },
          rate: () => 1e-3,
        });
        const seconds = cpuSeconds() - from;
        const sum = access.errors().reduce((a, b) => a + b, 0);
        return { seconds, loss: sum / batch / outputs };
      },
      close() {},
    };
  });
  const points = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    const [, height, width] = lengths;
    const place = [Math.floor(i / width / height), Math.floor(i / width) % height, i % width];
    points.set(
      place.map((at, axis) => axes[axis][at]),
      3 * i,
    );
  }
  const head = Int32Array.of(3, outputs, k, n, m, batch, count);
  const native = await openNative([head, parameters, indices, points, targets], folder);
  sides.push(...native.builds);
  const best = sides.map(() => Number.POSITIVE_INFINITY);
  // Small steps need more turns until the engine has compiled.
  const turns = Number(options.repetitions) * (4096 / batch);
  for (let turn = 0; turn < turns; turn++) {
    const losses = [];
    for (const [side, { step }] of sides.entries()) {
      const { seconds, loss } = await step();
      best[side] = Math.min(best[side], seconds);
      losses.push(loss);
    }
    // Later, rounding has led them apart.
    if (turn < 10 && Math.max(...losses) > 1.001 * Math.min(...losses)) {
      throw new Error(`losses differ in turn ${turn}: ${losses.join(", ")}`);
    }
  }
  for (const { close } of sides) close();
  const operations = 6 * batch * (n * (2 * k + m * n + outputs));
  const [plain, blas] = native.builds.map((_, i) => best.at(i - native.builds.length));
  return {
    version: native.version,
    rows: sides.map(({ name }, side) => ({
      name,
      milliseconds: digits(best[side] * 1e3),
      gflops: digits(operations / best[side] / 1e9),
      ofPlainC: digits(plain / best[side]),
      ofOpenBlas: blas === undefined ? undefined : digits(blas / best[side]),
    })),
  };
}

function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function digits(value) {
  return Math.round(value * 1000) / 1000;
}
