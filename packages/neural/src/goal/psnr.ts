/** As small as it gets at a PSNR. */
import type { NetworkRequest } from "../network/network.js";
import { formats, type Trained } from "../predictor/trainings.js";
import { quantiseDefaults } from "../quantise/options.js";
import type { StoredModel } from "../quantise/quantised-model.js";
import { STEERED_LIMIT, TAIL_FROM, towardsPsnr, watchPsnr } from "./control.js";
import { isSizeOpen, networkOfSize, parametersOfRequest } from "./network-size.js";
import { initialOf, stepsFor } from "./schedule.js";
import type { GoalWork } from "./work.js";

/** Steps of a trial, as a share of those of a training; and what it lacks at its end, in dB, about. */
const TRIAL_SHARE = 0.1;
const TRIAL_LACKS = 4;
/** dB that twice as many parameters bring, about; and what is believed of a measured one. */
const SLOPE = 4.5;
const SLOPES = [2, 9] as const;
/** A network that is a little too large takes coarser steps; one that is too small cannot be helped. */
const SPARE_OCTAVES = 0.2;
/** Most octaves between two networks. */
const MOST_OCTAVES = 4;
/** What counts as reached: from so little below the goal to so little above it, in dB. */
const BELOW = 0.01;
const ABOVE = 0.25;
/** Shares of the time: of trials, of a training, of its last part done again. */
const SHARES = { trials: 0.16, main: 0.68, tails: 0.16 };
/** Share of what was lacking that another end must bring. */
const HELPS = 0.3;
const MOST_TAILS = 3;
const MOST_NETWORKS = 3;

interface Candidate {
  readonly stored: StoredModel;
  readonly psnr: number;
  readonly bytes: number;
}

export async function reachPsnr(work: GoalWork, goal: number): Promise<StoredModel> {
  const started = performance.now();
  const open = isSizeOpen(work.settings.network);
  const { network: first, slope } = open
    ? await chooseNetwork(work, goal)
    : { network: work.settings.network, slope: SLOPE };
  let network = first;
  let best: Candidate | undefined;
  for (let k = 1; k <= MOST_NETWORKS; k++) {
    const found = await trainNetwork(work, network, goal, k);
    best = better(best, found, goal);
    const lacks = goal - best.psnr;
    const seconds = (performance.now() - started) / 1000;
    const late = work.seconds !== undefined && seconds * (1 + 1 / k) > work.seconds;
    if (lacks <= BELOW || !open || late) break;
    network = sized(work, sizeOf(work, network) * 2 ** (lacks / slope + SPARE_OCTAVES));
  }
  return best!.stored;
}

/** Short trainings of two sizes say which one it takes. */
async function chooseNetwork(work: GoalWork, goal: number) {
  const natural = work.settings.network;
  const size = sizeOf(work, natural);
  const psnr = await trial(work, natural, 1);
  const octaves = clamp((goal - psnr - TRIAL_LACKS) / SLOPE, MOST_OCTAVES);
  const second = sized(work, size * 2 ** octaves);
  if (Math.abs(octaves) < 0.5) {
    return { network: sized(work, size * 2 ** (octaves + SPARE_OCTAVES)), slope: SLOPE };
  }
  const between = Math.log2(sizeOf(work, second) / size);
  const psnrThere = await trial(work, second, 2);
  const measured = between === 0 ? SLOPE : (psnrThere - psnr) / between;
  const slope = Math.min(SLOPES[1], Math.max(SLOPES[0], measured));
  const more = clamp((goal - psnrThere - TRIAL_LACKS) / slope, MOST_OCTAVES);
  const wanted = sizeOf(work, second) * 2 ** (more + SPARE_OCTAVES);
  return { network: sized(work, wanted), slope };
}

/** PSNR of the last samples of a short training. */
async function trial(work: GoalWork, network: NetworkRequest, number: number): Promise<number> {
  const share = SHARES.trials / 2;
  const steps = await stepsFor(work, network, work.seconds === undefined ? TRIAL_SHARE : share);
  const { psnr } = await work.trainings.run({
    ...{ phase: `trial ${number}`, network, steps, quantise: { format: "float32" } },
    share: [share * (number - 1), share * number],
    sizeControl: watchPsnr(steps),
  });
  return psnr + work.psnrOffset;
}

/** A whole training of one network, and its last part again with another aim until it ends at the goal. */
async function trainNetwork(
  work: GoalWork,
  network: NetworkRequest,
  goal: number,
  number: number,
): Promise<Candidate> {
  const { trainings, settings, psnrOffset } = work;
  const format = formats[settings.weights];
  const steps = await stepsFor(work, network, work.seconds === undefined ? 1 : SHARES.main);
  const training = {
    ...{ network, steps, initial: initialOf(work, network) },
    quantise: { ...quantiseDefaults, format, limit: STEERED_LIMIT },
  };
  const middle = SHARES.trials + SHARES.main;
  const name = number === 1 ? "train" : `train network ${number}`;
  let aim = goal - psnrOffset + ABOVE / 4;
  const main = await trainings.run({
    ...training,
    ...{ phase: name, share: [SHARES.trials, middle], keepAt: TAIL_FROM },
    sizeControl: towardsPsnr(aim, steps),
  });
  let best = measured(work, main);
  for (let tail = 1; tail <= MOST_TAILS && main.kept && format === "integer"; tail++) {
    const over = best.psnr - goal;
    if (over >= -BELOW && over <= ABOVE) break;
    aim -= over - ABOVE / 4;
    const again = await trainings.run({
      ...training,
      ...{ phase: `${name}, end ${tail}`, from: main.kept, share: [middle, 0.97] },
      sizeControl: towardsPsnr(aim, steps),
    });
    const found = measured(work, again);
    // Where finer steps bring little, the network is too small.
    const helpless = over < 0 && found.psnr - best.psnr < HELPS * -over;
    best = better(best, found, goal);
    if (helpless) break;
  }
  return best;
}

function measured({ psnrOf, streamBytes }: GoalWork, { stored }: Trained): Candidate {
  return { stored, psnr: psnrOf(stored), bytes: streamBytes(stored.arrays, stored.shape) };
}

/** The smaller of two that reach the goal, else the one that comes nearer to it. */
function better(a: Candidate | undefined, b: Candidate, goal: number): Candidate {
  if (!a) return b;
  const reached = [a, b].filter(({ psnr }) => psnr >= goal - BELOW);
  if (reached.length === 2) return a.bytes <= b.bytes ? a : b;
  return reached[0] ?? (a.psnr >= b.psnr ? a : b);
}

function sized({ trainings, outputs, settings }: GoalWork, count: number): NetworkRequest {
  return networkOfSize(settings.network, count, trainings.field.lengths, outputs);
}

function sizeOf({ trainings, outputs }: GoalWork, network: NetworkRequest): number {
  return parametersOfRequest(network, trainings.field.lengths, outputs);
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
