import { openArchive, openDataset } from "@fieldzip/io";
import { compress } from "../compress.js";
import { reportTable } from "../compress-report.js";
import { exitCodes } from "../exit-codes.js";
import { choiceOf, integerOf } from "../option-values.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { createThreadPool } from "../threads.js";
import { verify } from "../verify.js";
import { verifyText } from "../verify-report.js";
import { type CommandDescription, forceOption, threadsOption } from "./command.js";

export const compressCommand: CommandDescription = {
  name: "compress",
  summary: "compress a dataset; every bit comes back",
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
      help: "auto, mechanism, mechanism-solve or raw (default: auto)",
    },
    {
      flags: "--effort <how>",
      help: "fast, default, or max: smallest, a few MB/s (default: default)",
    },
    { flags: "--chunk-values <n>", help: "values per chunk at most (default: 1048576)" },
    {
      flags: "--joint <when>",
      help: "store variables together: auto, always, never (default: auto)",
    },
    ...rawOptions,
    threadsOption,
    forceOption,
    { flags: "--verify", help: "read the archive back and compare every bit" },
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
    ] as const);
    const effort = choiceOf(options, "effort", ["fast", "default", "max"] as const);
    const chunkValues = integerOf(options, "chunkValues", 1, 2 ** 31);
    const joint = choiceOf(options, "joint", ["auto", "always", "never"] as const);
    const openOptions = openOptionsOf(options);
    const force = options.force === true;
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const dataset = await openDataset(input, { ...openOptions, signal, pool });
      try {
        const report = await compress(dataset, target, {
          predictor,
          effort,
          chunkValues,
          joint,
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
