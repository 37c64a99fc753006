/** A run that diverges goes back to where it was well, and on from there with lower rates. */
import { FieldzipError } from "@fieldzip/core";
import type { NetworkState } from "./backends/backend.js";
import type { ErrorSums } from "./meter.js";
import type { Quantiser } from "./quantise/quantiser.js";

/** Where a run can go on from. */
export interface RunPoint {
  readonly state: NetworkState;
  /** From the first quantised step on. */
  readonly quantiser?: Quantiser;
  /** Loss of the last window of quantised steps: what bytes are weighed against. */
  readonly distortion?: number;
  /** Errors since the size was adjusted. */
  readonly errors?: ErrorSums;
}

/** The loss is judged by its mean over windows of steps. Plain data. */
export interface GuardState {
  /** Where the run was last well. */
  readonly good: RunPoint;
  /** The least loss of a window since the quantiser was last made coarser. */
  readonly best?: number;
  /** Windows in a row whose loss was far above that. */
  readonly risen: number;
  readonly rollbacks: number;
  /** Of the window that has begun. */
  readonly window?: ErrorSums;
}

export interface Rollback {
  /** The step at which the loss was seen, the loss, and the step that training goes on from. */
  readonly step: number;
  readonly loss: number;
  readonly to: number;
  /** What learning rates are multiplied by from now on. */
  readonly rateFactor: number;
}

/** Windows of a run. */
const WINDOWS = 20;
const FEWEST_STEPS = 10;
/** Far above the best: so many times. Rates that are too large end far beyond it. */
const FAR = 10;
/** Windows that the loss may stay there. */
const LONG = 2;
const RATE_FACTOR = 0.5;
const MOST_ROLLBACKS = 5;

export function beginGuard(good: RunPoint): GuardState {
  return { good, risen: 0, rollbacks: 0 };
}

/** Steps of a window. */
export function windowOf(steps: number): number {
  return Math.max(FEWEST_STEPS, Math.ceil(steps / WINDOWS));
}

export function rateFactorOf({ rollbacks }: GuardState): number {
  return RATE_FACTOR ** rollbacks;
}

/** What follows from a window's mean loss: the run is well, or is watched on, or has to go back. */
export function judge(
  { best, risen }: GuardState,
  loss: number,
): {
  readonly verdict: "well" | "risen" | "diverged";
  readonly best?: number;
  readonly risen: number;
} {
  if (!Number.isFinite(loss)) return { verdict: "diverged", best, risen };
  if (loss <= FAR * (best ?? loss)) {
    return { verdict: "well", best: Math.min(best ?? loss, loss), risen: 0 };
  }
  return { verdict: risen + 1 < LONG ? "risen" : "diverged", best, risen: risen + 1 };
}

/** The guard of a run that goes back. Throws where it has done so too often. */
export function rollBack(guard: GuardState, step: number, loss: number): GuardState {
  if (guard.rollbacks === MOST_ROLLBACKS) {
    throw new FieldzipError("usage", {
      where: `training, step ${step}`,
      expected: "a finite loss that falls",
      found: `${loss}, after ${MOST_ROLLBACKS} returns to lower learning rates`,
      remedy: "choose a smaller learning rate",
    });
  }
  return { good: guard.good, best: guard.best, risen: 0, rollbacks: guard.rollbacks + 1 };
}
