/** One of two trainings of threads.mjs that have nothing to do with each other: what the machine's cores have to give. */
import { parentPort, workerData } from "node:worker_threads";
import { train, wasmBackend } from "@fieldzip/neural";
import { threadField } from "./threads.mjs";

const { network, batch, steps } = workerData;
let speed;
await train(threadField(), {
  ...{ network, batch, steps, backend: wasmBackend({ shares: 1, relaxed: false }) },
  onProgress({ samplesPerSecond }) {
    speed = samplesPerSecond;
  },
});
parentPort.postMessage(speed);
