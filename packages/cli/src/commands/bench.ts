import { openDataset } from "@fieldzip/io";
import { bench, defaultLimit } from "../bench/bench.js";
import { benchText } from "../bench/report.js";
import { namesOf, sizeOf, textOf } from "../option-values.js";
import { paretoPlot } from "../plot/pareto.js";
import { preparePicture } from "../plot/picture-file.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { type CommandDescription, forceOption } from "./command.js";

export const benchCommand: CommandDescription = {
  name: "bench",
  summary: "measure fieldzip and other compressors on your own file",
  details:
    "Every codec gets the same chunks of the float variables, on one thread; nothing is written.\n" +
    "gzip always runs; fpzip, zfp, pco, Blosc2, Zstandard and OpenZL where a Python has them.",
  arguments: [{ name: "input", help: "any file that compress takes, or an archive" }],
  options: [
    { flags: "--variable <names>", help: "only these, such as rho,vx1 (default: all of floats)" },
    { flags: "--limit <size>", help: "original data to measure, such as 500MB (default: 64MB)" },
    {
      flags: "--python <path>",
      help: "Python with the others' packages (default: FIELDZIP_PYTHON, python3)",
    },
    { flags: "--plot <file>", help: "write ratio against MB/s as a picture (.svg, .png)" },
    forceOption,
    ...rawOptions,
  ],
  examples: ["fieldzip bench run.nc", "fieldzip bench run.nc --variable rho --plot bench.svg"],

  async run([input], options, { signal, onProgress }) {
    const variables = namesOf(options, "variable");
    const limit = sizeOf(options, "limit") ?? defaultLimit;
    const python = textOf(options, "python");
    const openOptions = openOptionsOf(options);
    const plot = textOf(options, "plot");
    const force = options.force === true;
    const write = plot === undefined ? undefined : await preparePicture(plot, { force });
    const dataset = await openDataset(input, { ...openOptions, signal });
    try {
      const report = await bench(dataset, { variables, limit, python, signal, onProgress });
      await write?.(paretoPlot(report));
      const text = benchText(report);
      return { text: plot ? `${text}\nwritten to ${plot}` : text, json: { ...report, plot } };
    } finally {
      await dataset.close();
    }
  },
};
