/** What follows from trainings that were tried. */
import type { Guarantee } from "@fieldzip/core";
import type { NetworkRequest } from "../network/network.js";
import type { Explored, ExploredRun } from "./explore.js";

/** What one would do, as flags of `fieldzip compress`, and why. */
export interface Recommendation {
  readonly flags: readonly string[];
  readonly reasons: readonly string[];
  /** What these flags should come to. */
  readonly expected: {
    /** dB. */
    readonly psnr: number;
    readonly ratio: number;
    /** By the clock, of all trainings. */
    readonly seconds: number;
    /** Whether it lies beyond what was tried. */
    readonly extrapolated: boolean;
  };
}

/** How much better is better: in dB where something is lost, else in bytes. */
interface Scale {
  of(run: ExploredRun): number;
  /** Less is not worth twice the work. */
  readonly worth: number;
  text(change: number): string;
}

const signed = (text: string, change: number) => `${change < 0 ? "-" : "+"}${text}`;

const decibels: Scale = {
  of: ({ psnr }) => psnr,
  worth: 0.5,
  text: (change) => signed(`${Math.abs(change).toFixed(2)} dB`, change),
};
const share: Scale = {
  of: ({ ratio }) => 100 * Math.log(ratio),
  worth: 1,
  text: (change) =>
    signed(`${Math.abs(100 * Math.expm1(change / 100)).toFixed(1)} % ratio`, change),
};

/** What a doubling brings is this much of what the one before it brought, at least and at most; and doublings ahead. */
const DECLINE = [0.4, 0.85] as const;
const MOST_DOUBLINGS = 3;

/** `runs`: of lengths in ascending order, each twice the one before; others as long as the last but one of them. */
export function recommend(
  runs: readonly ExploredRun[],
  { guarantee, times }: Pick<Explored, "guarantee" | "times">,
): Recommendation {
  const isLossy = guarantee.kind === "best-effort";
  const scale = isLossy ? decibels : share;
  const lengths = runs.filter(({ about }) => about === "length");
  const compared = lengths[lengths.length - 2];
  const length = lengthOf(lengths, scale);
  const size = sizeOf(runs, compared, scale, guarantee);
  const sample = sampleOf(runs, compared, scale);
  const { run, doublings, gain } = length;
  const epochs = run.epochs * 2 ** doublings * (run.samples / sample.run.samples);
  const expected = {
    psnr: isLossy ? run.psnr + gain : run.psnr,
    ratio: isLossy ? run.ratio : run.ratio * Math.exp(gain / 100),
    seconds: run.seconds * 2 ** doublings * times,
    extrapolated: doublings > 0,
  };
  return {
    expected,
    flags: ["--epochs", String(Number(epochs.toPrecision(2))), ...size.flags, ...sample.flags],
    reasons: [...length.reasons, ...size.reasons, ...sample.reasons],
  };
}

/** The training after which twice the work brings little; beyond the longest tried where that is still worth it. */
function lengthOf(lengths: readonly ExploredRun[], { of, worth, text }: Scale) {
  const gains = lengths.slice(1).map((run, k) => of(run) - of(lengths[k]));
  const [before, last] = gains.slice(-2);
  const reasons = [`twice the work brought ${text(last)}, the doubling before it ${text(before)}`];
  if (last < worth) {
    const enough = gains.findIndex((_, k) => gains.slice(k).every((gain) => gain < worth));
    return { run: lengths[enough], doublings: 0, gain: 0, reasons };
  }
  const decline = Math.min(DECLINE[1], Math.max(DECLINE[0], last / Math.max(last, before)));
  let [doublings, gain] = [0, 0];
  for (let next = last * decline; next >= worth && doublings < MOST_DOUBLINGS; next *= decline) {
    gain += next;
    doublings++;
  }
  if (doublings > 0) {
    const times = 2 ** doublings;
    reasons.push(`going on like that, ${times} times the longest training tried is worth its time`);
  }
  return { run: lengths[lengths.length - 1], doublings, gain, reasons };
}

/**
 * Other sizes are told of. Under `best-effort` which is right depends on the goal, so one is chosen only where none is
 * set, and only a smaller one that is as good; where misses are coded, the one with the smallest archive.
 */
function sizeOf(
  runs: readonly ExploredRun[],
  compared: ExploredRun,
  { of, worth, text }: Scale,
  guarantee: Guarantee,
) {
  const sizes = runs.filter(({ about }) => about === "size");
  const reasons = sizes.map((run) => {
    const factor = run.parameters / compared.parameters;
    const ratios = `ratio ${brief(run.ratio)} instead of ${brief(compared.ratio)}`;
    const change = of(run) - of(compared);
    return `a network of ${brief(factor)} times the parameters: ${guarantee.kind === "best-effort" ? `${text(change)}, ` : ""}${ratios}`;
  });
  let flags: string[] = [];
  if (guarantee.kind !== "best-effort") {
    const [best] = [...sizes].sort((a, b) => b.ratio - a.ratio);
    if (best && of(best) > of(compared) + worth) flags = flagsOf(best.network);
  } else if (Object.keys(guarantee.goal).length === 0) {
    const enough = sizes.find(
      (run) => run.parameters < compared.parameters && of(run) > of(compared) - worth,
    );
    if (enough) flags = ["--ratio", brief(enough.ratio)];
  }
  return { flags, reasons };
}

/** The numbers that say how large a network is. */
function flagsOf(network: NetworkRequest): string[] {
  const width = ["--width", String(network.width)];
  if (network.kind === "fourier") return [...width, "--frequencies", String(network.frequencies)];
  const levels = network.levels?.map(({ spacing, features }) => `${spacing}:${features}`) ?? [];
  return [...width, "--levels", levels.join(",")];
}

/** In as many steps as all values got: a part of them saves memory and reading, and never costs less time. */
function sampleOf(runs: readonly ExploredRun[], compared: ExploredRun, { of, worth, text }: Scale) {
  const samplings = runs.filter(({ about }) => about === "sampling");
  const reasons = samplings.map((run) => {
    const part = (100 * run.samples) / compared.samples;
    return `training on ${run.sampling}, ${part.toFixed(0)} % of the values, in as many steps: ${text(of(run) - of(compared))}`;
  });
  const [best] = [...samplings].sort((a, b) => of(b) - of(a));
  if (best && of(best) > of(compared) + worth) {
    return { run: best, flags: ["--sampling", best.sampling], reasons };
  }
  return { run: compared, flags: [], reasons };
}

/** Three digits. */
function brief(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
