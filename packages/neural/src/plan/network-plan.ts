/** What a training would come to, before it is begun. */
import {
  countOfArray,
  createEvaluator,
  type NetworkShape,
  parametersOf,
} from "@fieldzip/kernels/network";
import { STEERED_LIMIT } from "../goal/control.js";
import { networkForBytes } from "../goal/ratio.js";
import { stepsFor } from "../goal/schedule.js";
import type { GoalWork } from "../goal/work.js";
import { initialParameters } from "../initialise.js";
import { fourierParameters } from "../network/fourier.js";
import {
  completeNetwork,
  countParameters,
  type Network,
  shapeOfNetwork,
} from "../network/network.js";
import { axisCoordinates } from "../sampling.js";

/** A chunk's network, its size, and what its training takes here. */
export interface NetworkPlan {
  readonly network: Network;
  readonly shape: NetworkShape;
  /** By array, as `parametersOf` names them. */
  readonly arrays: readonly { readonly name: string; readonly count: number }[];
  readonly parameters: number;
  readonly formula: string;
  /** Bytes of all parameters by format. `coded`: 8-bit ones under our coder, about; those of a ratio that is asked for. */
  readonly bytes: {
    readonly float32: number;
    readonly float16: number;
    readonly "8bit": number;
    readonly coded: number;
  };
  readonly samples: number;
  readonly batch: number;
  readonly steps: number;
  /** By the clock, from a short training on this machine. */
  readonly secondsPerStep: number;
  /** By the clock, for one evaluation of all points of the chunk on one thread. */
  readonly secondsPerEvaluation: number;
  /** Of the process at its peak, about. */
  readonly memoryBytes: number;
}

/** Bytes of the engine and of a reader, and how often a chunk's values are in memory: measured on 42 MB of values. */
const ENGINE_BYTES = 150e6;
const COPIES = 5;
/** Single-precision copies of the parameters: what learns, its two moments, steps, what is stored, and snapshots. */
const PARAMETER_COPIES = 14;
/** Bits that 8-bit parameters come to without a goal, about: features of grids vary little from node to node. */
const codedBits = { grid: 5, fourier: 7.5 };
/** And at most where steps become as fine as it takes to fill the bytes of a ratio. */
const MOST_BITS = Math.log2(2 * STEERED_LIMIT);
/** Points that are evaluated to know how long one takes. */
const TIMED_POINTS = 8192;

/** Trains for a second, to know how long a step takes. */
export async function planNetwork(work: GoalWork): Promise<NetworkPlan> {
  const { settings, trainings, outputs, bytes } = work;
  const request = bytes === undefined ? settings.network : networkForBytes(work, bytes);
  const network = completeNetwork(request);
  const shape = shapeOfNetwork(network, trainings.field.lengths, outputs);
  const parameters = countParameters(shape);
  return {
    ...{ network, shape, parameters },
    arrays: parametersOf(shape).map((array) => ({ name: array.name, count: countOfArray(array) })),
    formula: formulaOf(network, shape),
    bytes: {
      ...{ float32: 4 * parameters, float16: 2 * parameters, "8bit": parameters },
      coded: Math.ceil(
        bytes === undefined
          ? (parameters * codedBits[network.kind]) / 8
          : Math.min(bytes, (parameters * MOST_BITS) / 8),
      ),
    },
    samples: trainings.samples,
    batch: trainings.batchOf(request),
    secondsPerStep: await trainings.secondsPerStep(request),
    secondsPerEvaluation: timeEvaluation(shape, work),
    memoryBytes: memoryOf(work, parameters),
    steps: await stepsFor(work, "train", request, { effort: 1, share: 1 }),
  };
}

function timeEvaluation(
  shape: NetworkShape,
  { settings: { seed }, trainings: { field } }: GoalWork,
): number {
  const { lengths } = field;
  const evaluator = createEvaluator(shape);
  evaluator.setParameters(initialParameters(shape, { seed, lengths, valuesPerWave: 48 }));
  const coordinates = { axes: lengths.map(axisCoordinates) };
  const points = lengths.reduce((product, length) => product * length, 1);
  const some = Math.min(points, TIMED_POINTS);
  evaluator.evaluate(coordinates, 0, Math.min(some, 512));
  const started = performance.now();
  evaluator.evaluate(coordinates, 0, some);
  return ((performance.now() - started) / 1000) * (points / some);
}

function memoryOf(
  { settings: { shares }, trainings: { field, samples }, outputs }: GoalWork,
  parameters: number,
): number {
  const [{ length }] = field.variables;
  const valueBytes = field.variables[0] instanceof Float64Array ? 8 : 4;
  const values = valueBytes * length * field.variables.length;
  // A sample has its targets, its place and its turn.
  const sampled = samples * (16 * Math.ceil(outputs / 4) + 8);
  return ENGINE_BYTES + COPIES * values + sampled + 4 * parameters * (PARAMETER_COPIES + shares);
}

/** How many parameters there are: for Fourier networks the published formula, with this network's numbers. */
export function formulaOf(network: Network, shape: NetworkShape): string {
  const { dimensions: d, outputs } = shape;
  const count = countParameters(shape);
  if (network.kind === "grid") {
    const { frequencies: k, width: n, hidden } = network;
    const features = shape.levels.reduce((sum, level) => sum + level.features, 0);
    const grids = shape.levels.map((level) => `${level.nodes.join(" x ")} x ${level.features}`);
    const rest = `1 + ${hidden - 1} (${n} + 1) + ${outputs}) + ${outputs} = ${count}`;
    return k === 0
      ? "grids + n (f + 1 + (m - 1) (n + 1) + d_out) + d_out = " +
          `${grids.join(" + ")} + ${n} (${features} + ${rest}`
      : "grids + k (d_in + 1) + n (f + 2k + 1 + (m - 1) (n + 1) + d_out) + d_out = " +
          `${grids.join(" + ")} + ${k} (${d} + 1) + ${n} (${features} + ${2 * k} + ${rest}`;
  }
  const { frequencies: k, width: n, hidden: m, mapping } = network;
  if (fourierParameters(network, d, outputs) !== count) throw new RangeError("the formula fails");
  const layers = `${m} (${n} + 1) + ${outputs})`;
  return mapping === "off"
    ? `d_out + n (d_in + m (n + 1) + d_out) = ${outputs} + ${n} (${d} + ${layers} = ${count}`
    : "d_out + k (d_in + 1) + n (2k + m (n + 1) + d_out) = " +
        `${outputs} + ${k} (${d} + 1) + ${n} (${2 * k} + ${layers} = ${count}`;
}
