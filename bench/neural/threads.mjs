/** Samples a second of the trainer on one and two threads, in turns. */
import { train, wasmBackend } from "@fieldzip/neural";
import { createThreadPool } from "fieldzip";
import { waves } from "../waves.mjs";

const lengths = [48, 64, 64];
const cases = [
  { network: { kind: "fourier" }, batch: 4096, steps: 12 },
  { network: { kind: "grid" }, batch: 8192, steps: 30 },
];

export async function measureThreads(repetitions) {
  const worker = new URL("worker.mjs", import.meta.url);
  const pool = createThreadPool(2, worker);
  const variables = Array.from({ length: 12 }, (_, v) =>
    waves(lengths).map((value, i) => value + Math.sin(i * (v + 1) * 1e-3)),
  );
  const results = [];
  try {
    for (const { network, batch, steps } of cases) {
      const best = { 1: 0, 2: 0 };
      for (let turn = 0; turn < Math.ceil(repetitions / 3); turn++) {
        for (const shares of [1, 2]) {
          const backend = wasmBackend({
            shares,
            relaxed: false,
            pool: shares > 1 ? pool : undefined,
          });
          await train(
            { lengths, variables },
            {
              ...{ network, batch, steps, backend },
              onProgress({ samplesPerSecond }) {
                best[shares] = Math.max(best[shares], samplesPerSecond);
              },
            },
          );
        }
      }
      const [one, two] = [best[1], best[2]].map((speed) => Math.round(speed / 100) / 10);
      const gain = Math.round((100 * two) / one) / 100;
      results.push({ network: network.kind, batch, oneThread: one, twoThreads: two, gain });
    }
  } finally {
    await pool.close();
  }
  return { unit: "ksamples/s", results };
}
