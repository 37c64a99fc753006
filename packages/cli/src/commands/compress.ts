import { FieldzipError, isFieldzipError, type Notice, type Progress } from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { type CheckpointFolder, openCheckpoints } from "../checkpoint-folder.js";
import { compress } from "../compress.js";
import { noticeText, reportTable } from "../compress-report.js";
import { exitCodes } from "../exit-codes.js";
import {
  guaranteeOf,
  guaranteeOptions,
  longRunOptions,
  neuralOptions,
  neuralSettingsOf,
} from "../neural-options.js";
import { choiceOf, durationOf, integerOf, textOf } from "../option-values.js";
import { openLiveCurve } from "../plot/loss-curve.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { createThreadPool } from "../threads.js";
import { createCurve } from "../training-curve.js";
import { verify } from "../verify.js";
import { verifyText } from "../verify-report.js";
import {
  type CommandDescription,
  forceOption,
  type OptionValues,
  threadsOption,
} from "./command.js";

const predictorNames = ["auto", "mechanism", "mechanism-solve", "raw", "neural"] as const;

export const compressCommand: CommandDescription = {
  name: "compress",
  summary: "compress a dataset; every bit comes back, unless you ask for less",
  details:
    "INPUT is NetCDF, HDF5, Zarr, a folder of PLUTO output, .npy or a raw file.\n" +
    "ARCHIVE is a folder (run.zarr), or one file where the name ends in .zip.",
  arguments: [
    { name: "input", help: "what to compress" },
    { name: "archive", help: "what to write" },
  ],
  options: [
    {
      flags: "--predictor <name>",
      help: "auto, mechanism, mechanism-solve, raw or neural (default: auto)",
    },
    {
      flags: "--effort <how>",
      help: "fast, default, or max: smallest, a few MB/s (default: default)",
    },
    {
      flags: "--chunk-values <n>",
      help: "values per chunk at most (default: 1048576; neural: 33554432)",
    },
    {
      flags: "--joint <when>",
      help: "store variables together: auto, always, never (default: auto)",
    },
    threadsOption,
    forceOption,
    { flags: "--verify", help: "read the archive back and compare every bit" },
    ...guaranteeOptions,
    ...neuralOptions,
    ...longRunOptions,
    ...rawOptions,
  ],
  examples: [
    "fieldzip compress run.nc run.zarr",
    "fieldzip compress pluto-run/ run.zarr.zip --verify",
    "fieldzip compress rho.f32 rho.zarr --shape 72,96,128 --dtype f32",
    "fieldzip compress pluto-run/ run.zarr --predictor neural --ratio 90 --time 10m",
  ],

  async run([input, target], options, { signal, onProgress, warn }) {
    const asked = {
      predictor: choiceOf(options, "predictor", predictorNames),
      effort: choiceOf(options, "effort", ["fast", "default", "max"] as const),
      chunkValues: integerOf(options, "chunkValues", 1, 2 ** 31),
      joint: choiceOf(options, "joint", ["auto", "always", "never"] as const),
      force: options.force === true,
      ...guaranteeOf(options),
      settings: neuralSettingsOf(options),
    };
    checkVerify(options, asked.guarantee?.kind);
    const openOptions = openOptionsOf(options);
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const dataset = await openDataset(input, { ...openOptions, signal, pool });
      try {
        const checkpoints = await checkpointsOf(target, options);
        const picture = await pictureOf(input, options);
        const watched = (progress: Progress) => {
          picture?.update(progress);
          onProgress(progress);
        };
        const notices: Notice[] = [];
        const onNotice = (notice: Notice) => {
          notices.push(notice);
          warn(noticeText(notice));
        };
        const report = await compress(dataset, target, {
          ...{ ...asked, onNotice },
          ...{ pool, signal, checkpoints, onProgress: watched },
        }).catch((error) => {
          throw withResume(error, checkpoints);
        });
        await picture?.finish();
        await checkpoints?.discard();
        const json = { archive: target, ...report, notices };
        const text = reportTable(report, target);
        if (options.verify !== true) return { text, json };

        const archive = await openArchive(target, { pool, signal });
        try {
          const concurrency = pool.size + 1;
          const verified = await verify(archive, {
            against: dataset,
            concurrency,
            signal,
            onProgress,
          });
          return {
            text: `${text}\n${verifyText(verified, target, input)}`,
            json: { ...json, verified: verified.ok },
            ...(verified.ok
              ? {}
              : {
                  exitCode: exitCodes.violated,
                  complaint: `${target}: the archive differs from ${input}: do not use it, and report this`,
                }),
          };
        } finally {
          await archive.close();
        }
      } finally {
        await dataset.close();
      }
    } finally {
      await pool.close();
    }
  },
};

function checkVerify(options: OptionValues, guarantee: string | undefined): void {
  if (options.verify !== true || guarantee === "exact") return;
  throw new FieldzipError("usage", {
    where: "--verify",
    expected: "the guarantee exact, under which every bit comes back",
    found: `--guarantee ${guarantee}`,
    remedy: "leave it out: what was decoded is compared with the bound in any case",
  });
}

/** Where a training keeps its state; none for predictors that have none. */
async function checkpointsOf(
  target: string,
  options: OptionValues,
): Promise<CheckpointFolder | undefined> {
  const resume = options.resume === true;
  const none = textOf(options, "checkpointEvery") === "0";
  const seconds = none ? 0 : durationOf(options, "checkpointEvery");
  if (textOf(options, "predictor") !== "neural") {
    const flag = resume ? "--resume" : seconds !== undefined ? "--checkpoint-every" : undefined;
    if (flag) throw untrained(flag);
    return undefined;
  }
  if (none && !resume) return undefined;
  return openCheckpoints(target, { resume, force: options.force === true, seconds });
}

async function pictureOf(input: string, options: OptionValues) {
  const file = textOf(options, "lossCurve");
  if (file === undefined) return undefined;
  if (textOf(options, "predictor") !== "neural") throw untrained("--loss-curve");
  const force = options.force === true || options.resume === true;
  const picture = await openLiveCurve(file, `Training on ${input}`, { force });
  const curve = createCurve();
  return {
    update({ training }: Progress) {
      if (!training) return;
      curve.add(training);
      picture.update(curve.points);
    },
    finish: () => picture.finish(curve.points),
  };
}

/** An interrupt, and what remains of the work. */
function withResume(error: unknown, checkpoints: CheckpointFolder | undefined): unknown {
  if (!checkpoints || !isFieldzipError(error, "aborted")) return error;
  const remedy = "go on with the same command and --resume";
  return new FieldzipError("aborted", { where: checkpoints.path, remedy }, error);
}

function untrained(flag: string): FieldzipError {
  return new FieldzipError("usage", {
    where: flag,
    expected: "--predictor neural",
    found: "another",
    remedy: "leave it out: other predictors are done in seconds",
  });
}
