/** What a training would come to, before it is begun. */
import { countOfArray, type NetworkShape, parametersOf } from "@fieldzip/kernels/network";
import { bitsPerParameter } from "../goal/network-size.js";
import { networkForBytes } from "../goal/ratio.js";
import { stepsFor } from "../goal/schedule.js";
import type { GoalWork } from "../goal/work.js";
import { fourierParameters } from "../network/fourier.js";
import {
  completeNetwork,
  countParameters,
  type Network,
  shapeOfNetwork,
} from "../network/network.js";

/** A chunk's network, its size, and what its training takes here. */
export interface NetworkPlan {
  readonly network: Network;
  readonly shape: NetworkShape;
  /** By array, as `parametersOf` names them. */
  readonly arrays: readonly { readonly name: string; readonly count: number }[];
  readonly parameters: number;
  readonly formula: string;
  /** Bytes of all parameters by format. `coded`: 8-bit ones under our coder, about. */
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
}

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
      coded: Math.ceil((parameters * bitsPerParameter["8bit"]) / 8),
    },
    samples: trainings.samples,
    batch: trainings.batchOf(request),
    secondsPerStep: await trainings.secondsPerStep(request),
    steps: await stepsFor(work, "train", request, { effort: 1, share: 1 }),
  };
}

/** How many parameters there are: for Fourier networks the published formula, with this network's numbers. */
export function formulaOf(network: Network, shape: NetworkShape): string {
  const { dimensions: d, outputs } = shape;
  const count = countParameters(shape);
  if (network.kind === "grid") {
    const { frequencies: k, width: n, hidden } = network;
    const features = shape.levels.reduce((sum, level) => sum + level.features, 0);
    const grids = shape.levels.map((level) => `${level.nodes.join(" x ")} x ${level.features}`);
    const layers = `${n} (${features} + ${2 * k} + 1 + ${hidden - 1} (${n} + 1) + ${outputs})`;
    return (
      "grids + k (d_in + 1) + n (f + 2k + 1 + (m - 1) (n + 1) + d_out) + d_out = " +
      `${grids.join(" + ")} + ${k} (${d} + 1) + ${layers} + ${outputs} = ${count}`
    );
  }
  const { frequencies: k, width: n, hidden: m, mapping } = network;
  if (fourierParameters(network, d, outputs) !== count) throw new RangeError("the formula fails");
  const layers = `${m} (${n} + 1) + ${outputs})`;
  return mapping === "off"
    ? `d_out + n (d_in + m (n + 1) + d_out) = ${outputs} + ${n} (${d} + ${layers} = ${count}`
    : "d_out + k (d_in + 1) + n (2k + m (n + 1) + d_out) = " +
        `${outputs} + ${k} (${d} + 1) + ${n} (${2 * k} + ${layers} = ${count}`;
}
