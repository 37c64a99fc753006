/** Trainings of one chunk's networks: what they have in common, their progress and their checkpoints. */
import type { TrainingJob } from "@fieldzip/core";
import { selectBackend } from "../backends/select.js";
import type { TrainingField } from "../field.js";
import type { NetworkRequest } from "../network/network.js";
import type { QuantiseOptions, SizeControl } from "../quantise/options.js";
import type { StoredModel } from "../quantise/quantised-model.js";
import { axisCoordinates, sampleField } from "../sampling.js";
import { defaultBatch, type TrainingSnapshot, train } from "../trainer.js";
import type { Journal } from "./journal.js";
import { parseSampling } from "./sampling-text.js";
import type { NeuralSettings, Weights } from "./settings.js";

export interface Training {
  /** Its name in the journal and in messages. No two of a job have the same. */
  readonly phase: string;
  readonly network: NetworkRequest;
  readonly steps: number;
  readonly quantise: Partial<QuantiseOptions>;
  readonly sizeControl?: SizeControl;
  readonly initial?: Float32Array;
  /** Keep the state after this share of the steps, so that the rest can be done again. */
  readonly keepAt?: number;
  /** Do but the rest, from that state on. */
  readonly from?: TrainingSnapshot;
  /** What share of the job's work it is, for its progress: from, to. */
  readonly share: readonly [number, number];
}

export interface Trained {
  readonly stored: StoredModel;
  /** The state that `keepAt` asked for. */
  readonly kept?: TrainingSnapshot;
  /** dB, of the samples before the last call of the size control; NaN without one. */
  readonly psnr: number;
}

/** What the journal keeps of a training that is not done. */
interface UnderWay {
  readonly resume: TrainingSnapshot;
  readonly kept?: TrainingSnapshot;
  readonly psnr: number;
}

export interface Trainings {
  readonly field: TrainingField;
  /** Samples that are trained on, and how many a step sees. */
  readonly samples: number;
  batchOf(network: NetworkRequest): number;
  run(training: Training): Promise<Trained>;
  /** What is decided by the clock is decided once a job: a resumed one goes by the same. */
  decide<T>(name: string, compute: () => Promise<T>): Promise<T>;
  /** Seconds by the clock for a step of that network here and now. */
  secondsPerStep(network: NetworkRequest): Promise<number>;
}

/** Snapshots come in time for checkpoints; each costs a copy of the state, and ends a run of steps that threads do alone. */
const SNAPSHOTS = 400;
/** In short trainings fewer: so many steps apart, if that leaves so many of them. */
const STEPS_APART = 32;
const FEWEST_SNAPSHOTS = 20;
/** Steps and seconds after which the time of a step is known. */
const TIMING_STEPS = 2048;
const TIMING_SECONDS = 0.7;

export const formats: Record<Weights, QuantiseOptions["format"]> = {
  float32: "float32",
  float16: "float16",
  "8bit": "integer",
};

export function openTrainings(
  field: TrainingField,
  settings: NeuralSettings,
  { pool, signal, onProgress }: Pick<TrainingJob, "pool" | "signal" | "onProgress">,
  journal: Journal,
): Trainings {
  const { seed, loss, batch, learningRate, shares, reproducible } = settings;
  const sampling = parseSampling(settings.sampling, field.lengths, seed);
  const samples =
    sampling.kind === "all"
      ? field.lengths.reduce((product, length) => product * length, 1)
      : sampleField(field.lengths.map(axisCoordinates), sampling, field.variables).places.length;
  const common = {
    ...{ seed, loss, batch, sampling, signal },
    optimiser: learningRate === undefined ? {} : { learningRate },
  };
  const backendOf = () =>
    selectBackend("auto", { pool, shares, relaxed: reproducible ? false : undefined });

  return {
    field,
    samples,
    batchOf: ({ kind }) => Math.min(batch ?? defaultBatch[kind], samples),
    async run({ phase, keepAt, from, share, ...training }) {
      const { steps } = training;
      const every = Math.max(
        ...[1, Math.floor(steps / SNAPSHOTS)],
        Math.min(STEPS_APART, Math.floor(steps / FEWEST_SNAPSHOTS)),
      );
      const keepStep =
        keepAt === undefined ? steps + 1 : every * Math.ceil((keepAt * steps) / every);
      return journal.remember(phase, async () => {
        const under = journal.kept<UnderWay>(phase);
        let { kept, psnr } = under ?? { kept: undefined, psnr: Number.NaN };
        const { sizeControl } = training;
        const watched: SizeControl | undefined = sizeControl && {
          ...sizeControl,
          adjust(report) {
            psnr = report.psnr;
            return sizeControl.adjust(report);
          },
        };
        const trained = train(field, {
          ...common,
          ...training,
          sizeControl: watched,
          backend: await backendOf(),
          resume: under?.resume ?? from,
          snapshotEvery: every,
          onProgress({ done: step, total, loss, psnr, samplesPerSecond, secondsLeft, rollbacks }) {
            const part = share[0] + ((share[1] - share[0]) * step) / total;
            const figures = { loss, psnr, samplesPerSecond, secondsLeft, rollbacks };
            onProgress({ phase, step, steps: total, ...figures }, part);
          },
          async onSnapshot(snapshot) {
            if (snapshot.state.step === keepStep) kept = snapshot;
            await journal.keep(phase, { resume: snapshot, kept, psnr } satisfies UnderWay);
          },
        });
        // What an interrupt stops is not lost.
        const { stored } = await trained.finally(() => journal.flush());
        return { stored, kept, psnr };
      });
    },
    decide: (name, compute) => journal.remember(name, compute),
    secondsPerStep(network) {
      return journal.remember(`timing ${JSON.stringify(network)}`, async () => {
        const enough = new AbortController();
        // The first steps warm up.
        let first: { readonly done: number; readonly time: number } | undefined;
        let seconds = 0;
        const timed = train(field, {
          ...common,
          ...{ network, steps: TIMING_STEPS },
          backend: await backendOf(),
          signal: signal ? AbortSignal.any([signal, enough.signal]) : enough.signal,
          onProgress({ done }) {
            const time = performance.now() / 1000;
            first ??= { done, time };
            if (done === first.done) return;
            seconds = (time - first.time) / (done - first.done);
            if (time - first.time > TIMING_SECONDS) enough.abort();
          },
        });
        await timed.catch((error) => {
          if (!enough.signal.aborted) throw error;
        });
        return seconds;
      });
    },
  };
}
