import { abortedError, FieldzipError, type RunOptions, type WorkerPool } from "@fieldzip/core";
import type { TaskReply } from "./worker.js";

interface Job {
  readonly task: string;
  readonly input: unknown;
  readonly signal?: AbortSignal;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/** Where the page decodes chunks and counts values: at most this many workers, whatever the machine has. */
const mostWorkers = 8;

/** Workers that are started with the page; more when there is work for them. */
const startedAtOnce = 2;

/**
 * A pool of Web Workers. A job whose signal fires leaves the queue, one at work is
 * finished and forgotten, since a chunk takes less time than starting a worker.
 */
export function browserPool(
  size = Math.min(mostWorkers, navigator.hardwareConcurrency || 2),
): WorkerPool {
  const idle: Worker[] = [];
  const workers = new Map<Worker, Job | undefined>();
  const queue: Job[] = [];

  function dispatch(): void {
    while (queue.length > 0) {
      if (queue[0].signal?.aborted) {
        const job = queue.shift()!;
        job.reject(abortedError(job.signal));
        continue;
      }
      const worker = idle.pop() ?? (workers.size < size ? start() : undefined);
      if (!worker) return;
      const job = queue.shift()!;
      workers.set(worker, job);
      worker.postMessage({ task: job.task, input: job.input });
    }
  }

  function start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<TaskReply>) => {
      const job = workers.get(worker);
      workers.set(worker, undefined);
      idle.push(worker);
      dispatch();
      if ("output" in data) job?.resolve(data.output);
      else if ("tag" in data) job?.reject(new FieldzipError(data.tag, data.details));
      else job?.reject(new Error(data.message));
    };
    worker.onerror = (event) => {
      const job = workers.get(worker);
      workers.delete(worker);
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
      worker.terminate();
      job?.reject(
        new FieldzipError("io", {
          where: "a worker of the page",
          found: event.message || "it could not be started",
          remedy: "reload the page; where it goes on, use a browser with WebAssembly SIMD",
        }),
      );
      dispatch();
    };
    workers.set(worker, undefined);
    return worker;
  }

  // The first fields need them, and they are loaded while metadata are fetched.
  for (let k = 0; k < Math.min(size, startedAtOnce); k++) idle.push(start());

  return {
    size,
    run<Input, Output>(task: string, input: Input, { signal }: RunOptions = {}) {
      return new Promise<Output>((resolve, reject) => {
        queue.push({ task, input, signal, resolve: (output) => resolve(output as Output), reject });
        dispatch();
      });
    },
    async close() {
      for (const job of queue.splice(0)) job.reject(new DOMException("closed", "AbortError"));
      for (const worker of workers.keys()) worker.terminate();
      workers.clear();
      idle.length = 0;
    },
  };
}
