import { FieldzipError } from "../errors.js";
import type { PredictorName } from "../options.js";
import { mechanism } from "./mechanism/mechanism.js";
import { mechanismSolve } from "./mechanism-solve/mechanism-solve.js";
import type { LocalPredictor } from "./predictor.js";
import { raw } from "./raw/raw.js";
import type { TrainedPredictor } from "./trained.js";

export type Predictor = LocalPredictor | TrainedPredictor;

/** Those of this package. Standing here is what gives one its tests (`test/predictors.test.ts`). */
export const localPredictors: readonly LocalPredictor[] = [raw, mechanism, mechanismSolve];

/** Packages that a predictor's name belongs to where it is not of this one. */
const elsewhere: Partial<Record<string, string>> = {
  neural: "call registerNeuralPredictor() of @fieldzip/neural first",
};

const registered: Predictor[] = [...localPredictors];

/** All predictors that are known here. */
export const predictors: readonly Predictor[] = registered;

/** Adds a predictor of another package; the one of the same name, if any, gives way. */
export function registerPredictor(predictor: TrainedPredictor): void {
  const place = registered.findIndex(({ number }) => number === predictor.number);
  if (place >= 0 && registered[place].name !== predictor.name) {
    throw new RangeError(`number ${predictor.number} is that of ${registered[place].name}`);
  }
  if (place >= 0) registered[place] = predictor;
  else registered.push(predictor);
}

export function predictorByName(name: PredictorName): Predictor {
  const found = registered.find((predictor) => predictor.name === name);
  if (found) return found;
  throw new FieldzipError("usage", {
    where: "predictor",
    expected: `auto, ${registered.map((predictor) => predictor.name).join(", ")}`,
    found: String(name),
    remedy: elsewhere[name] ?? "choose one of these",
  });
}

/** One that encodes in any worker. */
export function localPredictorByName(name: PredictorName): LocalPredictor {
  const found = predictorByName(name);
  if (found.kind === "local") return found;
  throw new FieldzipError("usage", {
    where: "predictor",
    expected: localPredictors.map((predictor) => predictor.name).join(", "),
    found: name,
    remedy: "train it on a whole dataset with compress",
  });
}

export function predictorByNumber(number: number, where: string): Predictor {
  const found = registered.find((predictor) => predictor.number === number);
  if (found) return found;
  throw new FieldzipError("unsupported", {
    where,
    expected: `predictor ${registered.map((predictor) => `${predictor.number} (${predictor.name})`).join(", ")}`,
    found: `predictor ${number}`,
    remedy: "read it with a newer release of fieldzip",
  });
}
