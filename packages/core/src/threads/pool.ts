/** Runs named tasks on workers, or inline where there are none. See `threads/tasks.ts` for the tasks. */
export interface WorkerPool {
  /** How many tasks run at once; 0 means inline. */
  readonly size: number;
  run<Input, Output>(
    task: string,
    input: Input,
    options?: { signal?: AbortSignal },
  ): Promise<Output>;
  close(): Promise<void>;
}
