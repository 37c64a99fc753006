import { FieldzipError } from "./errors.js";
import type { CompressOptions, Effort, Guarantee, PredictorName, Settings } from "./options.js";
import { predictorByName, predictors } from "./predictors/registry.js";
import type { TrainedPredictor } from "./predictors/trained.js";

/** What is asked for, checked and completed by the defaults. */
export interface CheckedOptions extends CompressOptions {
  readonly guarantee: Guarantee;
  readonly predictor: PredictorName | "auto";
  readonly effort: Effort;
  /** Where the predictor is a trained one. */
  readonly trained?: TrainedCodec;
}

export interface TrainedCodec {
  readonly predictor: TrainedPredictor;
  readonly settings: Settings;
  /** Cells that are read beyond each side of a chunk. */
  readonly ghosts: number;
}

/** The one place where options are checked against each other, before anything is read. Throws `usage`. */
export function checkOptions(options: CompressOptions): CheckedOptions {
  const { guarantee = { kind: "exact" }, predictor = "auto", effort = "default" } = options;
  checkGuarantee(guarantee);
  const chosen = predictor === "auto" ? undefined : predictorByName(predictor);
  const able = predictors.filter(({ guarantees }) => guarantees.includes(guarantee.kind));
  // `auto` tries local predictors alone.
  const serves = chosen ? able.includes(chosen) : able.some(({ kind }) => kind === "local");
  if (!serves) {
    const names = able.map(({ name }) => name).join(" or ") || "another release";
    throw wrong("predictor", `one for the guarantee ${guarantee.kind}: ${names}`, predictor, {
      remedy: "choose one of these, or the guarantee exact",
    });
  }
  if (options.seconds !== undefined) {
    checkPositive("seconds", options.seconds);
    if (chosen?.kind !== "trained") throw untrained("seconds");
  }
  if (chosen?.kind !== "trained") {
    if (options.settings !== undefined) throw untrained("settings");
    return { ...options, guarantee, predictor, effort };
  }
  if (options.joint === "never") {
    throw wrong("joint", `auto or always with the predictor ${chosen.name}`, "never", {
      remedy: "one network holds all variables of a grid; compress them one by one instead",
    });
  }
  const settings = chosen.completeSettings(options.settings ?? {});
  const trained = { predictor: chosen, settings, ghosts: chosen.ghostsOf(settings) };
  return { ...options, guarantee, predictor, effort, trained };
}

function checkGuarantee(guarantee: Guarantee): void {
  switch (guarantee.kind) {
    case "exact":
      return;
    case "bounded":
      checkPositive("bound", guarantee.bound);
      if (guarantee.boundKind === "absolute" || guarantee.boundKind === "range") return;
      throw wrong("bound kind", "absolute or range", String(guarantee.boundKind));
    case "best-effort": {
      const { psnr, ratio } = guarantee.goal;
      if (psnr !== undefined) checkPositive("psnr", psnr);
      if (ratio !== undefined && !(ratio > 1 && Number.isFinite(ratio))) {
        throw wrong("ratio", "a number above 1", String(ratio));
      }
      if (psnr !== undefined && ratio !== undefined) {
        throw wrong("goal", "a PSNR or a ratio", "both", {
          remedy: "ask for one; the other follows from the data",
        });
      }
      return;
    }
    default:
      throw wrong(
        "guarantee",
        "exact, bounded or best-effort",
        String((guarantee as { kind: unknown }).kind),
      );
  }
}

function checkPositive(where: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw wrong(where, "a number above 0", String(value));
}

function untrained(option: string): FieldzipError {
  return wrong(option, "a predictor that is trained", "another", {
    remedy: `leave out ${option}, or choose the predictor neural`,
  });
}

function wrong(
  where: string,
  expected: string,
  found: string,
  { remedy } = { remedy: "choose a value that makes sense" },
): FieldzipError {
  return new FieldzipError("usage", { where, expected, found, remedy });
}
