import { FieldzipError } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { exploreNetworks, planNetworks } from "@fieldzip/neural";
import {
  guaranteeOf,
  guaranteeOptions,
  neuralOptions,
  neuralSettingsOf,
} from "../neural-options.js";
import { integerOf, textOf } from "../option-values.js";
import { compressLine, explorationText, planText } from "../plan-report.js";
import { preparePicture } from "../plot/picture-file.js";
import { workPlot } from "../plot/work-plot.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { createThreadPool } from "../threads.js";
import { type CommandDescription, forceOption, threadsOption } from "./command.js";

/** Seconds that an exploration may take. */
const exploreSeconds = 120;

export const planCommand: CommandDescription = {
  name: "plan",
  summary: "what compressing with a network would come to: size, ratio, time",
  details:
    "Prints the network that compress --predictor neural would train with the same options, its\n" +
    "parameters by the published formula, their bytes, the memory, and the time, from a second\n" +
    "of training here. --explore trains some more, for two minutes or --time, to measure what\n" +
    "quality costs on your data, and ends with a command to paste.",
  arguments: [{ name: "input", help: "what to compress" }],
  options: [
    {
      flags: "--explore",
      help: "try lengths, sizes and samples, and recommend; --time is for all of it (default: 2m)",
    },
    { flags: "--plot <file>", help: "with --explore: PSNR over work as a picture, .svg or .png" },
    {
      flags: "--chunk-values <n>",
      help: "values per chunk at most, each with a network (default: 33554432)",
    },
    threadsOption,
    forceOption,
    ...guaranteeOptions,
    ...neuralOptions,
    ...rawOptions,
  ],
  examples: [
    "fieldzip plan pluto-run/ --ratio 90",
    "fieldzip plan run.nc --network fourier --frequencies 64 --width 128",
    "fieldzip plan run.nc --ratio 90 --explore --time 5m --plot work.svg",
  ],

  async run([input], options, { signal, onProgress }) {
    const explores = options.explore === true;
    const { seconds, ...guarantee } = guaranteeOf(options);
    const asked = {
      ...guarantee,
      // The time of an exploration is none of the training that it is about.
      seconds: explores ? undefined : seconds,
      chunkValues: integerOf(options, "chunkValues", 1, 2 ** 31),
      settings: neuralSettingsOf(options),
    };
    const openOptions = openOptionsOf(options);
    const file = textOf(options, "plot");
    if (file !== undefined && !explores) throw unexplored();
    const write =
      file === undefined
        ? undefined
        : await preparePicture(file, { force: options.force === true });
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const dataset = await openDataset(input, { ...openOptions, signal, pool });
      try {
        const plan = await planNetworks(dataset, { ...asked, pool, signal });
        const text = planText(plan, asked);
        if (!explores) return { text, json: { input, ...plan } };
        const total = plan.arrays.reduce((sum, { originalBytes }) => sum + originalBytes, 0);
        const exploration = await exploreNetworks(
          dataset,
          { ...asked, pool, signal },
          {
            ...{ seconds: seconds ?? exploreSeconds, signal },
            onProgress: (training, share) =>
              onProgress({ stage: "explore", done: share * total, total, training }),
          },
        );
        await write?.(workPlot(exploration, input));
        const command = compressLine(input, options, exploration.recommended.flags);
        return {
          text: [text, "", explorationText(exploration), "", `  ${command}`].join("\n"),
          json: { input, ...plan, ...exploration, command },
        };
      } finally {
        await dataset.close();
      }
    } finally {
      await pool.close();
    }
  },
};

function unexplored(): FieldzipError {
  return new FieldzipError("usage", {
    where: "--plot",
    expected: "--explore, whose trainings it draws",
    found: "none",
    remedy: "add --explore",
  });
}
