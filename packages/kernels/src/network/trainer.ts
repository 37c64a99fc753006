/** Binding of the training kernels: one memory for all threads, one instance of the kernels a thread. */
import { type TrainingArena, trainingModule } from "./arena.js";
import { gather, layoutOf, type NetworkLayout } from "./layout.js";
import { scratchOf } from "./memory.js";
import { noteRanges, segmentsOf } from "./ranges.js";
import type { ParameterArray } from "./shape.js";

/** How the stored form of an array follows from the parameters that learn. */
export type QuantiserFormat =
  | { readonly format: "float32" | "float16" }
  /** Whole multiples, at most `limit` of them, of the steps in the arena. */
  | { readonly format: "integer"; readonly limit: number };

/** weight / 2 ln(1 + w^2 / width), for every parameter w of an array; `width` is above 0. */
export interface Penalty {
  readonly weight: number;
  readonly width: number;
}

const noPenalty: Penalty = { weight: 0, width: 1 };

/** How a step changes the parameters. */
export interface AdamStep {
  /** Learning rate of an array; 0 leaves it as it is. */
  rate(array: ParameterArray): number;
  /** By array in the order of `parametersOf`. Default: none. */
  readonly penalties?: readonly Penalty[];
  /** Decay of the first and second moment. */
  readonly first: number;
  readonly second: number;
  readonly epsilon: number;
  /** Steps with this one, for the moments' corrections. */
  readonly step: number;
}

/** The kernels of one thread over an arena. */
export interface TrainingKernel {
  readonly layout: NetworkLayout;
  /** Puts the `count` indices of a step in ascending order: shares get samples that lie together. */
  order(count: number, step?: number): void;
  /** Gradients and errors of one share of the `count` indices of a step; they stay in the arena. */
  gradients(share: number, count: number, step?: number): void;
  /** Updates one share of the parameters with all shares' gradients. */
  update(share: number, step: AdamStep): void;
  /** Quantises one share of the parameters, by array in the order of `parametersOf`. */
  quantise(share: number, formats: readonly QuantiserFormat[]): void;
  /** The summed gradients of the last batch, as a list: for tests. */
  gradientList(): Float32Array;
}

interface TrainExports {
  addGradients(...args: number[]): void;
  adam(...args: number[]): void;
  quantise(...args: number[]): void;
  halve(...args: number[]): void;
}

export function openTrainingKernel(arena: TrainingArena): TrainingKernel {
  const { memory, at, shares, batch } = arena;
  const kernel = new WebAssembly.Instance(trainingModule(arena.relaxed), { env: { memory } })
    .exports as unknown as TrainExports;
  const layout = layoutOf(arena.shape);
  const columns = layout.layers.at(-1)!.outputs;
  const buffer = memory.buffer;
  const errorsFrom = scratchOf(layout).errors;
  /** Where gradients that are not of grids begin. */
  const denseAt = layout.arrays[arena.shape.levels.length].at;
  const gradientsOf = (share: number) =>
    new Float32Array(buffer, at.gradients + 4 * share * layout.floats, layout.floats);
  /** What a share holds of every array. */
  const partsOf = (share: number) => {
    const [from, to] = part(layout.floats, share, shares);
    return layout.arrays
      .map((array) => {
        const start = Math.max(from, array.at);
        return { array, start, length: Math.min(to, array.at + array.length) - start };
      })
      .filter(({ length }) => length > 0);
  };
  return {
    layout,
    order(count, step = 0) {
      const indices = new Uint32Array(buffer, at.indices + 4 * batch * step, count);
      // A copy, as engines sort memory that is shared more slowly.
      indices.set(indices.slice().sort());
    },
    gradients(share, count, step = 0) {
      const scratch = at.scratch + share * at.scratchStride;
      const errors = new Float64Array(buffer, scratch + errorsFrom, columns).fill(0);
      const [from, to] = part(count, share, shares);
      const sums = gradientsOf(share).fill(0, denseAt);
      // A share without samples reaches what its neighbour does.
      const first = Math.min(from, count - 1);
      const reach = [first, Math.max(first, to - 1)] as const;
      noteRanges(arena, layout, share, step, reach).forEach((range, level) => {
        const { at: start } = layout.arrays[level];
        sums.fill(0, start + range.from, start + range.to);
      });
      const indices = at.indices + 4 * (batch * step + from);
      kernel.addGradients(at.plan, scratch, sums.byteOffset, at.source, indices, to - from);
      const place = at.errors + 8 * columns * (step * shares + share);
      new Float64Array(buffer, place, columns).set(errors);
    },
    update(share, { rate, penalties, first, second, epsilon, step }) {
      const firstCorrection = 1 / (1 - first ** step);
      const secondCorrection = 1 / (1 - second ** step);
      for (const { array, start, length } of partsOf(share)) {
        const learning = rate(array);
        if (learning === 0) continue;
        const number = layout.arrays.indexOf(array);
        const { weight, width } = penalties?.[number] ?? noPenalty;
        const from = start - array.at;
        for (const segment of segmentsOf(arena, number, from, from + length)) {
          const place = 4 * (array.at + segment.from);
          kernel.adam(
            at.parameters + place,
            at.first + place,
            at.second + place,
            at.gradients + 4 * segment.firstShare * layout.floats + place,
            4 * layout.floats,
            segment.shares,
            4 * (segment.to - segment.from),
            learning * firstCorrection,
            first,
            second,
            secondCorrection,
            ...[epsilon, weight, width],
          );
        }
      }
    },
    quantise(share, formats) {
      for (const { array, start, length } of partsOf(share)) {
        const format = formats[layout.arrays.indexOf(array)];
        const [from, to] = [at.parameters + 4 * start, at.effective + 4 * start];
        if (format.format === "integer") {
          kernel.quantise(from, at.quantiserSteps + 4 * start, to, 4 * length, format.limit);
        } else if (format.format === "float16") kernel.halve(from, to, 4 * length);
        else new Uint8Array(buffer).copyWithin(to, from, from + 4 * length);
      }
    },
    gradientList() {
      const sums = new Float32Array(layout.floats);
      layout.arrays.forEach((array, number) => {
        for (const { from, to, firstShare, shares: some } of segmentsOf(
          arena,
          number,
          0,
          array.length,
        )) {
          for (let share = firstShare; share < firstShare + some; share++) {
            const own = gradientsOf(share);
            for (let i = array.at + from; i < array.at + to; i++) {
              sums[i] = share === firstShare ? own[i] : sums[i] + own[i];
            }
          }
        }
      });
      return gather(layout, sums);
    },
  };
}

/** Part `share` of `total`, at multiples of 64: what is left over goes to the first shares. */
function part(total: number, share: number, shares: number): [number, number] {
  const tiles = Math.ceil(total / 64);
  const edge = (s: number) => Math.min(total, 64 * Math.ceil((tiles * s) / shares));
  return [edge(share), edge(share + 1)];
}
