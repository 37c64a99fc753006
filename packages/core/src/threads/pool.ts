import { throwIfAborted } from "../errors.js";
import { runTask } from "./tasks.js";

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** The caller has no more use for the input: a worker may take its buffers instead of copies of them. */
  readonly give?: boolean;
}

/** Runs the tasks of `threads/tasks.ts` on workers, or inline where there are none: the same results. */
export interface WorkerPool {
  /** How many tasks run at once; 0 means inline. */
  readonly size: number;
  run<Input, Output>(task: string, input: Input, options?: RunOptions): Promise<Output>;
  close(): Promise<void>;
}

/** The pool without workers. Platforms bring their own (`worker_threads` in the CLI, Worker in a page). */
export const inlinePool: WorkerPool = {
  size: 0,
  async run<Input, Output>(task: string, input: Input, options: RunOptions = {}) {
    throwIfAborted(options.signal);
    return runTask(task, input) as Output;
  },
  async close() {},
};
