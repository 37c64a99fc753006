/** What may be asked of the predictor `neural`: names, defaults and checks of its settings, in one place. */
import { FieldzipError, type Json, type Settings } from "@fieldzip/core";
import type { Activation } from "@fieldzip/kernels/network";
import type { NetworkRequest } from "../network/network.js";
import { checkSamplingText, samplingForms } from "./sampling-text.js";

/** All of it is written into the archive's metadata, where people find it. */
export interface NeuralSettings {
  /** Kind and numbers of the network; what is not named is the default, or follows from the goal. */
  readonly network: NetworkRequest;
  /** How parameters are stored. Default `8bit`: integers under our own coder. */
  readonly weights: Weights;
  /**
   * How often every sample is seen. Default: `defaultEpochs` times, and in small fields as often as it takes for
   * `leastSteps` steps; with a time budget as often as that allows.
   */
  readonly epochs?: number;
  /** Samples a step. Default: the trainer's for the kind of network. */
  readonly batch?: number;
  /** Largest learning rate. Default: the trainer's for the kind of network. */
  readonly learningRate?: number;
  /** Default `range`. See the trainer. */
  readonly loss: "range" | "deviation";
  /** Which values are trained on, as text that `parseSampling` reads. Default `all`. */
  readonly sampling: string;
  /** Of first parameters and the order of samples. Default 0. */
  readonly seed: number;
  /**
   * Parts that a batch is dealt to. The archive's bytes depend on it, so it is no matter of the machine: more threads
   * than shares do not help. Default 4.
   */
  readonly shares: number;
  /** Cells that are read beyond each side of a block, so that neighbouring networks agree there. Default 1. */
  readonly ghosts: number;
  /**
   * Whether a block's network begins with that of the step before. Default true: on five steps of turbulence at 93x, a
   * network each, 3.0 dB more after 3 epochs and 2.1 after 6 (`bench/neural/ablation.md`).
   */
  readonly warmStart: boolean;
  /**
   * Train without fused multiply-adds, which differ from machine to machine: the same archive bytes everywhere.
   * Default false. What is decoded is the same bits everywhere in any case.
   */
  readonly reproducible: boolean;
}

export type Weights = "float32" | "float16" | "8bit";

export const neuralDefaults: NeuralSettings = {
  network: { kind: "grid" },
  weights: "8bit",
  loss: "range",
  sampling: "all",
  seed: 0,
  shares: 4,
  ghosts: 1,
  warmStart: true,
  reproducible: false,
};

/** Epochs by kind of network, and the least steps, where neither epochs nor a time is asked for. */
export const defaultEpochs = { grid: 12, fourier: 30 } as const;
export const leastSteps = 1500;

const activations: readonly Activation[] = ["relu", "sine", "smooth"];
const mappings = ["learned", "fixed", "off"] as const;

type Check = (value: Json, where: string) => void;

const checks: Record<keyof NeuralSettings, Check> = {
  network: checkNetwork,
  weights: oneOf(["float32", "float16", "8bit"]),
  epochs: numberFrom(Number.MIN_VALUE, 1e6),
  batch: wholeFrom(1, 2 ** 20),
  learningRate: numberFrom(Number.MIN_VALUE, 10),
  loss: oneOf(["range", "deviation"]),
  sampling: (value, where) => {
    if (typeof value !== "string") throw wrong(where, samplingForms, value);
    checkSamplingText(value);
  },
  seed: wholeFrom(0, 2 ** 31 - 1),
  shares: wholeFrom(1, 256),
  ghosts: wholeFrom(0, 2),
  warmStart: trueOrFalse,
  reproducible: trueOrFalse,
};

const networkChecks: Record<"grid" | "fourier", Record<string, Check>> = {
  grid: {
    levels: checkLevels,
    stepSpacing: numberFrom(Number.MIN_VALUE, 1e6),
    frequencies: wholeFrom(0, 65536),
    width: wholeFrom(1, 65536),
    hidden: wholeFrom(1, 64),
    activation: oneOf(activations),
    valuesPerWave: numberFrom(Number.MIN_VALUE, 1e9),
  },
  fourier: {
    mapping: oneOf(mappings),
    frequencies: wholeFrom(1, 65536),
    width: wholeFrom(1, 65536),
    hidden: wholeFrom(0, 64),
    activation: oneOf(activations),
    valuesPerWave: numberFrom(Number.MIN_VALUE, 1e9),
  },
};

/** Checks what was given and completes it by the defaults. Throws `usage` for a setting that it does not know. */
export function completeNeuralSettings(given: Settings): NeuralSettings {
  checkAll(given, checks, "neural");
  return { ...neuralDefaults, ...(given as Partial<NeuralSettings>) };
}

function checkAll(given: Settings, known: Record<string, Check>, where: string): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, name)) {
      throw wrong(where, `one of ${Object.keys(known).join(", ")}`, name);
    }
    known[name](value, `${where}, ${name}`);
  }
}

function checkNetwork(value: Json, where: string): void {
  if (!isObject(value) || (value.kind !== "grid" && value.kind !== "fourier")) {
    throw wrong(where, "a network of kind grid or fourier", isObject(value) ? value.kind : value);
  }
  const { kind, ...numbers } = value;
  checkAll(numbers, networkChecks[kind], `${where} ${kind}`);
}

function checkLevels(value: Json, where: string): void {
  if (!Array.isArray(value) || value.length > 16) throw wrong(where, "at most 16 levels", value);
  for (const level of value) {
    if (!isObject(level)) throw wrong(where, "levels with spacing and features", level);
    const { spacing, features, ...rest } = level;
    checkAll(rest, {}, where);
    numberFrom(1, 2 ** 24)(spacing, `${where}, spacing`);
    wholeFrom(1, 64)(features, `${where}, features`);
  }
}

function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function oneOf(names: readonly string[]): Check {
  return (value, where) => {
    if (!names.includes(value as string)) throw wrong(where, names.join(", "), value);
  };
}

function wholeFrom(low: number, high: number): Check {
  return (value, where) => {
    if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return;
    throw wrong(where, `a whole number from ${low} to ${high}`, value);
  };
}

function numberFrom(low: number, high: number): Check {
  return (value, where) => {
    if (typeof value === "number" && value >= low && value <= high) return;
    const least = low === Number.MIN_VALUE ? "above 0" : `from ${low}`;
    throw wrong(where, `a number ${least} to ${high}`, value);
  };
}

function trueOrFalse(value: Json, where: string): void {
  if (typeof value !== "boolean") throw wrong(where, "true or false", value);
}

function wrong(where: string, expected: string, found: unknown): FieldzipError {
  return new FieldzipError("usage", {
    where,
    expected,
    found: JSON.stringify(found) ?? "nothing",
    remedy: "see fieldzip help compress for the settings and their defaults",
  });
}
