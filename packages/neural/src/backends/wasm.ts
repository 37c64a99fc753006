/**
 * Training on the CPU by the WebAssembly kernels. Data-parallel: every share of a batch has gradients of
 * its own in one shared memory, which are added in the order of the shares; so the weights depend on the
 * number of shares and on nothing else.
 */
import type { WorkerPool } from "@fieldzip/core";
import { accessArena, createArena, createEvaluator } from "@fieldzip/kernels/network";
import type { Backend, NetworkState, StepResult, TrainingSession } from "./backend.js";
import {
  computeGradients,
  forgetArena,
  GRADIENTS,
  type GradientTask,
  registerNetworkTasks,
  squaredErrors,
  UPDATE,
  type UpdateTask,
  updateParameters,
} from "./wasm-tasks.js";

export interface WasmOptions {
  /** Workers that have called `registerNetworkTasks`. Default: this thread. */
  readonly pool?: WorkerPool;
  /** Default: the pool's size, at least 1. */
  readonly shares?: number;
  /** Fused multiply-adds in training. Default: where the engine has them. */
  readonly relaxed?: boolean;
}

export function wasmBackend({ pool, shares, relaxed }: WasmOptions = {}): Backend {
  return {
    name: "wasm",
    async open({ shape, samples, batch, lossWeights, firstDecay, secondDecay, epsilon }) {
      const parts = shares ?? Math.max(pool?.size ?? 1, 1);
      const { coordinates } = samples;
      const arena = createArena(shape, { coordinates, batch, shares: parts, relaxed });
      const access = accessArena(arena);
      samples.writeTargets(access.targets, access.targetStride);
      const workers = pool && pool.size > 0 && parts > 1 ? pool : undefined;
      if (workers) registerNetworkTasks();
      let done = 0;

      /** One task a share, at once where there are workers. */
      async function each<Input>(
        task: string,
        inline: (input: Input) => void,
        input: (share: number) => Input,
      ): Promise<void> {
        const all = Array.from({ length: parts }, (_, share) => input(share));
        if (workers) await Promise.all(all.map((one) => workers.run<Input, void>(task, one)));
        else all.forEach(inline);
      }

      const session: TrainingSession = {
        shares: parts,
        async write({ step, parameters, first, second }) {
          done = step;
          access.write("parameters", parameters);
          access.write("first", first);
          access.write("second", second);
        },
        async read(): Promise<NetworkState> {
          return {
            step: done,
            parameters: access.read("parameters"),
            first: access.read("first"),
            second: access.read("second"),
          };
        },
        async train(steps) {
          const results: StepResult[] = [];
          for (const { indices, rates } of steps) {
            access.setIndices(indices);
            access.setLossWeights(lossWeights, indices.length);
            const count = indices.length;
            await each<GradientTask>(GRADIENTS, computeGradients, (share) => ({
              ...{ arena, share, count },
            }));
            results.push({ squaredErrors: squaredErrors(arena) });
            done++;
            const adam = { first: firstDecay, second: secondDecay, epsilon, step: done };
            await each<UpdateTask>(UPDATE, updateParameters, (share) => ({
              ...{ arena, share, adam, rates },
            }));
          }
          return results;
        },
        async evaluate(places) {
          const evaluator = createEvaluator(shape);
          evaluator.setParameters(access.read("parameters"));
          return evaluator.evaluate(places);
        },
        async close() {
          forgetArena(arena);
        },
      };
      return session;
    },
  };
}
