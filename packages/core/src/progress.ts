/** Progress is counts; showing them is the caller's job. */
export interface Progress {
  /** What is being done: `compress`, `decompress`, `verify`. */
  readonly stage: string;
  /** Bytes of original data done so far. */
  readonly done: number;
  /** Bytes of original data in all. */
  readonly total: number;
  /** The variable being worked on. */
  readonly variable?: string;
}

/** What every long operation accepts. */
export interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}
