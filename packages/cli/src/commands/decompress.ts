import type { FieldzipError } from "@fieldzip/core";
import { outputFormats } from "@fieldzip/io";
import { decompress } from "../decompress.js";
import { exitCodes } from "../exit-codes.js";
import { formatBytes, formatCount } from "../format.js";
import { gridOptions, gridRequestOf } from "../grid-options.js";
import { choiceOf, integerOf, namesOf, selectionOf } from "../option-values.js";
import { methodLines } from "../sampling.js";
import { type CommandDescription, forceOption, threadsOption } from "./command.js";

export const decompressCommand: CommandDescription = {
  name: "decompress",
  summary: "write an archive, or a part of it, as a file",
  details:
    "The format is that of OUTPUT's name (.nc, .h5, .npy, .raw, .vti, .vtr), else the original's.\n" +
    "ParaView opens .vti and .vtr; of several steps it is a .pvd beside a folder with a file each.\n" +
    "Only the chunks that the selection touches are decoded. Values between the stored ones come from an\n" +
    "archive's networks, where it holds some; else they are interpolated.",
  arguments: [
    { name: "archive", help: "what to read" },
    { name: "output", help: "file or folder to write" },
  ],
  options: [
    { flags: "--to <format>", help: outputFormats.join(", ") },
    { flags: "--variable <names>", help: "only these, such as rho,vx1 (default: all)" },
    { flags: "--select <part>", help: "an index or from:to per dimension, such as step=3,z=10:20" },
    ...gridOptions,
    {
      flags: "--skip-damaged",
      help: "read on over damaged chunks; they become fill values or NaN",
    },
    threadsOption,
    forceOption,
  ],
  examples: [
    "fieldzip decompress run.zarr run.nc",
    "fieldzip decompress run.zarr rho.npy --variable rho --select step=3",
    "fieldzip decompress run.zarr fine.nc --shape 256,512,256 --time 2.5",
    "fieldzip decompress run.zarr pluto-run --to pluto",
    "fieldzip decompress run.zarr run.vti --variable rho,prs",
  ],

  async run([archive, target], options, { signal, onProgress }) {
    const started = performance.now();
    const skipped: FieldzipError[] = [];
    const written = await decompress(archive, target, {
      to: choiceOf(options, "to", outputFormats),
      variables: namesOf(options, "variable"),
      select: selectionOf(options, "select"),
      grid: gridRequestOf(options),
      threads: integerOf(options, "threads", 0, 1024),
      force: options.force === true,
      onSkipped: options.skipDamaged === true ? (error) => skipped.push(error) : undefined,
      signal,
      onProgress,
    });
    const seconds = (performance.now() - started) / 1000;
    // Of several files the first is what the others belong to, or they all lie in the target.
    const collection = written.files.find((file) => file.endsWith(".pvd")) ?? target;
    const many = written.files.length > 1 ? ` in ${formatCount(written.files.length, "file")}` : "";
    return {
      text: [
        `${formatBytes(written.bytes)} written to ${collection}${many}`,
        ...(written.leftOut?.length ? [`left out, on no grid: ${written.leftOut.join(", ")}`] : []),
        ...(written.methods ? methodLines(written.methods) : []),
        ...skipped.map((error) => `skipped: ${error.message}`),
      ].join("\n"),
      json: {
        output: collection,
        files: written.files,
        bytes: written.bytes,
        seconds,
        methods: written.methods,
        leftOut: written.leftOut,
        skipped: skipped.map(({ tag, details }) => ({ tag, ...details })),
      },
      exitCode: skipped.length > 0 ? exitCodes.violated : undefined,
      complaint:
        skipped.length > 0 ? `${formatCount(skipped.length, "damaged chunk")} skipped` : undefined,
    };
  },
};
