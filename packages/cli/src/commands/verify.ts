import { type Dataset, FieldzipError } from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { exitCodes } from "../exit-codes.js";
import { formatCount } from "../format.js";
import { integerOf, textOf } from "../option-values.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { createThreadPool } from "../threads.js";
import { type VerifyReport, verify } from "../verify.js";
import { verifyJson, verifyText } from "../verify-report.js";
import { type CommandDescription, type CommandResult, threadsOption } from "./command.js";

export const verifyCommand: CommandDescription = {
  name: "verify",
  summary: "check every checksum, or every value",
  details: "Ends with 3 where something is damaged or differs, and says where.",
  arguments: [{ name: "archive", help: "what to check" }],
  options: [
    {
      flags: "--against <original>",
      help: "compare names, types, attributes, and values to what is promised",
    },
    ...rawOptions,
    threadsOption,
  ],
  examples: ["fieldzip verify run.zarr", "fieldzip verify run.zarr --against run.nc"],

  async run([location], options, { signal, onProgress }) {
    const original = textOf(options, "against");
    const openOptions = openOptionsOf(options);
    if (original === undefined && Object.keys(openOptions).length > 0) {
      throw new FieldzipError("usage", {
        where: "--shape",
        expected: "--against with the raw file that it describes",
        found: "no --against",
        remedy: "name the original, as in --against rho.f32 --shape 72,96,128 --dtype f32",
      });
    }
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    const opened: Dataset[] = [];
    try {
      const archive = await openArchive(location, { pool, signal });
      opened.push(archive);
      let against: Dataset | undefined;
      if (original !== undefined) {
        against = await openDataset(original, { ...openOptions, pool, signal });
        opened.push(against);
      }
      const concurrency = pool.size + 1;
      const report = await verify(archive, { against, concurrency, signal, onProgress });
      return resultOf(report, location, original);
    } finally {
      for (const dataset of opened) await dataset.close();
      await pool.close();
    }
  },
};

function resultOf(report: VerifyReport, location: string, original?: string): CommandResult {
  const text = verifyText(report, location, original);
  const json = verifyJson(report, location, original);
  if (report.ok) return { text, json };
  const found = [
    report.damage.length > 0 ? formatCount(report.damage.length, "damaged chunk") : undefined,
    report.differences.length > 0
      ? formatCount(report.differences.length, "difference")
      : undefined,
  ].filter((part) => part !== undefined);
  return {
    text,
    json,
    exitCode: exitCodes.violated,
    complaint: `${location}: ${found.join(" and ")}: restore it from a copy, or compress again`,
  };
}
