import { openDataset } from "@fieldzip/io";
import { exploreNetworks, planNetworks, registerNeuralPredictor } from "@fieldzip/neural";
import {
  guaranteeOf,
  guaranteeOptions,
  neuralOptions,
  neuralSettingsOf,
} from "../neural-options.js";
import { durationOf, integerOf, textOf } from "../option-values.js";
import { explorationText, planText } from "../plan-report.js";
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
    "parameters by the published formula, their bytes, and the time, from a short training here.\n" +
    "--explore trains some more, to measure what quality costs on your data.",
  arguments: [{ name: "input", help: "what to compress" }],
  options: [
    { flags: "--explore", help: "try sizes, lengths and samples, and recommend" },
    { flags: "--explore-time <duration>", help: "for all of these trainings (default: 2m)" },
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
    "fieldzip plan run.nc --explore --explore-time 5m --plot work.svg",
  ],

  async run([input], options, { signal, onProgress }) {
    registerNeuralPredictor();
    const asked = {
      ...guaranteeOf(options),
      chunkValues: integerOf(options, "chunkValues", 1, 2 ** 31),
      settings: neuralSettingsOf(options),
    };
    const seconds = durationOf(options, "exploreTime") ?? exploreSeconds;
    const openOptions = openOptionsOf(options);
    const file = textOf(options, "plot");
    const write =
      file === undefined
        ? undefined
        : await preparePicture(file, { force: options.force === true });
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const dataset = await openDataset(input, { ...openOptions, signal, pool });
      try {
        const plans = await planNetworks(dataset, { ...asked, pool, signal });
        if (options.explore !== true && !write) {
          return { text: planText(plans, asked.settings), json: { input, arrays: plans } };
        }
        const total = plans.reduce((sum, { originalBytes }) => sum + originalBytes, 0);
        const exploration = await exploreNetworks(
          dataset,
          { ...asked, pool, signal },
          {
            ...{ seconds, signal },
            onProgress: (training, share) =>
              onProgress({ stage: "explore", done: share * total, total, training }),
          },
        );
        await write?.(workPlot(exploration, input));
        return {
          text: [planText(plans, asked.settings), "", explorationText(exploration, input)].join(
            "\n",
          ),
          json: { input, arrays: plans, ...exploration },
        };
      } finally {
        await dataset.close();
      }
    } finally {
      await pool.close();
    }
  },
};
