import { FieldzipError } from "../errors.js";
import { similarityTask, spectraTask } from "../metrics/metric-tasks.js";
import { drawPictureTask } from "../render/picture.js";
import { decodeChunk, encodeChunk } from "./chunk-tasks.js";

/** What a worker can be asked to do: plain data in, plain data out. */
const tasks: Record<string, (input: never) => unknown> = {
  "encode-chunk": encodeChunk,
  "decode-chunk": decodeChunk,
  "similarity-sums": similarityTask,
  "power-spectra": spectraTask,
  "draw-picture": drawPictureTask,
};

/** Adds a task of another package; every worker that is to run it has to add it, too. */
export function registerTask<Input>(task: string, run: (input: Input) => unknown): void {
  tasks[task] = run;
}

/** Runs one task here; a worker's whole job is to call this. */
export function runTask(task: string, input: unknown): unknown {
  const run = tasks[task];
  if (!run) {
    throw new FieldzipError("usage", {
      where: "worker",
      expected: Object.keys(tasks).join(" or "),
      found: task,
      remedy: "use the same release of fieldzip in the page and in its workers",
    });
  }
  return run(input as never);
}
