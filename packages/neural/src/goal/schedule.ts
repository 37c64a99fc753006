/** How many steps a training gets. */
import { isSameShape } from "@fieldzip/kernels/network";
import { completeNetwork, type NetworkRequest, shapeOfNetwork } from "../network/network.js";
import { defaultEpochs, leastSteps } from "../predictor/settings.js";
import { parametersOfStored } from "../quantise/quantised-model.js";
import type { GoalWork } from "./work.js";

/** Values that are coded, decoded and compared in a second, about, and what a chunk takes in any case. */
const VALUES_PER_SECOND = 1.5e6;
const SECONDS_BESIDE = 0.3;
/** Fewer steps teach nothing. */
const FEWEST = 20;

/**
 * Steps of a training: those of its epochs, times `effort`; or where time is limited, what a share of what is left of
 * it allows. Decided once a job, since time is not the same when it is resumed.
 */
export async function stepsFor(
  work: GoalWork,
  phase: string,
  network: NetworkRequest,
  { effort, share }: { readonly effort: number; readonly share: number },
): Promise<number> {
  const { settings, trainings, secondsLeft } = work;
  const perEpoch = trainings.samples / trainings.batchOf(network);
  const epochs = settings.epochs ?? Math.max(defaultEpochs[network.kind], leastSteps / perEpoch);
  const asked = effort * epochs * perEpoch;
  if (!secondsLeft) return Math.max(FEWEST, Math.round(asked));
  return trainings.decide(`steps, ${phase}`, async () => {
    const perStep = await trainings.secondsPerStep(network);
    const allowed = (share * (secondsLeft() - secondsBeside(work))) / perStep;
    const most = settings.epochs === undefined ? Number.POSITIVE_INFINITY : asked;
    return Math.max(FEWEST, Math.floor(Math.min(most, allowed)));
  });
}

/** Whether there is time for so many steps more. Decided once a job, too. */
export async function hasTimeFor(
  work: GoalWork,
  phase: string,
  network: NetworkRequest,
  steps: number,
): Promise<boolean> {
  const { trainings, secondsLeft } = work;
  if (!secondsLeft) return true;
  return trainings.decide(`time, ${phase}`, async () => {
    const perStep = await trainings.secondsPerStep(network);
    return steps * perStep < secondsLeft() - secondsBeside(work);
  });
}

/** What the rest of the work takes: values are coded, decoded and compared. */
function secondsBeside({ trainings: { field } }: GoalWork): number {
  const values = field.variables.length * field.variables[0].length;
  return SECONDS_BESIDE + values / VALUES_PER_SECOND;
}

/** The parameters of the step before, where the network is of the same shape. */
export function initialOf(
  { settings, previous, trainings, outputs }: GoalWork,
  network: NetworkRequest,
): Float32Array | undefined {
  if (!settings.warmStart || !previous) return undefined;
  const shape = shapeOfNetwork(completeNetwork(network), trainings.field.lengths, outputs);
  return isSameShape(shape, previous.shape) ? parametersOfStored(previous) : undefined;
}
