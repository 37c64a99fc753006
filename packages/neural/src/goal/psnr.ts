/** As small as it gets at a PSNR. */
import type { NetworkRequest } from "../network/network.js";
import { formats, type Trained } from "../predictor/trainings.js";
import { quantiseDefaults } from "../quantise/options.js";
import type { StoredModel } from "../quantise/quantised-model.js";
import { sizeTarget } from "../quantise/size-target.js";
import { STEERED_LIMIT, TAIL_FROM, towardsPsnr, watchPsnr } from "./control.js";
import {
  bitsPerParameter,
  isSizeOpen,
  networkOfSize,
  parametersOfRequest,
} from "./network-size.js";
import { hasTimeFor, initialOf, stepsFor } from "./schedule.js";
import type { GoalWork } from "./work.js";

/** Work and share of the time of a trial and of a training. */
const TRIAL = { effort: 0.1, share: 0.08 };
const MAIN = { effort: 1, share: 0.8 };
/** Fewer steps say nothing of a network, but a trial is never more than half of a training. */
const LEAST_TRIAL = 800;
/** dB that twice as many steps bring, about: what a trial lacks at its end. */
const STEPS_SLOPE = 1;
/** dB that twice as many bytes bring, about; and what is believed of a measured one. */
const SLOPE = 3;
const SLOPES = [1.5, 6] as const;
/**
 * Share of the bits that a parameter should have, see `bitsPerParameter`, below which a network is too large for its
 * goal and above which it is too small. Between them it is within some tenths of a dB of the best.
 */
const FIT = [0.6, 1.5] as const;
/** Octaves to the next size for which one trial is enough, and the most between two networks. */
const NEAR_OCTAVES = 0.5;
const MOST_OCTAVES = 4;
/** What counts as reached: from so little below the goal to so little above it, in dB; and what is aimed at. */
const BELOW = 0.01;
const ABOVE = 0.25;
const AIM = 0.06;
/** Share of what was lacking that another end must bring: else the network is too small. */
const HELPS = 0.3;
const MOST_TAILS = 3;
const MOST_NETWORKS = 3;
/** For progress: where trials end, where a training does, and its last part done again. */
const [TRIALS_END, MAIN_END, TAILS_END] = [0.16, 0.84, 0.97];

interface Candidate {
  readonly stored: StoredModel;
  readonly psnr: number;
  readonly bytes: number;
}

export async function reachPsnr(work: GoalWork, goal: number): Promise<StoredModel> {
  const open = isSizeOpen(work.settings.network);
  let { network, slope } = open
    ? await chooseNetwork(work, goal)
    : { network: work.settings.network, slope: SLOPE };
  let best: Candidate | undefined;
  for (let number = 1; number <= MOST_NETWORKS; number++) {
    const { steps, ...found } = await trainNetwork(work, network, goal, number);
    best = best ? better(best, found, goal) : found;
    const lacks = goal - found.psnr;
    const wanted = wantedSize(work, found.bytes);
    const fit = wanted / sizeOf(work, network);
    const isReached = lacks <= BELOW;
    if (!open || (isReached && fit >= FIT[0] && fit <= FIT[1])) break;
    network = sized(work, isReached ? wanted : wanted * 2 ** (lacks / slope));
    // A training that is much shorter would reach less than the one before.
    if (!(await hasTimeFor(work, `network ${number + 1}`, network, steps / 2))) break;
  }
  return best!.stored;
}

/** Short trainings of two sizes say which one it takes. */
async function chooseNetwork(
  work: GoalWork,
  goal: number,
): Promise<{ network: NetworkRequest; slope: number }> {
  const natural = work.settings.network;
  const size = sizeOf(work, natural);
  const psnr = await trial(work, natural, 1);
  const octaves = clamp((goal - psnr) / SLOPE, MOST_OCTAVES);
  if (Math.abs(octaves) < NEAR_OCTAVES) {
    return { network: sized(work, size * 2 ** octaves), slope: SLOPE };
  }
  const second = sized(work, size * 2 ** octaves);
  const secondSize = sizeOf(work, second);
  const secondPsnr = await trial(work, second, 2);
  const measured = (secondPsnr - psnr) / Math.log2(secondSize / size);
  const slope = Math.min(SLOPES[1], Math.max(SLOPES[0], measured || SLOPE));
  const more = clamp((goal - secondPsnr) / slope, MOST_OCTAVES);
  return { network: sized(work, secondSize * 2 ** more), slope };
}

/** What a training would reach with the bits that a parameter should have, from the last samples of a short one. */
async function trial(work: GoalWork, network: NetworkRequest, number: number): Promise<number> {
  const phase = `trial ${number}`;
  const [asked, all] = [
    await stepsFor(work, phase, network, TRIAL),
    await stepsFor(work, `${phase}, for all`, network, MAIN),
  ];
  const steps = Math.min(Math.ceil(all / 2), Math.max(LEAST_TRIAL, asked));
  const format = formats[work.settings.weights];
  const quantise = { ...quantiseDefaults, format, limit: STEERED_LIMIT };
  const bits = bitsPerParameter(network.kind, work.settings.weights);
  const bytes = (bits * sizeOf(work, network)) / 8;
  const { psnr } = await work.trainings.run({
    ...{ phase, network, steps, quantise },
    share: [(TRIALS_END * (number - 1)) / 2, (TRIALS_END * number) / 2],
    sizeControl:
      format === "integer" ? sizeTarget(bytes, { steps, from: quantise.from }) : watchPsnr(steps),
  });
  return psnr + work.psnrOffset + STEPS_SLOPE * Math.log2(all / steps);
}

/** A whole training of one network, and its last part again with another aim until it ends at the goal. */
async function trainNetwork(
  work: GoalWork,
  network: NetworkRequest,
  goal: number,
  number: number,
): Promise<Candidate & { readonly steps: number }> {
  const { trainings, settings, psnrOffset } = work;
  const name = number === 1 ? "train" : `train network ${number}`;
  const steps = await stepsFor(work, name, network, MAIN);
  const format = formats[settings.weights];
  const training = {
    ...{ network, steps, initial: initialOf(work, network) },
    quantise: { ...quantiseDefaults, format, limit: STEERED_LIMIT },
  };
  let aim = goal + AIM - psnrOffset;
  const main = await trainings.run({
    ...training,
    ...{ phase: name, share: [TRIALS_END, MAIN_END], keepAt: TAIL_FROM },
    sizeControl: towardsPsnr(aim, steps),
  });
  let last = measured(work, main);
  let best = last;
  const tries = [{ aim, psnr: last.psnr }];
  for (let tail = 1; tail <= MOST_TAILS && main.kept && format === "integer"; tail++) {
    const over = last.psnr - goal;
    if (over >= -BELOW && over <= ABOVE) break;
    const phase = `${name}, end ${tail}`;
    if (!(await hasTimeFor(work, phase, network, (1 - TAIL_FROM) * steps))) break;
    aim = nextAim(tries, goal + AIM);
    const again = await trainings.run({
      ...training,
      ...{ phase, from: main.kept, share: [MAIN_END, TAILS_END] },
      sizeControl: towardsPsnr(aim, steps),
    });
    const before = last;
    last = measured(work, again);
    tries.push({ aim, psnr: last.psnr });
    best = better(best, last, goal);
    if (over < 0 && last.psnr - before.psnr < HELPS * -over) break;
  }
  return { ...best, steps };
}

interface Try {
  readonly aim: number;
  readonly psnr: number;
}

/** On the line between the nearest tries below and above the goal; as far beside it on the other side without both. */
function nextAim(tries: readonly Try[], goal: number): number {
  const sorted = [...tries].sort((a, b) => a.psnr - b.psnr);
  const below = sorted.findLast(({ psnr }) => psnr <= goal);
  const above = sorted.find(({ psnr }) => psnr > goal);
  if (below && above) {
    const share = (goal - below.psnr) / (above.psnr - below.psnr);
    return below.aim + share * (above.aim - below.aim);
  }
  const { aim, psnr } = tries[tries.length - 1];
  return aim + goal - psnr;
}

function measured({ psnrOf, streamBytes }: GoalWork, { stored }: Trained): Candidate {
  return { stored, psnr: psnrOf(stored), bytes: streamBytes(stored.arrays, stored.shape, 1) };
}

/** Parameters of the network that so many bytes are best for. */
function wantedSize({ settings }: GoalWork, bytes: number): number {
  return (8 * bytes) / bitsPerParameter(settings.network.kind, settings.weights);
}

/** The smaller of two that reach the goal, else the one that comes nearer to it. */
function better(a: Candidate, b: Candidate, goal: number): Candidate {
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
