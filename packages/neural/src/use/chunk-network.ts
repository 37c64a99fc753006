/** The network of one chunk: values and derivatives at positions in the chunk. */
import {
  type FloatType,
  inlinePool,
  LeastRecentlyUsed,
  registerTask,
  throwIfAborted,
  type WorkerPool,
} from "@fieldzip/core";
import {
  type Coordinates,
  countOfCoordinates,
  createEvaluator,
  type Evaluator,
  type NetworkShape,
} from "@fieldzip/kernels/network";
import {
  parametersOfStored,
  type StoredAxis,
  type StoredModel,
} from "../quantise/quantised-model.js";
import type { Places } from "./places.js";

/** What a stream of the predictor `neural` says about its chunk. */
export interface ChunkModel {
  readonly model: StoredModel;
  /** The axis of the chunk along which variables stand, where there is one. */
  readonly variableAxis?: number;
  /** Axis of the chunk, the variable axis left out, of every coordinate. */
  readonly coordinateAxes: readonly number[];
  /** What every variable of the chunk is: an output of the network, or one value everywhere. */
  readonly variables: readonly ({ readonly output: number } | { readonly constant: number })[];
  /** Whether stored values are more than the network's: a residual is beside it. */
  readonly corrected: boolean;
  /** Whether some stored values are none, or were masked for another reason. */
  readonly masked: boolean;
}

/** What is wanted of a chunk. */
export interface ChunkRequest {
  /** Positions in the chunk on its coordinates alone, in their order. */
  readonly places: Places;
  /** Places in `variables`. */
  readonly variables: readonly number[];
  /** Derivatives along these coordinates, too. */
  readonly derivatives: readonly number[];
}

/** One piece of the answer; lists in the order of the request. */
export interface ChunkPiece {
  /** The first of the request's places, C order, that this piece is about. */
  readonly first: number;
  readonly count: number;
  /** A list a variable. */
  readonly values: readonly Float64Array[];
  /** By coordinate asked for, a list a variable: derivatives by index position. */
  readonly derivatives: readonly (readonly Float64Array[])[];
}

export interface ChunkNetwork {
  readonly model: ChunkModel;
  /** Bytes that it keeps. */
  readonly bytes: number;
  /** Goes through the places of a request piece by piece. Threads of a pool need `registerSampleTask`. */
  evaluate(
    request: ChunkRequest,
    take: (piece: ChunkPiece) => void,
    options?: { readonly pool?: WorkerPool; readonly signal?: AbortSignal },
  ): Promise<void>;
}

/** Places of a task: few keep a thread busy for a tenth of a second, fewer are not worth sending. */
const MOST_PLACES = 2 ** 15;
const FEWEST_PLACES = 2 ** 12;

let networks = 0;

/** `dataType`: of the values, since the last step of the arithmetic is done in it. */
export function createChunkNetwork(model: ChunkModel, dataType: FloatType): ChunkNetwork {
  const { shape, axes, scalings } = model.model;
  const parameters = parametersOfStored(model.model);
  networks++;
  const id = `${networks}:${Math.random()}`;
  registerSampleTask();

  async function piece(
    { variables, derivatives }: ChunkRequest,
    coordinates: Coordinates,
    first: number,
    count: number,
    pool: WorkerPool,
    signal?: AbortSignal,
  ): Promise<ChunkPiece> {
    const wanted = variables.map((variable) => model.variables[variable]);
    const outputs = wanted.flatMap((one) => ("output" in one ? [one.output] : []));
    const task: SampleTask = {
      ...{ id, shape, parameters, outputs, axes: derivatives, count },
      // A thread gets the points of its piece alone.
      ...("points" in coordinates
        ? { coordinates: { points: pointsOf(coordinates.points, first, count) }, first: 0 }
        : { coordinates, first }),
    };
    const lists =
      outputs.length > 0
        ? await pool.run<SampleTask, Float32Array[][]>(SAMPLE, task, { signal })
        : [];
    return {
      ...{ first, count },
      values: wanted.map((one) =>
        "constant" in one
          ? new Float64Array(count).fill(one.constant)
          : scaled(lists[0][outputs.indexOf(one.output)], scalings[one.output], dataType),
      ),
      derivatives: derivatives.map((coordinate, k) =>
        wanted.map((one) => {
          if ("constant" in one) return new Float64Array(count);
          const slope = scalings[one.output].scale * coordinateSlope(axes[coordinate]);
          const list = new Float64Array(lists[k + 1][outputs.indexOf(one.output)]);
          for (let i = 0; i < count; i++) list[i] *= slope;
          return list;
        }),
      ),
    };
  }

  function pointsOf(points: Float32Array, first: number, count: number): Float32Array {
    return points.slice(first * shape.dimensions, (first + count) * shape.dimensions);
  }

  return {
    model,
    // Parameters here and in the evaluator's memory, and what it works in.
    bytes: 8 * parameters.length + 4 * MOST_PLACES * shape.outputs,
    async evaluate(request, take, { pool = inlinePool, signal } = {}) {
      const coordinates = coordinatesOf(request.places, axes);
      const total = countOfCoordinates(coordinates, axes.length);
      const lanes = Math.max(1, pool.size);
      const share = TILE_ROWS * Math.ceil(total / lanes / TILE_ROWS);
      const size = Math.min(Math.max(share, FEWEST_PLACES), MOST_PLACES);
      // What one piece holds is done before a thread has been asked.
      const where = total > size ? pool : inlinePool;
      for (let done = 0; done < total; done += lanes * size) {
        const pieces = [];
        for (let first = done; first < Math.min(total, done + lanes * size); first += size) {
          const count = Math.min(size, total - first);
          pieces.push(piece(request, coordinates, first, count, where, signal));
        }
        for (const found of await Promise.all(pieces)) take(found);
        // Timers and signals get their turn.
        if (done + lanes * size < total) await new Promise((resolve) => setTimeout(resolve, 0));
        throwIfAborted(signal);
      }
    },
  };
}

/** Places that go through a network together. */
const TILE_ROWS = 64;

function coordinatesOf(places: Places, axes: readonly StoredAxis[]): Coordinates {
  if ("axes" in places) {
    return {
      axes: places.axes.map((positions, axis) =>
        Float32Array.from(positions, (position) => coordinateAt(position, axes[axis])),
      ),
    };
  }
  return {
    points: Float32Array.from(places.points, (position, i) =>
      coordinateAt(position, axes[i % axes.length]),
    ),
  };
}

/** As `storedAxisCoordinates` has it, and between its places. */
function coordinateAt(position: number, { low, total }: StoredAxis): number {
  return total === 1 ? 0 : (2 * (position + low)) / (total - 1) - 1;
}

/** Coordinate by index position. */
function coordinateSlope({ total }: StoredAxis): number {
  return total === 1 ? 0 : 2 / (total - 1);
}

/** Outputs to values, in the decoder's arithmetic: what is not finite counts as 0. */
function scaled(
  outputs: Float32Array,
  { offset, scale }: { offset: number; scale: number },
  dataType: FloatType,
): Float64Array {
  const values = new Float64Array(outputs.length);
  const single = dataType === "float32";
  const [factor, first] = single ? [Math.fround(scale), Math.fround(offset)] : [scale, offset];
  for (let i = 0; i < values.length; i++) {
    const product = outputs[i] * factor;
    const value = single ? Math.fround(Math.fround(product) + first) : product + first;
    values[i] = value - value === 0 ? value : 0;
  }
  return values;
}

/** What a thread is asked for. */
interface SampleTask {
  readonly id: string;
  readonly shape: NetworkShape;
  readonly parameters: Float32Array;
  readonly coordinates: Coordinates;
  readonly first: number;
  readonly count: number;
  readonly outputs: readonly number[];
  readonly axes: readonly number[];
}

const SAMPLE = "network-sample";

/** Evaluators of this thread, up to so many bytes of parameters: the ones used last. */
const evaluators = new LeastRecentlyUsed<Evaluator>(64 * 2 ** 20);

function evaluatorOf({ id, shape, parameters }: SampleTask): Evaluator {
  const known = evaluators.get(id);
  if (known) return known;
  const evaluator = createEvaluator(shape);
  evaluator.setParameters(parameters);
  // Kept twice: here, and in the memory that it works in.
  evaluators.set(id, evaluator, 2 * parameters.byteLength);
  return evaluator;
}

/** By list (values, then derivatives) and output. */
function sample(task: SampleTask): Float32Array[][] {
  const { shape, coordinates, first, count, outputs, axes } = task;
  const found = evaluatorOf(task).evaluateDerivatives(coordinates, axes, first, count);
  return [found.values, ...found.derivatives].map((list) =>
    outputs.map((output) => {
      const column = new Float32Array(count);
      for (let i = 0; i < count; i++) column[i] = list[i * shape.outputs + output];
      return column;
    }),
  );
}

/** To be called in every thread that is to evaluate networks. */
export function registerSampleTask(): void {
  registerTask(SAMPLE, sample);
}
