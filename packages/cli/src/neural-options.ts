import type { CompressOptions, Guarantee, Settings } from "@fieldzip/core";
import { FieldzipError } from "@fieldzip/core";
import { samplingForms } from "@fieldzip/neural";
import type { OptionDescription, OptionValues } from "./commands/command.js";
import { choiceOf, durationOf, integerOf, numberOf, textOf, wrong } from "./option-values.js";

/** What is promised, and what is aimed at. */
export const guaranteeOptions: readonly OptionDescription[] = [
  {
    flags: "--guarantee <kind>",
    help: "exact, bounded or best-effort (default: exact; --bound and goals say it, too)",
  },
  { flags: "--bound <size>", help: "bounded: no value is off by more, such as 1e-3" },
  {
    flags: "--bound-kind <kind>",
    help: "of --bound: absolute, in the variable's units, or range, a share of it (default: range)",
  },
  { flags: "--psnr <dB>", help: "best-effort: aim at this mean over variables, with fewest bytes" },
  { flags: "--ratio <n>", help: "best-effort: aim at original bytes / archive bytes, within 2 %" },
  { flags: "--time <duration>", help: "neural: stop after this time by the clock, such as 10m" },
].map((option) => ({ ...option, group: "What is promised" }));

/** The network and its training. */
export const neuralOptions: readonly OptionDescription[] = [
  { flags: "--network <kind>", help: "grid: ours; fourier: as published (default: grid)" },
  {
    flags: "--levels <list>",
    help: "grid: spacing:features of each grid, coarse to fine (default: 8:16,4:8,2:8)",
  },
  {
    flags: "--step-spacing <x>",
    help: "grid: along steps, nodes at x times the spacing, one a step at most (default: 0.25)",
  },
  {
    flags: "--frequencies <k>",
    help: "rows of the Fourier mapping (default: grid 0, fourier 128)",
  },
  { flags: "--width <n>", help: "of hidden layers (default: grid 64, fourier 192)" },
  {
    flags: "--hidden <m>",
    help: "hidden layers; fourier: after the first one (default: grid 2, fourier 3)",
  },
  { flags: "--activation <name>", help: "smooth, relu or sine (default: smooth)" },
  {
    flags: "--mapping <how>",
    help: "fourier: learned, fixed or off frequencies (default: learned)",
  },
  {
    flags: "--values-per-wave <x>",
    help: "an axis of so many values has frequencies of about one wave at first (default: 48)",
  },
  { flags: "--weights <format>", help: "8bit, float16 or float32 (default: 8bit)" },
  {
    flags: "--epochs <n>",
    help: "times that each sample is seen (default: grid 12, fourier 30, more in small fields)",
  },
  { flags: "--batch <n>", help: "samples a step (default: grid 2048, fourier 256)" },
  { flags: "--learning-rate <r>", help: "largest one (default: grid 0.02, fourier 0.008)" },
  { flags: "--loss <weights>", help: "errors relative to range or deviation (default: range)" },
  { flags: "--sampling <which>", help: `train on ${samplingForms} (default: all)` },
  { flags: "--seed <n>", help: "of first weights and the order of samples (default: 0)" },
  { flags: "--ghosts <n>", help: "cells that blocks share with neighbours, 0 to 2 (default: 1)" },
  { flags: "--no-warm-start", help: "begin each step's network afresh, not with the one before" },
  {
    flags: "--shares <n>",
    help: "parts of a batch, and most threads of use; changes the bytes (default: 4)",
  },
  {
    flags: "--reproducible",
    help: "train so that any machine gives the same bytes, about 15 % slower",
  },
].map((option) => ({ ...option, group: "Network (--predictor neural)" }));

/** Long trainings: what they leave behind, and how they go on. */
export const longRunOptions: readonly OptionDescription[] = [
  { flags: "--loss-curve <file>", help: "keep a picture of the training there, an .svg" },
  {
    flags: "--checkpoint-every <duration>",
    help: "how often ARCHIVE.checkpoint is written; 0: never (default: 60s)",
  },
  {
    flags: "--resume",
    help: "go on from ARCHIVE.checkpoint: the same bytes as without interruption",
  },
].map((option) => ({ ...option, group: "Long trainings (--predictor neural)" }));

/** The part of `CompressOptions` that these flags say. */
export function guaranteeOf(options: OptionValues): Pick<CompressOptions, "guarantee" | "seconds"> {
  const asked = choiceOf(options, "guarantee", ["exact", "bounded", "best-effort"] as const);
  const bound = numberOf(options, "bound");
  const boundKind = choiceOf(options, "boundKind", ["absolute", "range"] as const);
  const psnr = numberOf(options, "psnr");
  const ratio = numberOf(options, "ratio", { above: 1 });
  const seconds = durationOf(options, "time");
  const isGoal = psnr !== undefined || ratio !== undefined;
  const kind = asked ?? (bound !== undefined ? "bounded" : isGoal ? "best-effort" : "exact");
  if (kind !== "bounded" && (bound !== undefined || boundKind !== undefined)) {
    throw conflict(bound === undefined ? "--bound-kind" : "--bound", "bounded", kind);
  }
  if (kind !== "best-effort" && isGoal) {
    throw conflict(psnr === undefined ? "--ratio" : "--psnr", "best-effort", kind);
  }
  if (kind === "bounded" && bound === undefined) {
    throw new FieldzipError("usage", {
      where: "--guarantee bounded",
      expected: "a --bound",
      found: "none",
      remedy: "say what no value may be off by, as in --bound 1e-3",
    });
  }
  const guarantees: Record<Guarantee["kind"], () => Guarantee> = {
    exact: () => ({ kind: "exact" }),
    bounded: () => ({ kind: "bounded", bound: bound!, boundKind: boundKind ?? "range" }),
    "best-effort": () => ({ kind: "best-effort", goal: without({ psnr, ratio }) }),
  };
  return without({ guarantee: guarantees[kind](), seconds });
}

/** Settings of the predictor `neural`, or undefined where no flag is about it. */
export function neuralSettingsOf(options: OptionValues): Settings | undefined {
  const kind = choiceOf(options, "network", ["grid", "fourier"] as const);
  const numbers = without({
    levels: levelsOf(options),
    stepSpacing: numberOf(options, "stepSpacing"),
    frequencies: integerOf(options, "frequencies", 0, 65536),
    valuesPerWave: numberOf(options, "valuesPerWave"),
    width: integerOf(options, "width", 1, 65536),
    hidden: integerOf(options, "hidden", 0, 64),
    activation: choiceOf(options, "activation", ["smooth", "relu", "sine"] as const),
    mapping: choiceOf(options, "mapping", ["learned", "fixed", "off"] as const),
  });
  const network =
    kind || Object.keys(numbers).length > 0 ? { kind: kind ?? "grid", ...numbers } : undefined;
  const settings = without({
    network,
    weights: choiceOf(options, "weights", ["8bit", "float16", "float32"] as const),
    epochs: numberOf(options, "epochs"),
    batch: integerOf(options, "batch", 1, 2 ** 20),
    learningRate: numberOf(options, "learningRate"),
    loss: choiceOf(options, "loss", ["range", "deviation"] as const),
    sampling: textOf(options, "sampling"),
    seed: integerOf(options, "seed", 0, 2 ** 31 - 1),
    ghosts: integerOf(options, "ghosts", 0, 2),
    shares: integerOf(options, "shares", 1, 256),
    warmStart: options.warmStart === false ? false : undefined,
    reproducible: options.reproducible === true ? true : undefined,
  });
  return Object.keys(settings).length > 0 ? settings : undefined;
}

/** `8:16,4:8,2:8` */
function levelsOf(options: OptionValues) {
  const text = textOf(options, "levels");
  if (text === undefined) return undefined;
  return text.split(",").map((part) => {
    const found = /^(\d{1,7}(?:\.\d{1,6})?):(\d{1,2})$/.exec(part);
    if (!found) throw wrong("levels", "spacing:features of each grid, such as 8:16,4:8", text);
    return { spacing: Number(found[1]), features: Number(found[2]) };
  });
}

type Given<Entries> = { [Key in keyof Entries]: Exclude<Entries[Key], undefined> };

/** The entries that have a value. */
function without<Entries extends object>(entries: Entries): Partial<Given<Entries>> {
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== undefined),
  ) as Partial<Given<Entries>>;
}

function conflict(flag: string, kind: string, found: string): FieldzipError {
  return new FieldzipError("usage", {
    where: flag,
    expected: `the guarantee ${kind}`,
    found: `--guarantee ${found}`,
    remedy: "ask for one of the two",
  });
}
