// The body of a worker thread: runs one of core's tasks per message. See threads.ts.
import { parentPort } from "node:worker_threads";
import { type ErrorDetails, type ErrorTag, isFieldzipError, runTask } from "@fieldzip/core";
import { registerNetworkTasks, registerSampleTask } from "@fieldzip/neural";
import { isolate } from "./transfer.js";

registerNetworkTasks();
registerSampleTask();

/** What comes back: the output, a typed error in parts, or any other error in words. */
export type TaskReply =
  | { readonly output: unknown }
  | { readonly tag: ErrorTag; readonly details: ErrorDetails }
  | { readonly message: string; readonly stack?: string };

/** One after another, and answered in that order, although the next task is here already. */
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (message: { task: string; input: unknown }) => {
  last = last.then(() => work(message));
});

async function work({ task, input }: { task: string; input: unknown }): Promise<void> {
  try {
    const { value, transfer } = isolate(await runTask(task, input), "give");
    parentPort?.postMessage({ output: value } satisfies TaskReply, transfer);
  } catch (error) {
    parentPort?.postMessage(replyOf(error));
  }
}

function replyOf(error: unknown): TaskReply {
  if (isFieldzipError(error)) return { tag: error.tag, details: error.details };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}
