/** Samples a second of the trainer on one and two threads, and of two trainings apart from each other, in turns. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { train, wasmBackend } from "@fieldzip/neural";
import { createThreadPool } from "fieldzip";
import { waves } from "../waves.mjs";

const lengths = [48, 64, 64];
const cases = [
  { network: { kind: "fourier" }, batch: 4096, steps: 12 },
  { network: { kind: "grid" }, batch: 8192, steps: 30 },
];

/** What is trained on: 12 variables. */
export function threadField() {
  const variables = Array.from({ length: 12 }, (_, v) =>
    waves(lengths).map((value, i) => value + Math.sin(i * (v + 1) * 1e-3)),
  );
  return { lengths, variables };
}

/** Both together. */
async function speedApart(work) {
  const file = new URL("apart.mjs", import.meta.url);
  const workers = [0, 1].map(() => new Worker(file, { workerData: work }));
  const speeds = await Promise.all(workers.map((worker) => once(worker, "message")));
  return speeds.reduce((sum, [speed]) => sum + speed, 0);
}

export async function measureThreads(repetitions) {
  const worker = new URL("worker.mjs", import.meta.url);
  const pool = createThreadPool(2, worker);
  const field = threadField();
  const results = [];
  try {
    for (const { network, batch, steps } of cases) {
      const best = { 1: 0, 2: 0 };
      let apart = 0;
      for (let turn = 0; turn < Math.ceil(repetitions / 3); turn++) {
        for (const shares of [1, 2]) {
          const backend = wasmBackend({
            shares,
            relaxed: false,
            pool: shares > 1 ? pool : undefined,
          });
          await train(field, {
            ...{ network, batch, steps, backend },
            onProgress({ samplesPerSecond }) {
              best[shares] = Math.max(best[shares], samplesPerSecond);
            },
          });
        }
        apart = Math.max(apart, await speedApart({ network, batch, steps: 3 * steps }));
      }
      const [one, two, most] = [best[1], best[2], apart].map(
        (speed) => Math.round(speed / 100) / 10,
      );
      const [gain, possible] = [two, most].map((speed) => Math.round((100 * speed) / one) / 100);
      results.push({
        ...{ network: network.kind, batch, oneThread: one, twoThreads: two, gain },
        ...{ apart: most, possible },
      });
    }
  } finally {
    await pool.close();
  }
  return { unit: "ksamples/s", results };
}
