/** How many steps a training gets. */
import { completeNetwork, type NetworkRequest, shapeOfNetwork } from "../network/network.js";
import { defaultEpochs, leastSteps } from "../predictor/settings.js";
import { parametersOfStored } from "../quantise/quantised-model.js";
import type { GoalWork } from "./work.js";

/** Values that are coded, decoded and compared in a second, about, and what a chunk takes in any case. */
const VALUES_PER_SECOND = 1.5e6;
const SECONDS_BESIDE = 0.3;
/** Fewer steps teach nothing. */
const FEWEST = 20;

/** Steps for a share of what is asked for: of the time, or of the epochs. */
export async function stepsFor(
  work: GoalWork,
  network: NetworkRequest,
  share: number,
): Promise<number> {
  const { settings, trainings, seconds } = work;
  if (seconds !== undefined) {
    const [time] = [share * trainingSeconds(work, seconds)];
    return Math.max(FEWEST, Math.floor(time / (await trainings.secondsPerStep(network))));
  }
  const perEpoch = trainings.samples / trainings.batchOf(network);
  const steps =
    settings.epochs === undefined
      ? Math.max(leastSteps, defaultEpochs[network.kind] * perEpoch)
      : settings.epochs * perEpoch;
  return Math.max(FEWEST, Math.round(share * steps));
}

/** What remains of the time when the rest of the work is done, too. */
function trainingSeconds({ trainings: { field } }: GoalWork, seconds: number): number {
  const values = field.variables.length * field.variables[0].length;
  return Math.max(0.5 * seconds, seconds - SECONDS_BESIDE - values / VALUES_PER_SECOND);
}

/** The parameters of the step before, where the network is of the same shape. */
export function initialOf(
  { settings, previous, trainings, outputs }: GoalWork,
  network: NetworkRequest,
): Float32Array | undefined {
  if (!settings.warmStart || !previous) return undefined;
  const shape = shapeOfNetwork(completeNetwork(network), trainings.field.lengths, outputs);
  const same = JSON.stringify(shape) === JSON.stringify(previous.shape);
  return same ? parametersOfStored(previous) : undefined;
}
