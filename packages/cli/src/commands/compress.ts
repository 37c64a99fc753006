import { openArchive, openDataset } from "@fieldzip/io";
import { compress } from "../compress.js";
import { reportTable } from "../compress-report.js";
import { exitCodes } from "../exit-codes.js";
import {
  guaranteeOf,
  guaranteeOptions,
  neuralOptions,
  neuralSettingsOf,
} from "../neural-options.js";
import { choiceOf, integerOf } from "../option-values.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { createThreadPool } from "../threads.js";
import { verify } from "../verify.js";
import { verifyText } from "../verify-report.js";
import { type CommandDescription, forceOption, threadsOption } from "./command.js";

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
    ...rawOptions,
  ],
  examples: [
    "fieldzip compress run.nc run.zarr",
    "fieldzip compress pluto-run/ run.zarr.zip --verify",
    "fieldzip compress rho.f32 rho.zarr --shape 72,96,128 --dtype f32",
  ],

  async run([input, target], options, { signal, onProgress }) {
    const predictor = choiceOf(options, "predictor", [
      "auto",
      "mechanism",
      "mechanism-solve",
      "raw",
      "neural",
    ] as const);
    const effort = choiceOf(options, "effort", ["fast", "default", "max"] as const);
    const chunkValues = integerOf(options, "chunkValues", 1, 2 ** 31);
    const joint = choiceOf(options, "joint", ["auto", "always", "never"] as const);
    const openOptions = openOptionsOf(options);
    const force = options.force === true;
    const promised = guaranteeOf(options);
    const settings = neuralSettingsOf(options);
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const dataset = await openDataset(input, { ...openOptions, signal, pool });
      try {
        const report = await compress(dataset, target, {
          predictor,
          effort,
          chunkValues,
          joint,
          ...promised,
          settings,
          force,
          pool,
          signal,
          onProgress,
        });
        const json = { archive: target, ...report };
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
