import { FieldzipError } from "../errors.js";
import type { PredictorName } from "../options.js";
import { mechanism } from "./mechanism/mechanism.js";
import { mechanismSolve } from "./mechanism-solve/mechanism-solve.js";
import type { Predictor } from "./predictor.js";
import { raw } from "./raw/raw.js";

/** All predictors. Standing here is what gives one its tests (`test/predictors.test.ts`). */
export const predictors: readonly Predictor[] = [raw, mechanism, mechanismSolve];

export function predictorByName(name: PredictorName): Predictor {
  const found = predictors.find((predictor) => predictor.name === name);
  if (found) return found;
  throw new FieldzipError("usage", {
    where: "predictor",
    expected: `auto, ${predictors.map((predictor) => predictor.name).join(", ")}`,
    found: String(name),
    remedy: "choose one of these",
  });
}

export function predictorByNumber(number: number, where: string): Predictor {
  const found = predictors.find((predictor) => predictor.number === number);
  if (found) return found;
  throw new FieldzipError("unsupported", {
    where,
    expected: `predictor ${predictors.map((predictor) => `${predictor.number} (${predictor.name})`).join(", ")}`,
    found: `predictor ${number}`,
    remedy: "read it with a newer release of fieldzip",
  });
}
