import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  abortedError,
  FieldzipError,
  type RunOptions,
  runTask,
  throwIfAborted,
  type WorkerPool,
} from "@fieldzip/core";
import { AbortListeners } from "./abort-listeners.js";
import { isolate } from "./transfer.js";
import type { TaskReply } from "./worker.js";

const maxThreads = 1024;

interface Job {
  readonly task: string;
  readonly input: unknown;
  readonly signal?: AbortSignal;
  readonly give?: boolean;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/**
 * Runs core's tasks on `threads` Node worker threads (default: one per available core); with 0 they
 * run inline, one at a time, with the same results. Workers start when there is work for them and
 * do not keep the process alive when idle. The caller keeps its input, unless it gives it away: buffers are copied to a
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
  let last: Promise<unknown> = Promise.resolve();
  return {
    size: 0,
    run<Input, Output>(task: string, input: Input, options: RunOptions = {}) {
      const turn = last.then(async () => {
        // Between two tasks the event loop turns, so that Ctrl-C is heard.
        await new Promise((resolve) => setImmediate(resolve));
        throwIfAborted(options.signal);
        return runTask(task, input) as Output;
      });
      last = turn.catch(() => {});
      return turn;
    },
    async close() {},
  };
}

/** A job that a worker has, and what takes its abort listener back. */
interface Sent {
  readonly job: Job;
  readonly settled: () => void;
}

/** A worker thread and its jobs, in the order in which they were sent and will be answered; none while idle. */
interface Slot {
  readonly worker: Worker;
  readonly sent: Sent[];
}

/** One that a worker works on, and one that waits there, so that it need not wait for this thread. */
const JOBS_AT_WORKER = 2;

function workerPool(threads: number, workerUrl: URL): WorkerPool {
  const idle: Slot[] = [];
  const busy = new Set<Slot>();
  const queue: Job[] = [];
  const aborts = new AbortListeners();
  let closed = false;

  function dispatch(): void {
    while (queue.length > 0) {
      const [job] = queue;
      // The signal of a whole queue fires at once; this may be the call in between.
      if (job.signal?.aborted) {
        queue.shift();
        job.reject(abortedError(job.signal));
        continue;
      }
      const slot = busy.size < threads ? (idle.pop() ?? openSlot()) : slotAhead(job);
      if (!slot) return;
      queue.shift();
      send(slot, job);
    }
  }

  /** A worker where a job may wait: behind one that is aborted with it, since abort ends the worker. */
  function slotAhead({ signal }: Job): Slot | undefined {
    for (const slot of busy) {
      if (slot.sent.length < JOBS_AT_WORKER && slot.sent[0].job.signal === signal) return slot;
    }
    return undefined;
  }

  function openSlot(): Slot {
    const worker = new Worker(workerUrl);
    const slot: Slot = { worker, sent: [] };
    const fail = (cause: unknown) => {
      if (idle.includes(slot)) idle.splice(idle.indexOf(slot), 1);
      end(slot, crashed(cause));
    };
    worker.on("message", (reply: TaskReply) => answer(slot, reply));
    worker.on("messageerror", fail);
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new Error(`the worker ended with code ${code}`)));
    return slot;
  }

  function send(slot: Slot, job: Job): void {
    // Nothing but termination stops a task half-way.
    const settled = aborts.add(job.signal, () => end(slot, abortedError(job.signal)));
    const entry = { job, settled };
    slot.sent.push(entry);
    busy.add(slot);
    slot.worker.ref();
    try {
      const { value, transfer } = isolate(job.input, job.give ? "give" : "copy");
      slot.worker.postMessage({ task: job.task, input: value }, transfer);
    } catch (error) {
      slot.sent.splice(slot.sent.indexOf(entry), 1);
      settled();
      rest(slot);
      job.reject(error);
    }
  }

  /** Puts a worker without jobs aside, where it does not keep the process alive. */
  function rest(slot: Slot): void {
    if (slot.sent.length > 0) return;
    busy.delete(slot);
    slot.worker.unref();
    idle.push(slot);
  }

  function answer(slot: Slot, reply: TaskReply): void {
    const entry = slot.sent.shift();
    if (!entry) return;
    entry.settled();
    rest(slot);
    // The next job is on its way before this one's result is worked on.
    dispatch();
    if ("output" in reply) entry.job.resolve(reply.output);
    else entry.job.reject(errorOf(reply));
  }

  /** Ends a worker for good: the job at hand fails, one that waits there and whose input is here starts again. */
  function end(slot: Slot, error: Error): void {
    if (!busy.delete(slot)) return;
    void slot.worker.terminate();
    const [first, ...others] = slot.sent.splice(0);
    first.settled();
    first.job.reject(error);
    for (const { job, settled } of others.reverse()) {
      settled();
      if (closed || job.give || job.signal?.aborted) job.reject(error);
      else queue.unshift(job);
    }
    dispatch();
  }

  return {
    size: threads,
    run<Input, Output>(task: string, input: Input, options: RunOptions = {}) {
      return new Promise<Output>((resolve, reject) => {
        const { signal, give } = options;
        throwIfAborted(signal);
        if (closed) throw closedError();
        // Only for the time in the queue; `send` has its own listener.
        const settled = aborts.add(signal, () => {
          const place = queue.indexOf(job);
          if (place >= 0) queue.splice(place, 1)[0].reject(abortedError(signal));
        });
        const job: Job = {
          task,
          input,
          signal,
          give,
          resolve(output) {
            settled();
            resolve(output as Output);
          },
          reject(error) {
            settled();
            reject(error);
          },
        };
        queue.push(job);
        dispatch();
      });
    },
    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(closedError());
      const slots = [...idle.splice(0), ...busy];
      for (const slot of [...busy]) end(slot, closedError());
      await Promise.all(slots.map(({ worker }) => worker.terminate()));
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
