/** From what was asked for to a trained network. */
import { formats, type Trained } from "../predictor/trainings.js";
import { quantiseDefaults } from "../quantise/options.js";
import type { StoredModel } from "../quantise/quantised-model.js";
import { reachPsnr } from "./psnr.js";
import { reachRatio } from "./ratio.js";
import { initialOf, stepsFor } from "./schedule.js";
import type { GoalWork } from "./work.js";

export async function trainToGoal(work: GoalWork): Promise<StoredModel> {
  const { guarantee } = work;
  if (work.bytes !== undefined) return reachRatio(work, work.bytes);
  if (guarantee.kind === "best-effort" && guarantee.goal.psnr !== undefined) {
    return reachPsnr(work, guarantee.goal.psnr);
  }
  return (await trainOnce(work)).stored;
}

/** The network as it was asked for, or of its natural size, for the time or the epochs that there are. */
async function trainOnce(work: GoalWork): Promise<Trained> {
  const { network, weights } = work.settings;
  return work.trainings.run({
    ...{ phase: "train", network, share: [0, 0.97] },
    steps: await stepsFor(work, "train", network, { effort: 1, share: 1 }),
    quantise: { ...quantiseDefaults, format: formats[weights] },
    initial: initialOf(work, network),
  });
}
