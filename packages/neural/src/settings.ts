/** What a run is: everything that its weights follow from, and that a snapshot must agree with. */
import { FieldzipError } from "@fieldzip/core";
import type { TrainingField } from "./field.js";
import type { Network } from "./network/network.js";
import type { OptimiserOptions } from "./optimiser.js";
import type { QuantiseOptions } from "./quantise/options.js";
import type { Sampling } from "./sampling.js";
import type { Scaling } from "./scaling.js";

export interface TrainingSettings {
  readonly network: Network;
  readonly lengths: readonly number[];
  /** Of all variables; those of range 0 are not trained. */
  readonly scalings: readonly Scaling[];
  /** Of the network's outputs. */
  readonly lossWeights: readonly number[];
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  readonly sampling: Sampling;
  readonly optimiser: OptimiserOptions;
  readonly quantise: QuantiseOptions;
  /** Steps between adjustments of the size; 0 for none. */
  readonly controlEvery: number;
  readonly backend: string;
  readonly arithmetic: string;
  readonly shares: number;
}

export function checkField({ lengths, variables, ghosts }: TrainingField): void {
  const count = lengths.reduce((product, length) => product * length, 1);
  const wrong = variables.find(({ length }) => length !== count);
  if (lengths.length < 1 || lengths.length > 4 || count === 0 || variables.length === 0 || wrong) {
    throw new FieldzipError("shape", {
      where: "training",
      expected: `variables of ${count} values on 1 to 4 axes`,
      found: `${variables.length} variables on ${lengths.length} axes${wrong ? `, one of ${wrong.length} values` : ""}`,
      remedy: "train on variables of one grid",
    });
  }
  const fits = lengths.every((length, axis) => {
    const { low, high } = ghosts?.[axis] ?? { low: 0, high: 0 };
    return low >= 0 && high >= 0 && low + high < length;
  });
  if (!fits || (ghosts && ghosts.length !== lengths.length)) {
    throw new FieldzipError("shape", {
      where: "training",
      expected: `ghost values on ${lengths.length} axes that leave some of ${lengths.join(" x ")}`,
      found: JSON.stringify(ghosts),
      remedy: "take fewer ghost values",
    });
  }
}

/** A snapshot's settings against those of the run that is to go on. */
export function checkSettings(of: TrainingSettings, now: TrainingSettings): void {
  for (const key of Object.keys(now) as (keyof TrainingSettings)[]) {
    if (JSON.stringify(of[key]) === JSON.stringify(now[key])) continue;
    throw new FieldzipError("usage", {
      where: `snapshot, ${key}`,
      expected: JSON.stringify(of[key]),
      found: JSON.stringify(now[key]),
      remedy: "go on with the field and the options that the run began with, or start afresh",
    });
  }
}
