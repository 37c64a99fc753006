/** The steps of a run, and what happens between them. Everything but the reports follows from the settings. */
import { throwIfAborted } from "@fieldzip/core";
import type { NetworkShape } from "@fieldzip/kernels/network";
import type { TrainingSession } from "./backends/backend.js";
import {
  type GuardState,
  judge,
  type Rollback,
  type RunPoint,
  rateFactorOf,
  rollBack,
  windowOf,
} from "./guard.js";
import { addErrors, type Quality, qualityOf } from "./meter.js";
import { learningRateAt } from "./optimiser.js";
import { estimateModelBytes } from "./quantise/coded-arrays.js";
import type { SizeControl } from "./quantise/options.js";
import { penaltiesOf } from "./quantise/penalty.js";
import { type Quantiser, scaleQuantiser, storedArrays } from "./quantise/quantiser.js";
import { chooseQuantiser } from "./quantise/steps.js";
import type { Batches } from "./schedule.js";
import type { TrainingSettings } from "./settings.js";

/** The whole state of a run between two steps: plain data. */
export interface RunState extends RunPoint {
  readonly guard: GuardState;
}

export interface RunReport extends Quality {
  /** Steps done, and those since the last report. */
  readonly done: number;
  readonly steps: number;
  readonly seconds: number;
  readonly quantised: boolean;
  readonly rollbacks: number;
}

export interface RunOptions {
  readonly session: TrainingSession;
  readonly settings: TrainingSettings;
  readonly shape: NetworkShape;
  readonly batches: Batches;
  /** By output, the share of samples whose value is there. */
  readonly finite: readonly number[];
  readonly sizeControl?: SizeControl;
  readonly signal?: AbortSignal;
  readonly snapshotEvery?: number;
  onReport(report: RunReport): void;
  onRollback?(rollback: Rollback): void;
  onSnapshot?(state: RunState): void | Promise<void>;
}

/** Between two reports, and turns of the event loop. */
const REPORT_SECONDS = 0.2;

/** Trains to the last step; what the session holds then is stored with the quantiser that comes back. */
export async function runSteps(from: RunState, options: RunOptions): Promise<Quantiser> {
  const { session, settings, shape, batches, finite, sizeControl, snapshotEvery } = options;
  const { steps, quantise, controlEvery } = settings;
  const quantiseAt = Math.min(steps, Math.ceil(steps * quantise.from));
  const window = windowOf(steps);
  let { guard, quantiser, distortion, errors } = from;
  let done = from.state.step;
  let group = 1;
  await goTo(from);
  for (;;) {
    if (!quantiser && done >= quantiseAt) {
      await useQuantiser(chooseQuantiser(shape, await session.read(), quantise));
    }
    if (done >= steps) return quantiser!;
    throwIfAborted(options.signal);
    const stop = Math.min(
      ...[steps, done + group, done < quantiseAt ? quantiseAt : steps],
      nextMultiple(done, window),
      nextMultiple(done, snapshotEvery),
      quantiseAt + nextMultiple(done - quantiseAt, controlEvery),
    );
    const penalties =
      quantiser && distortion !== undefined ? penaltiesOf(shape, quantiser, distortion) : undefined;
    const started = performance.now();
    const results = await session.train(
      Array.from({ length: stop - done }, (_, i) => ({
        // A copy: the order of the next epoch takes this one's place.
        indices: batches.at(done + i).slice(),
        rates: ratesAt(done + i),
        penalties,
      })),
    );
    const seconds = (performance.now() - started) / 1000;
    const quality = qualityOf(addErrors(undefined, results), settings, finite);
    const { rollbacks } = guard;
    options.onReport({
      ...quality,
      ...{ done: stop, steps: stop - done, seconds, quantised: !!quantiser, rollbacks },
    });
    group = Math.max(1, Math.min(2 * group, Math.round((group * REPORT_SECONDS) / seconds)));
    done = stop;
    errors = addErrors(errors, results);
    guard = { ...guard, window: addErrors(guard.window, results) };
    const isWell = await watch(quality.loss);
    if (isWell && quantiser && done < steps && isMultiple(done - quantiseAt, controlEvery)) {
      await adjustSize(quantiser);
    }
    if (isWell && options.onSnapshot && (done === steps || isMultiple(done, snapshotEvery))) {
      await options.onSnapshot({ ...(await current()), guard });
    }
    // Timers and signals get their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  async function goTo({ state, ...point }: RunPoint): Promise<void> {
    await session.write(state);
    if (point.quantiser) await session.quantise(point.quantiser);
    done = state.step;
    ({ quantiser, distortion, errors } = point);
  }

  async function current(): Promise<RunPoint> {
    return { state: await session.read(), quantiser, distortion, errors };
  }

  async function useQuantiser(next: Quantiser): Promise<void> {
    quantiser = next;
    errors = undefined;
    await session.quantise(next);
    // A coarser network is worse for a while.
    guard = { ...guard, best: undefined };
  }

  /** Whether the run is where it was: it has gone back if it is not. */
  async function watch(lossOfGroup: number): Promise<boolean> {
    if (Number.isFinite(lossOfGroup) && done % window > 0) return true;
    const { loss } = qualityOf(guard.window!, settings, finite);
    if (quantiser && Number.isFinite(loss)) distortion = loss;
    const { verdict, best, risen } = judge(guard, loss);
    if (verdict === "diverged") {
      const to = guard.good.state.step;
      guard = rollBack(guard, done, loss);
      options.onRollback?.({ step: done, loss, to, rateFactor: rateFactorOf(guard) });
      await goTo(guard.good);
      return false;
    }
    const good = verdict === "well" ? await current() : guard.good;
    guard = { ...guard, best, risen, good, window: undefined };
    return true;
  }

  async function adjustSize(now: Quantiser): Promise<void> {
    const { adjust, estimate = estimateModelBytes } = sizeControl!;
    const arrays = storedArrays(shape, await session.effective(), now);
    const factor = adjust({
      ...{ done, total: steps, bytes: estimate(arrays, shape, done / steps) },
      integers: arrays.reduce(
        (sum, array) => sum + (array.format === "integer" ? array.symbols.length : 0),
        0,
      ),
      psnr: errors ? qualityOf(errors, settings, finite).psnr : Number.NaN,
    });
    await useQuantiser(scaleQuantiser(now, factor));
  }

  function ratesAt(step: number) {
    const { optimiser } = settings;
    const rate = learningRateAt(step, steps, optimiser) * rateFactorOf(guard);
    return {
      grids: rate * optimiser.gridRate,
      frequencies: shape.mapping === "learned" ? rate * optimiser.frequencyRate : 0,
      layers: rate,
    };
  }
}

/** The first multiple of `every` after `step`; none without it. */
function nextMultiple(step: number, every: number | undefined): number {
  return every ? (Math.floor(step / every) + 1) * every : Number.POSITIVE_INFINITY;
}

function isMultiple(step: number, every: number | undefined): boolean {
  return !!every && step > 0 && step % every === 0;
}
