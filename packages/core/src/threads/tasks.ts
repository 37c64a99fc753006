import { FieldzipError } from "../errors.js";
import { decodeChunk, encodeChunk } from "./chunk-tasks.js";

/** What a worker can be asked to do: plain data in, plain data out. */
const tasks: Readonly<Record<string, (input: never) => unknown>> = {
  "encode-chunk": encodeChunk,
  "decode-chunk": decodeChunk,
};

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
