/** One memory for all threads that train a network: its parameters, its samples, what the shares work in. */
import { compileEmbedded } from "../instance.js";
import { gather, layoutOf, roundUp, spread } from "./layout.js";
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
import type { NetworkShape } from "./shape.js";

/** What threads need to know to work on one network: plain data, to be sent to them. */
export interface TrainingArena {
  /** Tells arenas apart where the memory arrives as a copy of its handle. */
  readonly id: string;
  readonly memory: WebAssembly.Memory;
  readonly shape: NetworkShape;
  /** Parts that the rows of a batch are dealt to; weights depend on their number alone. */
  readonly shares: number;
  /** Most samples of a step, and most steps whose samples are held at a time. */
  readonly batch: number;
  readonly steps: number;
  /** Samples there are. */
  readonly count: number;
  readonly relaxed: boolean;
  /** Whether coordinates along the first axis only grow from sample to sample. */
  readonly ordered: boolean;
  readonly at: {
    readonly plan: number;
    readonly source: number;
    readonly parameters: number;
    readonly effective: number;
    readonly first: number;
    readonly second: number;
    readonly quantiserSteps: number;
    readonly lossFactors: number;
    readonly scratch: number;
    readonly scratchStride: number;
    readonly gradients: number;
    /** By share and grid: first and last float whose gradient the share may have changed. */
    readonly ranges: number;
    readonly indices: number;
    /** By step and share: sums of squared errors, an output each. */
    readonly errors: number;
    /** Where threads meet. */
    readonly meeting: number;
    /** Coordinates of the samples. */
    readonly table: number;
    readonly targets: number;
    readonly targetStride: number;
  };
}

export interface ArenaOptions {
  readonly coordinates: Coordinates;
  readonly batch: number;
  /** Default 1. */
  readonly shares?: number;
  /** Default 1. */
  readonly steps?: number;
  /** Fused multiply-adds, where the engine has them. Default: where it has them. */
  readonly relaxed?: boolean;
}

/** Whether the engine runs relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  relaxedWorks ??= WebAssembly.validate(bytesOf(trainRelaxedModule));
  return relaxedWorks;
}

let relaxedWorks: boolean | undefined;
let strictModule: WebAssembly.Module | undefined;
let relaxedModule: WebAssembly.Module | undefined;

export function trainingModule(relaxed: boolean): WebAssembly.Module {
  if (relaxed) {
    relaxedModule ??= compileEmbedded(trainRelaxedModule);
    return relaxedModule;
  }
  strictModule ??= compileEmbedded(trainModule);
  return strictModule;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

let arenas = 0;

/**
 * Reserves memory and lays the network out; parameters, moments and targets are 0. The network is evaluated
 * with the parameters that learn until `evaluateQuantised`. Throws RangeError.
 */
export function createArena(shape: NetworkShape, options: ArenaOptions): TrainingArena {
  const { coordinates, batch, shares = 1, steps = 1, relaxed = hasRelaxedSimd() } = options;
  const layout = layoutOf(shape);
  checkCoordinates(coordinates, shape.dimensions);
  const count = countOfCoordinates(coordinates, shape.dimensions);
  const scratchStride = scratchOf(layout).bytes;
  const columns = layout.layers.at(-1)!.outputs;
  const targetStride = 4 * roundUp(shape.outputs, 4);
  const floats = 4 * layout.floats;
  const sizes = {
    plan: planBytes(layout),
    source: SOURCE_BYTES,
    lossFactors: 4 * columns,
    meeting: 64,
    ranges: 8 * shape.levels.length * shares,
    errors: 8 * columns * shares * steps,
    indices: 4 * batch * steps,
    parameters: floats,
    effective: floats,
    first: floats,
    second: floats,
    quantiserSteps: floats,
    scratch: scratchStride * shares,
    gradients: floats * shares,
    table: tableBytes(coordinates),
    // The last sample is read a whole number of columns far.
    targets: targetStride * count + 4 * columns,
  };
  const [end, ...starts] = addressesOf(Object.values(sizes)).reverse();
  const addresses = Object.fromEntries(
    Object.keys(sizes).map((name, i) => [name, starts.at(-1 - i)!]),
  ) as Record<keyof typeof sizes, number>;
  const memory = sharedMemory(end);
  const { plan, source, parameters, lossFactors, table, targets, quantiserSteps } = addresses;
  writePlan(new DataView(memory.buffer), plan, layout, parameters, lossFactors);
  writeSource(memory.buffer, source, coordinates, table, targets, targetStride);
  // Padding, too, is divided by its step.
  new Float32Array(memory.buffer, quantiserSteps, layout.floats).fill(1);
  arenas++;
  return {
    ...{ id: `${arenas}:${Math.random()}`, memory, shape, shares, batch, steps, count, relaxed },
    ordered: isOrdered(coordinates, shape.dimensions),
    at: { ...addresses, scratchStride, targetStride },
  };
}

function isOrdered(coordinates: Coordinates, dimensions: number): boolean {
  const [values, stride] =
    "axes" in coordinates ? [coordinates.axes[0], 1] : [coordinates.points, dimensions];
  for (let i = stride; i < values.length; i += stride) {
    if (!(values[i] >= values[i - stride])) return false;
  }
  return true;
}

/** Reads and writes an arena: what is not arithmetic. */
export function accessArena(arena: TrainingArena) {
  const { memory, at, batch, count, steps, shares } = arena;
  const layout = layoutOf(arena.shape);
  const floats = (address: number, length: number) =>
    new Float32Array(memory.buffer, address, length);
  const { parameters, effective, first, second, quantiserSteps } = at;
  const state = { parameters, effective, first, second, quantiserSteps };
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
      const address = quantised ? effective : parameters;
      new DataView(memory.buffer).setUint32(at.plan + PLAN_PARAMETERS, address, true);
    },
    /** The samples of a step to come. A kernel's `order` must follow. */
    setIndices(indices: Uint32Array, step = 0) {
      if (indices.length > batch || step >= steps) {
        throw new RangeError(
          `${steps} batches of at most ${batch} expected, ${indices.length} in batch ${step} found`,
        );
      }
      const beyond = indices.find((index) => index >= count);
      if (beyond !== undefined) throw new RangeError(`sample ${beyond} of ${count}`);
      new Uint32Array(memory.buffer, at.indices + 4 * batch * step, indices.length).set(indices);
    },
    /** Weights of the outputs in the loss: sum of weight * error^2 / (outputs * samples). */
    setLossWeights(weights: ArrayLike<number>, samples: number) {
      const factors = floats(at.lossFactors, layout.shape.outputs);
      for (let v = 0; v < factors.length; v++) {
        factors[v] = (2 * weights[v]) / (factors.length * samples);
      }
    },
    /** Sums of squared errors of a step, an output each; shares added in order. */
    errors(step = 0): Float64Array {
      const columns = layout.layers.at(-1)!.outputs;
      const sums = new Float64Array(arena.shape.outputs);
      for (let share = 0; share < shares; share++) {
        const own = at.errors + 8 * columns * (step * shares + share);
        const values = new Float64Array(memory.buffer, own, sums.length);
        for (let v = 0; v < sums.length; v++) sums[v] += values[v];
      }
      return sums;
    },
  };
}
