import { basename } from "node:path";
import type { Variable } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { statistics, type VariableStatistics } from "@fieldzip/neural";
import { formatTable } from "../format.js";
import { integerOf, namesOf, textOf } from "../option-values.js";
import { histogramPlot } from "../plot/histograms.js";
import { preparePicture } from "../plot/picture-file.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { fieldNames } from "../sampling.js";
import { createThreadPool } from "../threads.js";
import { type CommandDescription, forceOption, threadsOption } from "./command.js";

const defaultBins = 64;

export const statisticsCommand: CommandDescription = {
  name: "statistics",
  summary: "range, mean, deviation and histogram of variables",
  details:
    "Reads block by block, so that memory is bounded whatever the size; a histogram takes a second pass.\n" +
    "NaN, infinities and fill values do not count.",
  arguments: [{ name: "input", help: "an archive, or any file that compress takes" }],
  options: [
    { flags: "--variable <names>", help: "only these, such as rho,vx1 (default: all of floats)" },
    { flags: "--histogram <parts>", help: "count values in so many equal parts of the range" },
    {
      flags: "--plot <file>",
      help: `write the histograms as a picture (.svg, .png), of ${defaultBins} parts by default`,
    },
    threadsOption,
    forceOption,
    ...rawOptions,
  ],
  examples: [
    "fieldzip statistics run.zarr",
    "fieldzip statistics run.zarr --variable rho --histogram 20 --plot rho.svg",
  ],

  async run([location], options, { signal, onProgress }) {
    const names = namesOf(options, "variable");
    const openOptions = openOptionsOf(options);
    const plot = textOf(options, "plot");
    const bins =
      integerOf(options, "histogram", 1, 100_000) ?? (plot === undefined ? undefined : defaultBins);
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const write =
        plot === undefined
          ? undefined
          : await preparePicture(plot, { force: options.force === true });
      const dataset = await openDataset(location, { ...openOptions, pool, signal });
      try {
        const variables = names ?? fieldNames(dataset);
        const found = await statistics(dataset, { variables, bins, signal, onProgress });
        await write?.(
          histogramPlot(
            basename(location),
            found.map((one) => ({ statistics: one, units: unitsOf(dataset.variable(one.name)) })),
          ),
        );
        return {
          text: [tableOf(found), ...(plot === undefined ? [] : [`written to ${plot}`])].join("\n"),
          json: { input: location, variables: found, plot },
        };
      } finally {
        await dataset.close();
      }
    } finally {
      await pool.close();
    }
  },
};

function unitsOf({ attributes }: Variable): string | undefined {
  const units = attributes.units?.values[0];
  return typeof units === "string" && units !== "" ? units : undefined;
}

function tableOf(found: readonly VariableStatistics[]): string {
  const right = (title: string) => ({ title, align: "right" as const });
  const number = (value: number) => (Number.isNaN(value) ? "-" : value.toPrecision(7));
  return formatTable(
    [
      { title: "variable" },
      ...["values", "missing", "min", "max", "mean", "deviation"].map(right),
      ...(found.some(({ histogram }) => histogram) ? [{ title: "histogram" }] : []),
    ],
    found.map(({ name, count, missing, min, max, mean, standardDeviation, histogram }) => [
      name,
      `${count}`,
      `${missing}`,
      ...[min, max, mean, standardDeviation].map(number),
      ...(histogram ? [barsOf(histogram)] : []),
    ]),
  );
}

const bars = " ▁▂▃▄▅▆▇█";
/** Characters of a histogram in the table. */
const mostBars = 32;

/** A histogram in a line; several parts to a character where there are many. */
function barsOf(histogram: readonly number[]): string {
  const width = Math.min(mostBars, histogram.length);
  const sums = new Array<number>(width).fill(0);
  histogram.forEach((count, part) => {
    sums[Math.floor((part * width) / histogram.length)] += count;
  });
  const most = Math.max(1, ...sums);
  return sums.map((sum) => bars[Math.ceil((sum / most) * (bars.length - 1))]).join("");
}
