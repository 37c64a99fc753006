/** What the WebAssembly backend asks of worker threads. */
import { registerTask } from "@fieldzip/core";
import {
  type AdamStep,
  openTrainingKernel,
  type QuantiserFormat,
  type TrainingArena,
  type TrainingKernel,
} from "@fieldzip/kernels/network";
import type { LearningRates } from "./backend.js";
import { joinMeeting } from "./meeting.js";

/** Steps whose samples stand in the arena, by one thread of several that do them together. */
export interface StepsTask {
  readonly arena: TrainingArena;
  readonly thread: number;
  readonly threads: number;
  /** Samples a step. */
  readonly count: number;
  readonly steps: readonly {
    readonly adam: Omit<AdamStep, "rate">;
    readonly rates: LearningRates;
  }[];
  /** By array; its steps are in the arena. */
  readonly formats?: readonly QuantiserFormat[];
}

/** Kernels of this thread by arena. Few: each keeps its arena's memory alive. */
const kernels = new Map<string, TrainingKernel>();
const MOST_KERNELS = 2;

function kernelOf(arena: TrainingArena): TrainingKernel {
  let kernel = kernels.get(arena.id);
  if (!kernel) {
    for (const id of [...kernels.keys()].slice(0, kernels.size - MOST_KERNELS + 1)) {
      kernels.delete(id);
    }
    kernel = openTrainingKernel(arena);
    kernels.set(arena.id, kernel);
  }
  return kernel;
}

/**
 * Trains this thread's shares: every `threads`-th one. False, and nothing is done, where not all of the threads
 * have come.
 */
export function trainSteps({ arena, thread, threads, count, steps, formats }: StepsTask): boolean {
  const kernel = kernelOf(arena);
  const meeting = joinMeeting(arena.memory, arena.at.meeting, threads);
  if (threads > 1 && !meeting.start()) return false;
  const eachShare = (work: (share: number) => void) => {
    for (let share = thread; share < arena.shares; share += threads) work(share);
    if (threads > 1) meeting.barrier();
  };
  try {
    for (let step = thread; step < steps.length; step += threads) kernel.order(count, step);
    if (threads > 1) meeting.barrier();
    steps.forEach(({ adam, rates }, step) => {
      const update = { ...adam, rate: ({ role }: { role: string }) => rateOf(role, rates) };
      eachShare((share) => kernel.gradients(share, count, step));
      eachShare((share) => {
        kernel.update(share, update);
        if (formats) kernel.quantise(share, formats);
      });
    });
  } catch (error) {
    meeting.fail();
    throw error;
  }
  return true;
}

function rateOf(role: string, rates: LearningRates): number {
  if (role === "grid") return rates.grids;
  return role === "frequencies" || role === "phases" ? rates.frequencies : rates.layers;
}

/** All parameters, by this thread. */
export function quantiseParameters(arena: TrainingArena, formats: readonly QuantiserFormat[]) {
  for (let share = 0; share < arena.shares; share++) kernelOf(arena).quantise(share, formats);
}

/** Lets go of an arena's memory in this thread; workers do so as they meet new arenas. */
export function forgetArena(arena: TrainingArena): void {
  kernels.delete(arena.id);
}

export const STEPS = "network-steps";

/** To be called in every worker that is to take part in training. */
export function registerNetworkTasks(): void {
  registerTask(STEPS, trainSteps);
}
