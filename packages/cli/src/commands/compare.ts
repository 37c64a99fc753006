import { type Dataset, FieldzipError, isStepAxis, type Selection } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { type CompareOptions, type Comparison, compare } from "../compare/compare.js";
import { drawnNames, type FieldDetail, mostDrawn, readDetails } from "../compare/detail.js";
import { type Compared, comparisonJson, comparisonText, isMeasured } from "../compare/report.js";
import { exitCodes } from "../exit-codes.js";
import { formatCount } from "../format.js";
import { inspect } from "../inspect.js";
import { integerOf, namesOf, numberOf, selectionOf, textOf } from "../option-values.js";
import { comparisonPicture } from "../plot/comparison-picture.js";
import { hasSlice } from "../plot/middle-slice.js";
import { preparePicture } from "../plot/picture-file.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { createThreadPool } from "../threads.js";
import {
  type CommandDescription,
  type CommandResult,
  forceOption,
  type OptionValues,
  threadsOption,
} from "./command.js";

export const compareCommand: CommandDescription = {
  name: "compare",
  summary: "measure how two datasets differ",
  details:
    "Per variable: MSE, RMSE, largest error, PSNR, structural similarity of slices and volumes, error of the\n" +
    "power spectrum, conserved sum, differing bits and missing values. Ends with 0 whatever it finds, unless\n" +
    "--require-equal or --min-psnr ask for more: then with 3 where that does not hold.",
  arguments: [
    { name: "original", help: "an archive, or any file that compress takes" },
    { name: "other", help: "the same; what it has is measured against the original" },
  ],
  options: [
    { flags: "--variable <names>", help: "only these, such as rho,vx1 (default: all)" },
    { flags: "--step <n>", help: "only this step" },
    { flags: "--select <part>", help: "an index or from:to per dimension, such as step=3,z=10:20" },
    { flags: "--quick", help: "one pass over the values: no similarity, no spectra" },
    { flags: "--require-equal", help: "fail unless names, attributes and every bit are equal" },
    { flags: "--min-psnr <dB>", help: "fail unless every variable has this PSNR" },
    {
      flags: "--plot <file>",
      help: "write fields, |difference| and spectra as a picture (.svg, .png)",
    },
    threadsOption,
    forceOption,
    ...rawOptions,
  ],
  examples: [
    "fieldzip compare run.nc run.zarr",
    "fieldzip compare run.zarr other.zarr --variable rho,prs --step 3 --json",
    "fieldzip compare run.nc run.zarr --min-psnr 60",
    "fieldzip compare run.nc run.zarr --variable rho,prs --plot difference.png",
  ],

  async run([original, other], options, { signal, onProgress }) {
    const openOptions = openOptionsOf(options);
    const variables = namesOf(options, "variable");
    const step = integerOf(options, "step", 0, Number.MAX_SAFE_INTEGER);
    const select = selectionOf(options, "select");
    const minPsnr = numberOf(options, "minPsnr");
    const plot = textOf(options, "plot");
    const writePlot =
      plot === undefined
        ? undefined
        : await preparePicture(plot, { force: options.force === true });
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    const opened: Dataset[] = [];
    try {
      for (const location of [original, other]) {
        opened.push(await openDataset(location, { ...openOptions, pool, signal }));
      }
      const [a, b] = opened;
      const compareOptions: CompareOptions = {
        ...{ variables, pool, signal, onProgress },
        select: { ...select, ...(step === undefined ? {} : stepSelection(a, step)) },
        quick: options.quick === true,
      };
      const comparison = await compare(a, b, compareOptions);
      const { archive, originalBytes, storedBytes } = await inspect(b, { signal });
      const compared: Compared = {
        ...{ original, decoded: other },
        sizes:
          archive && storedBytes !== undefined
            ? { originalBytes, archiveBytes: storedBytes }
            : undefined,
      };
      const written: string[] = [];
      if (plot !== undefined && writePlot) {
        const names = namesToDraw(a, comparison, variables);
        const details: FieldDetail[] = [];
        for await (const detail of readDetails(a, b, comparison, names, compareOptions)) {
          details.push(detail);
        }
        await writePlot(comparisonPicture(comparison, compared, details));
        written.push(plot);
      }
      return {
        text: [
          comparisonText(comparison, compared),
          ...written.map((file) => `written to ${file}`),
        ].join("\n"),
        json: { ...comparisonJson(comparison, compared), plot },
        ...verdict(comparison, compared, options, minPsnr),
      };
    } finally {
      for (const dataset of opened) await dataset.close();
      await pool.close();
    }
  },
};

/** What was asked for, as far as there are slices of it; else what differs. */
function namesToDraw(
  original: Dataset,
  comparison: Comparison,
  asked: readonly string[] | undefined,
): string[] {
  const names = asked?.filter((name) => hasSlice(original.variable(name)));
  const drawn = (names ?? drawnNames(original, comparison)).slice(0, mostDrawn);
  if (drawn.length > 0) return drawn;
  throw new FieldzipError("usage", {
    where: original.location,
    expected: "a variable of numbers with two axes or more, to draw",
    found: "none",
    remedy: "compare without --plot and --report",
  });
}

/** The step as an index of every dimension along which steps stand. */
function stepSelection(dataset: Dataset, step: number): Selection {
  const axes = dataset.dimensions.filter(({ name }) => isStepAxis(dataset, name));
  if (axes.length > 0) return Object.fromEntries(axes.map(({ name }) => [name, step]));
  throw new FieldzipError("usage", {
    where: dataset.location,
    expected: "a dimension of steps for --step (unlimited, or named step or time)",
    found: dataset.dimensions.map(({ name }) => name).join(", ") || "no dimensions",
    remedy: "choose a part with --select",
  });
}

function verdict(
  comparison: Comparison,
  { decoded }: Compared,
  options: OptionValues,
  minPsnr: number | undefined,
): Pick<CommandResult, "exitCode" | "complaint"> {
  const { equal, facts, variables } = comparison;
  const exitCode = exitCodes.violated;
  if (options.requireEqual === true && !equal) {
    const differing = variables.filter((variable) => !variable.equal).length;
    const found = [formatCount(differing, "variable"), formatCount(facts.length, "other fact")];
    return { exitCode, complaint: `${decoded}: not equal: ${found.join(" and ")} differ` };
  }
  const poor = variables.filter(
    (variable) =>
      minPsnr !== undefined && isMeasured(variable) && !(variable.difference.psnr >= minPsnr),
  );
  if (poor.length === 0) return {};
  const names = poor.map(({ name }) => name).join(", ");
  return { exitCode, complaint: `${decoded}: PSNR below ${minPsnr} dB: ${names}` };
}
