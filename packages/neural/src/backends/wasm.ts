/**
 * Training on the CPU by the WebAssembly kernels. Data-parallel: every share of a batch has gradients of
 * its own in one shared memory, which are added in the order of the shares; so the weights depend on the
 * number of shares and on nothing else.
 */
import type { WorkerPool } from "@fieldzip/core";
import {
  accessArena,
  createArena,
  createEvaluator,
  type QuantiserFormat,
} from "@fieldzip/kernels/network";
import type { Backend, NetworkState, StepResult, TrainingSession } from "./backend.js";
import {
  computeGradients,
  forgetArena,
  GRADIENTS,
  type GradientTask,
  quantiseParameters,
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
      let formats: readonly QuantiserFormat[] | undefined;

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
        arithmetic: arena.relaxed ? "relaxed" : "strict",
        async write({ step, parameters, first, second }) {
          done = step;
          formats = undefined;
          access.evaluateQuantised(false);
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
        async quantise(quantiser) {
          const steps = new Float32Array(access.layout.parameters);
          access.layout.arrays.forEach(({ index, count }, number) => {
            const how = quantiser[number];
            const own = how.format === "integer" ? how.steps : Float32Array.of(1);
            for (let i = 0; i < count; i++) steps[index + i] = own[i % own.length];
          });
          access.write("steps", steps);
          formats = quantiser.map((how) =>
            how.format === "integer" ? { format: how.format, limit: how.limit } : how,
          );
          quantiseParameters(arena, formats);
          access.evaluateQuantised(true);
        },
        async effective() {
          return access.read(formats ? "effective" : "parameters");
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
              ...{ arena, share, adam, rates, formats },
            }));
          }
          return results;
        },
        async evaluate(places) {
          const evaluator = createEvaluator(shape);
          evaluator.setParameters(await session.effective());
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
