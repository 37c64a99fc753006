/** Binding of the training kernels: one memory for all threads, one instance of the kernels a thread. */
import { compileEmbedded } from "../instance.js";
import { gather, layoutOf, type NetworkLayout, roundUp, spread } from "./layout.js";
import {
  addressesOf,
  type Coordinates,
  checkCoordinates,
  countOfCoordinates,
  planBytes,
  scratchOf,
  sharedMemory,
  tableBytes,
  writePlan,
  writeSource,
} from "./memory.js";
import { trainModule, trainRelaxedModule } from "./modules.generated.js";
import { PLAN_PARAMETERS, SOURCE_BYTES } from "./offsets.js";
import type { NetworkShape, ParameterArray } from "./shape.js";

/** What threads need to know to work on one network: plain data, to be sent to them. */
export interface TrainingArena {
  /** Tells arenas apart where the memory arrives as a copy of its handle. */
  readonly id: string;
  readonly memory: WebAssembly.Memory;
  readonly shape: NetworkShape;
  /** Parts that the rows of a batch are dealt to; weights depend on their number alone. */
  readonly shares: number;
  /** Most samples of a step. */
  readonly batch: number;
  /** Samples there are. */
  readonly count: number;
  readonly relaxed: boolean;
  readonly at: {
    readonly plan: number;
    readonly source: number;
    readonly parameters: number;
    readonly effective: number;
    readonly first: number;
    readonly second: number;
    readonly steps: number;
    readonly lossFactors: number;
    readonly scratch: number;
    readonly scratchStride: number;
    readonly gradients: number;
    readonly indices: number;
    readonly targets: number;
    readonly targetStride: number;
  };
}

export interface ArenaOptions {
  readonly coordinates: Coordinates;
  readonly batch: number;
  /** Default 1. */
  readonly shares?: number;
  /** Fused multiply-adds, where the engine has them. Default: where it has them. */
  readonly relaxed?: boolean;
}

/** Whether the engine runs relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  relaxedWorks ??= WebAssembly.validate(bytesOf(trainRelaxedModule));
  return relaxedWorks;
}

/**
 * Reserves memory and lays the network out; parameters, moments and targets are 0. The network is evaluated
 * with the parameters that learn until `evaluateQuantised`. Throws RangeError.
 */
export function createArena(shape: NetworkShape, options: ArenaOptions): TrainingArena {
  const { coordinates, batch, shares = 1, relaxed = hasRelaxedSimd() } = options;
  const layout = layoutOf(shape);
  checkCoordinates(coordinates, shape.dimensions);
  const count = countOfCoordinates(coordinates, shape.dimensions);
  const scratchStride = scratchOf(layout).bytes;
  const columns = layout.layers.at(-1)!.outputs;
  const targetStride = 4 * roundUp(shape.outputs, 4);
  const floats = 4 * layout.floats;
  const [
    plan,
    source,
    lossFactors,
    indices,
    parameters,
    effective,
    first,
    second,
    steps,
    scratch,
    gradients,
    ...rest
  ] = addressesOf([
    planBytes(layout),
    SOURCE_BYTES,
    4 * columns,
    4 * batch,
    ...[floats, floats, floats, floats, floats],
    scratchStride * shares,
    floats * shares,
    tableBytes(coordinates),
    // The last sample is read a whole number of columns far.
    targetStride * count + 4 * columns,
  ]);
  const [table, targets, end] = rest;
  const memory = sharedMemory(end);
  writePlan(new DataView(memory.buffer), plan, layout, parameters, lossFactors);
  writeSource(memory.buffer, source, coordinates, table, targets, targetStride);
  const at = {
    ...{ plan, source, parameters, effective, first, second, steps, lossFactors },
    ...{ scratch, scratchStride, gradients, indices, targets, targetStride },
  };
  // Padding, too, is divided by its step.
  new Float32Array(memory.buffer, steps, layout.floats).fill(1);
  arenas++;
  const id = `${arenas}:${Math.random()}`;
  return { id, memory, shape, shares, batch, count, relaxed, at };
}

/** How the stored form of an array follows from the parameters that learn. */
export type QuantiserFormat =
  | { readonly format: "float32" | "float16" }
  /** Whole multiples, at most `limit` of them, of the steps in the arena. */
  | { readonly format: "integer"; readonly limit: number };

/** How a step changes the parameters. */
export interface AdamStep {
  /** Learning rate of an array; 0 leaves it as it is. */
  rate(array: ParameterArray): number;
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
  /** Gradients of one share of the first `count` indices; they stay in the arena. */
  gradients(share: number, count: number): void;
  /** Updates one share of the parameters with all shares' gradients. */
  update(share: number, step: AdamStep): void;
  /** Quantises one share of the parameters, by array in the order of `parametersOf`. */
  quantise(share: number, formats: readonly QuantiserFormat[]): void;
  /** Sums of squared errors, an output each, of the last batch; shares added in order. */
  errors(): Float64Array;
  /** The summed gradients of the last batch, as a list: for tests. */
  gradientList(): Float32Array;
}

interface TrainExports {
  addGradients(...args: number[]): void;
  adam(...args: number[]): void;
  quantise(...args: number[]): void;
  halve(...args: number[]): void;
}

let arenas = 0;
let relaxedWorks: boolean | undefined;
let strictModule: WebAssembly.Module | undefined;
let relaxedModule: WebAssembly.Module | undefined;

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function openTrainingKernel(arena: TrainingArena): TrainingKernel {
  const { memory, at, shares } = arena;
  if (arena.relaxed) relaxedModule ??= compileEmbedded(trainRelaxedModule);
  else strictModule ??= compileEmbedded(trainModule);
  const module = (arena.relaxed ? relaxedModule : strictModule)!;
  const kernel = new WebAssembly.Instance(module, { env: { memory } })
    .exports as unknown as TrainExports;
  const layout = layoutOf(arena.shape);
  const scratch = scratchOf(layout);
  const columns = layout.layers.at(-1)!.outputs;
  const buffer = memory.buffer;
  const errorsOf = (share: number) =>
    new Float64Array(buffer, at.scratch + share * at.scratchStride + scratch.errors, columns);
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
    gradients(share, count) {
      errorsOf(share).fill(0);
      gradientsOf(share).fill(0);
      const [from, to] = part(count, share, shares);
      const own = at.scratch + share * at.scratchStride;
      const sums = at.gradients + 4 * share * layout.floats;
      kernel.addGradients(at.plan, own, sums, at.source, at.indices + 4 * from, to - from);
    },
    update(share, { rate, first, second, epsilon, step }) {
      const firstCorrection = 1 / (1 - first ** step);
      const secondCorrection = 1 / (1 - second ** step);
      for (const { array, start, length } of partsOf(share)) {
        const learning = rate(array);
        if (learning === 0) continue;
        kernel.adam(
          at.parameters + 4 * start,
          at.first + 4 * start,
          at.second + 4 * start,
          at.gradients + 4 * start,
          4 * layout.floats,
          shares,
          4 * length,
          learning * firstCorrection,
          first,
          second,
          secondCorrection,
          epsilon,
        );
      }
    },
    quantise(share, formats) {
      for (const { array, start, length } of partsOf(share)) {
        const format = formats[layout.arrays.indexOf(array)];
        const [from, to] = [at.parameters + 4 * start, at.effective + 4 * start];
        if (format.format === "integer") {
          kernel.quantise(from, at.steps + 4 * start, to, 4 * length, format.limit);
        } else if (format.format === "float16") kernel.halve(from, to, 4 * length);
        else new Uint8Array(buffer).copyWithin(to, from, from + 4 * length);
      }
    },
    errors() {
      const sums = new Float64Array(arena.shape.outputs);
      for (let share = 0; share < shares; share++) {
        const own = errorsOf(share);
        for (let v = 0; v < sums.length; v++) sums[v] += own[v];
      }
      return sums;
    },
    gradientList() {
      const sums = gradientsOf(0).slice();
      for (let share = 1; share < shares; share++) {
        const own = gradientsOf(share);
        for (let i = 0; i < sums.length; i++) sums[i] += own[i];
      }
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

/** Reads and writes an arena: what is not arithmetic. */
export function accessArena(arena: TrainingArena) {
  const { memory, at, batch, count } = arena;
  const layout = layoutOf(arena.shape);
  const floats = (address: number, length: number) =>
    new Float32Array(memory.buffer, address, length);
  const { parameters, effective, first, second, steps } = at;
  const state = { parameters, effective, first, second, steps };
  return {
    layout,
    /** Parameters, their quantised form, moments or quantiser's steps, as a list. */
    read: (what: keyof typeof state) => gather(layout, floats(state[what], layout.floats)),
    write: (what: keyof typeof state, list: Float32Array) =>
      spread(layout, list, floats(state[what], layout.floats)),
    /** Targets of all samples: `outputs` floats at multiples of `targetStride`. */
    targets: floats(at.targets, (at.targetStride / 4) * count),
    targetStride: at.targetStride / 4,
    /** Which parameters the network is evaluated with from now on. */
    evaluateQuantised(quantised: boolean) {
      const address = quantised ? at.effective : at.parameters;
      new DataView(memory.buffer).setUint32(at.plan + PLAN_PARAMETERS, address, true);
    },
    /** The samples of the next step. */
    setIndices(indices: Uint32Array) {
      if (indices.length > batch) {
        throw new RangeError(`a batch of at most ${batch} expected, ${indices.length} found`);
      }
      for (const index of indices) {
        if (index >= count) throw new RangeError(`sample ${index} of ${count}`);
      }
      new Uint32Array(memory.buffer, at.indices, indices.length).set(indices);
    },
    /** Weights of the outputs in the loss: sum of weight * error^2 / (outputs * samples). */
    setLossWeights(weights: ArrayLike<number>, samples: number) {
      const factors = floats(at.lossFactors, layout.shape.outputs);
      for (let v = 0; v < factors.length; v++) {
        factors[v] = (2 * weights[v]) / (factors.length * samples);
      }
    },
  };
}
