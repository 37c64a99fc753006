import { Worker } from "node:worker_threads";
import type { WorkerPool } from "@fieldzip/core";
import { expect, test } from "vitest";
import { train, wasmBackend } from "../src/index.js";
import { waves } from "./helpers.js";

/** Training on worker threads: the weights of one thread that computes the same shares. */

/** The simplest pool: a task goes to the next idle worker. */
function openPool(size: number): WorkerPool {
  // The built packages: a worker cannot load TypeScript, so not the condition that tests run under.
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL("./worker.mjs", import.meta.url), { execArgv: [] }),
  );
  const idle = [...workers];
  const queue: ((worker: Worker) => void)[] = [];
  const give = () => {
    while (idle.length > 0 && queue.length > 0) queue.shift()!(idle.pop()!);
  };
  return {
    size,
    run: <Input, Output>(task: string, input: Input) =>
      new Promise<Output>((resolve, reject) => {
        queue.push((worker) => {
          worker.once("error", reject);
          worker.once("message", (output: Output) => {
            worker.off("error", reject);
            idle.push(worker);
            give();
            resolve(output);
          });
          worker.postMessage({ task, input });
        });
        give();
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

test("the weights follow from the number of shares, not from that of threads", async () => {
  const field = waves([24, 24]);
  const run = (shares: number, pool?: WorkerPool) =>
    train(field, {
      network: { kind: "grid", width: 24, frequencies: 4 },
      ...{ steps: 12, batch: 300, seed: 2 },
      backend: wasmBackend({ relaxed: false, shares, pool }),
    });
  const pool = openPool(2);
  try {
    for (const shares of [2, 3]) {
      const [inline, threaded] = [await run(shares), await run(shares, pool)];
      expect(threaded).toEqual(inline);
    }
    expect(await run(1)).not.toEqual(await run(2));
  } finally {
    await pool.close();
  }
});
