/** Progress is counts; showing them is the caller's job. */
export interface Progress {
  /** What is being done: `compress`, `train`, `decompress`, `verify`. */
  readonly stage: string;
  /** Bytes of original data done so far. */
  readonly done: number;
  /** Bytes of original data in all. */
  readonly total: number;
  /** The variable being worked on. */
  readonly variable?: string;
  /** How a training goes, while there is one. */
  readonly training?: TrainingFigures;
}

export interface TrainingFigures {
  /** What of the training it is: `train`, or a trial of it. */
  readonly phase: string;
  /** Steps done in this phase, and all. */
  readonly step: number;
  readonly steps: number;
  /** Of the samples seen since the last report. */
  readonly loss: number;
  /** dB, the mean over variables, of the same samples. */
  readonly psnr: number;
  readonly samplesPerSecond: number;
  /** How often the loss grew so far that the training went back to a state before. */
  readonly rollbacks: number;
  /** Of this chunk. */
  readonly secondsLeft: number;
}

/** What every long operation accepts. */
export interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}
