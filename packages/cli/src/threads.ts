import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  abortedError,
  FieldzipError,
  runTask,
  throwIfAborted,
  type WorkerPool,
} from "@fieldzip/core";
import { isolate } from "./transfer.js";
import type { TaskReply } from "./worker.js";

const maxThreads = 1024;

interface Job {
  readonly task: string;
  readonly input: unknown;
  readonly signal?: AbortSignal;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/**
 * Runs core's tasks on `threads` Node worker threads (default: one per available core); with 0 they
 * run inline, one at a time, with the same results. Workers start when there is work for them and
 * do not keep the process alive when idle. The caller keeps its input: buffers are copied to a
 * worker once and come back without a copy. Bundlers that move files need `workerUrl`, where
 * `worker.js` of this package lies.
 */
export function createThreadPool(
  threads = availableParallelism(),
  workerUrl = new URL("./worker.js", import.meta.url),
): WorkerPool {
  if (!Number.isInteger(threads) || threads < 0 || threads > maxThreads) {
    throw new FieldzipError("usage", {
      where: "threads",
      expected: `a whole number from 0 (inline) to ${maxThreads}`,
      found: String(threads),
      remedy: "choose how many threads may work at once",
    });
  }
  return threads === 0 ? inlinePool() : workerPool(threads, workerUrl);
}

function inlinePool(): WorkerPool {
  return {
    size: 0,
    async run<Input, Output>(task: string, input: Input, options: { signal?: AbortSignal } = {}) {
      // Lets signals (Ctrl-C) and timers in between two chunks.
      await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(options.signal);
      return (await runTask(task, input)) as Output;
    },
    async close() {},
  };
}

function workerPool(threads: number, workerUrl: URL): WorkerPool {
  const idle: Worker[] = [];
  const queue: Job[] = [];
  const running = new Map<Worker, (error: unknown) => void>();
  let closed = false;

  function dispatch(): void {
    while (queue.length > 0 && running.size < threads) {
      start(idle.pop() ?? new Worker(workerUrl), queue.shift()!);
    }
  }

  function start(worker: Worker, job: Job): void {
    const finish = (usable: boolean, settle: () => void) => {
      if (!running.delete(worker)) return;
      worker.removeAllListeners();
      job.signal?.removeEventListener("abort", abort);
      if (usable && !closed) {
        // An idle worker neither keeps the process alive nor brings it down.
        worker.unref();
        worker.on("error", () => discard(worker));
        idle.push(worker);
      } else {
        worker.on("error", () => {});
        void worker.terminate();
      }
      settle();
      dispatch();
    };
    const fail = (error: unknown) => finish(false, () => job.reject(error));
    const abort = () => fail(abortedError(job.signal));
    running.set(worker, fail);
    worker.removeAllListeners("error");
    worker.ref();
    worker.on("message", (reply: TaskReply) =>
      finish(true, () => {
        if ("output" in reply) job.resolve(reply.output);
        else job.reject(errorOf(reply));
      }),
    );
    worker.on("messageerror", (error) => fail(crashed(error)));
    worker.on("error", (error) => fail(crashed(error)));
    worker.on("exit", (code) => fail(crashed(new Error(`the worker ended with code ${code}`))));
    job.signal?.addEventListener("abort", abort);
    try {
      const { value, transfer } = isolate(job.input, "copy");
      worker.postMessage({ task: job.task, input: value }, transfer);
    } catch (error) {
      fail(error);
    }
  }

  function discard(worker: Worker): void {
    const place = idle.indexOf(worker);
    if (place >= 0) idle.splice(place, 1);
  }

  return {
    size: threads,
    run<Input, Output>(task: string, input: Input, options: { signal?: AbortSignal } = {}) {
      return new Promise<Output>((resolve, reject) => {
        const { signal } = options;
        throwIfAborted(signal);
        if (closed) throw closedError();
        // Only for the time in the queue; `start` has its own listener.
        const leaveQueue = () => {
          const place = queue.indexOf(job);
          if (place >= 0) queue.splice(place, 1)[0].reject(abortedError(signal));
        };
        const settled = () => signal?.removeEventListener("abort", leaveQueue);
        const job: Job = {
          task,
          input,
          signal,
          resolve(output) {
            settled();
            resolve(output as Output);
          },
          reject(error) {
            settled();
            reject(error);
          },
        };
        signal?.addEventListener("abort", leaveQueue);
        queue.push(job);
        dispatch();
      });
    },
    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(closedError());
      const workers = [...idle.splice(0), ...running.keys()];
      for (const fail of [...running.values()]) fail(closedError());
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function errorOf(reply: Exclude<TaskReply, { output: unknown }>): Error {
  if ("tag" in reply) return new FieldzipError(reply.tag, reply.details);
  const error = new Error(reply.message);
  error.stack = reply.stack;
  return error;
}

function crashed(cause: unknown): FieldzipError {
  const outOfMemory = (cause as NodeJS.ErrnoException)?.code === "ERR_WORKER_OUT_OF_MEMORY";
  return new FieldzipError(
    outOfMemory ? "limit" : "io",
    {
      where: "worker thread",
      expected: "a result",
      found: cause instanceof Error ? cause.message : String(cause),
      remedy: outOfMemory
        ? "use fewer threads or smaller chunks"
        : "try again with --threads 0 (threads: 0), which works without worker threads",
    },
    cause,
  );
}

function closedError(): FieldzipError {
  return new FieldzipError("aborted", {
    where: "thread pool",
    found: "a pool that was closed",
    remedy: "close the pool when all work is done",
  });
}
