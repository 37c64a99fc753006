/** As good as it gets in so many bytes. */
import type { NetworkRequest } from "../network/network.js";
import { formats } from "../predictor/trainings.js";
import { quantiseDefaults } from "../quantise/options.js";
import type { StoredModel } from "../quantise/quantised-model.js";
import { sizeTarget } from "../quantise/size-target.js";
import { STEERED_LIMIT, TAIL_FROM } from "./control.js";
import { bitsPerParameter, isSizeOpen, networkOfSize } from "./network-size.js";
import { hasTimeFor, initialOf, stepsFor } from "./schedule.js";
import type { GoalWork } from "./work.js";

/** A little below the bytes that there are, and how far off is near enough, as shares of them. */
const AIM = 0.995;
const NEAR = 0.01;
/** Share of the time that is not kept for the last part of a training, done again where the bytes came out wrong. */
const MAIN_SHARE = 0.85;
const MOST_TAILS = 3;

/** The network for a stream of so many bytes, unless its size was asked for. */
export function networkForBytes(
  { settings: { network, weights }, trainings, outputs }: GoalWork,
  bytes: number,
): NetworkRequest {
  if (!isSizeOpen(network)) return network;
  const count = (8 * bytes) / bitsPerParameter(network.kind, weights);
  return networkOfSize(network, count, trainings.field.lengths, outputs);
}

export async function reachRatio(work: GoalWork, bytes: number): Promise<StoredModel> {
  const { settings, trainings, streamBytes } = work;
  const network = networkForBytes(work, bytes);
  const quantise = {
    ...quantiseDefaults,
    ...{ format: formats[settings.weights], limit: STEERED_LIMIT },
  };
  const steps = await stepsFor(work, "train", network, { effort: 1, share: MAIN_SHARE });
  const training = { network, steps, quantise, initial: initialOf(work, network) };
  const control = (aim: number) =>
    sizeTarget(aim, { steps, from: quantise.from, estimate: streamBytes });
  const main = await trainings.run({
    ...training,
    ...{ phase: "train", share: [0, MAIN_SHARE], keepAt: TAIL_FROM },
    sizeControl: control(AIM * bytes),
  });
  let best = main.stored;
  let aim = AIM * bytes;
  const sizeOf = ({ arrays, shape }: StoredModel) => streamBytes(arrays, shape, 1);
  for (let tail = 1; tail <= MOST_TAILS && main.kept && settings.weights === "8bit"; tail++) {
    const size = sizeOf(best);
    if (Math.abs(size - AIM * bytes) <= NEAR * bytes) break;
    const phase = `train, end ${tail}`;
    if (!(await hasTimeFor(work, phase, network, (1 - TAIL_FROM) * steps))) break;
    // As far beside the mark on the other side.
    aim *= (AIM * bytes) / size;
    const { stored } = await trainings.run({
      ...training,
      ...{ phase, from: main.kept, share: [MAIN_SHARE, 0.97] },
      sizeControl: control(aim),
    });
    if (Math.abs(sizeOf(stored) - AIM * bytes) < Math.abs(size - AIM * bytes)) best = stored;
  }
  return best;
}
