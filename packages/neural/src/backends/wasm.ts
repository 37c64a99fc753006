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
import { prepareMeeting } from "./meeting.js";
import {
  forgetArena,
  quantiseParameters,
  registerNetworkTasks,
  STEPS,
  type StepsTask,
  trainSteps,
} from "./wasm-tasks.js";

export interface WasmOptions {
  /** Workers that have called `registerNetworkTasks`. Default: this thread. */
  readonly pool?: WorkerPool;
  /** Default: the pool's size, at least 1. */
  readonly shares?: number;
  /** Fused multiply-adds in training. Default: where the engine has them. */
  readonly relaxed?: boolean;
}

/** Steps that threads do on their own, meeting in shared memory: messages would cost more than a small step. */
const STEPS_A_TASK = 32;

export function wasmBackend({ pool, shares, relaxed }: WasmOptions = {}): Backend {
  return {
    name: "wasm",
    async open({ shape, samples, batch, lossWeights, firstDecay, secondDecay, epsilon }) {
      const parts = shares ?? Math.max(pool?.size ?? 1, 1);
      const { coordinates } = samples;
      const arena = createArena(shape, {
        ...{ coordinates, batch, shares: parts, steps: STEPS_A_TASK, relaxed },
      });
      const access = accessArena(arena);
      samples.writeTargets(access.targets, access.targetStride);
      const threads = Math.min(pool?.size ?? 0, parts);
      if (threads > 1) registerNetworkTasks();
      let done = 0;
      let formats: readonly QuantiserFormat[] | undefined;

      /** Steps whose samples are in the arena. */
      async function runSteps(work: Omit<StepsTask, "thread" | "threads">): Promise<void> {
        prepareMeeting(arena.memory, arena.at.meeting);
        if (threads > 1) {
          const tasks = Array.from({ length: threads }, (_, thread) =>
            pool!.run<StepsTask, boolean>(STEPS, { ...work, thread, threads }),
          );
          if ((await Promise.all(tasks)).every(Boolean)) return;
        }
        // Without workers, or with workers that are busy elsewhere.
        trainSteps({ ...work, thread: 0, threads: 1 });
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
          access.write("quantiserSteps", steps);
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
          for (let first = 0; first < steps.length; first += STEPS_A_TASK) {
            const some = steps.slice(first, first + STEPS_A_TASK);
            const count = some[0].indices.length;
            access.setLossWeights(lossWeights, count);
            some.forEach(({ indices }, step) => {
              access.setIndices(indices, step);
            });
            const updates = some.map(({ rates, penalties }, k) => ({
              adam: {
                ...{ first: firstDecay, second: secondDecay, epsilon, penalties },
                step: done + k + 1,
              },
              rates,
            }));
            await runSteps({ arena, count, steps: updates, formats });
            done += some.length;
            results.push(...some.map((_, step) => ({ squaredErrors: access.errors(step) })));
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
