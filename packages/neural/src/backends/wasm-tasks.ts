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

export interface GradientTask {
  readonly arena: TrainingArena;
  readonly share: number;
  /** Samples of the whole batch. */
  readonly count: number;
}

export interface UpdateTask {
  readonly arena: TrainingArena;
  readonly share: number;
  readonly adam: Omit<AdamStep, "rate">;
  readonly rates: LearningRates;
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

export function computeGradients({ arena, share, count }: GradientTask): void {
  kernelOf(arena).gradients(share, count);
}

export function updateParameters({ arena, share, adam, rates, formats }: UpdateTask): void {
  const kernel = kernelOf(arena);
  kernel.update(share, {
    ...adam,
    rate: ({ role }) =>
      role === "grid"
        ? rates.grids
        : role === "frequencies" || role === "phases"
          ? rates.frequencies
          : rates.layers,
  });
  if (formats) kernel.quantise(share, formats);
}

/** All parameters, by this thread. */
export function quantiseParameters(arena: TrainingArena, formats: readonly QuantiserFormat[]) {
  for (let share = 0; share < arena.shares; share++) kernelOf(arena).quantise(share, formats);
}

/** Sums of squared errors of the last batch. */
export function squaredErrors(arena: TrainingArena): Float64Array {
  return kernelOf(arena).errors();
}

/** Lets go of an arena's memory in this thread; workers do so as they meet new arenas. */
export function forgetArena(arena: TrainingArena): void {
  kernels.delete(arena.id);
}

export const GRADIENTS = "network-gradients";
export const UPDATE = "network-update";

/** To be called in every worker that is to take part in training. */
export function registerNetworkTasks(): void {
  registerTask(GRADIENTS, computeGradients);
  registerTask(UPDATE, updateParameters);
}
