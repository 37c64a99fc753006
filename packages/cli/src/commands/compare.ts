import { type Dataset, FieldzipError, isStepAxis, type Selection } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { type CompareOptions, type Comparison, compare } from "../compare/compare.js";
import { drawnNames, mostDrawn, readDetails } from "../compare/detail.js";
import { html, type Markup } from "../compare/html/markup.js";
import { htmlReport, renderedFigures, variableFigures } from "../compare/html/report.js";
import { type RenderedPair, renderedNames, renderPairs } from "../compare/render.js";
import { renderOptions, renderViewOf, viewText } from "../compare/render-options.js";
import { type Compared, comparisonJson, comparisonText, isMeasured } from "../compare/report.js";
import { exitCodes } from "../exit-codes.js";
import { formatCount } from "../format.js";
import { inspect } from "../inspect.js";
import { integerOf, namesOf, numberOf, selectionOf, textOf } from "../option-values.js";
import { datasetNames } from "../plot/comparison-panels.js";
import { comparisonPicture, type PictureRow, pictureRow } from "../plot/comparison-picture.js";
import { hasSlice } from "../plot/middle-slice.js";
import { prepareFile, preparePicture } from "../plot/picture-file.js";
import { renderedRow } from "../plot/picture-panels.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { createThreadPool } from "../threads.js";
import { packageVersion } from "../version.js";
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
    {
      flags: "--report <file>",
      help: "write all that is known as one page (.html) that needs nothing else",
    },
    threadsOption,
    forceOption,
    ...renderOptions,
    ...rawOptions,
  ],
  examples: [
    "fieldzip compare run.nc run.zarr",
    "fieldzip compare run.zarr other.zarr --variable rho,prs --step 3 --json",
    "fieldzip compare run.nc run.zarr --min-psnr 60",
    "fieldzip compare run.nc run.zarr --variable rho,prs --plot difference.png",
    "fieldzip compare run.nc run.zarr --report comparison.html",
    "fieldzip compare run.nc run.zarr --render --variable rho --camera 60,30,1,0,0 --map inferno",
  ],

  async run([original, other], options, { signal, onProgress }) {
    const openOptions = openOptionsOf(options);
    const variables = namesOf(options, "variable");
    const step = integerOf(options, "step", 0, Number.MAX_SAFE_INTEGER);
    const select = selectionOf(options, "select");
    const minPsnr = numberOf(options, "minPsnr");
    const force = options.force === true;
    const view = renderViewOf(options);
    const [plot, report] = [textOf(options, "plot"), textOf(options, "report")];
    const writePlot = plot === undefined ? undefined : await preparePicture(plot, { force });
    const writeReport =
      report === undefined
        ? undefined
        : await prepareFile(report, { force, flag: "--report", endings: [".html", ".htm"] });
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
      const measured = await compare(a, b, compareOptions);
      const pictures = new Map<string, RenderedPair>();
      if (view) {
        const wanted = renderedNames(a, measured);
        for await (const pair of renderPairs(a, b, wanted, view, { ...compareOptions, pool })) {
          pictures.set(pair.name, pair);
        }
      }
      const comparison = withPictures(measured, pictures);
      const inspections = [await inspect(a, { signal }), await inspect(b, { signal })] as const;
      const { archive, originalBytes, storedBytes } = inspections[1];
      const compared: Compared = {
        ...{ original, decoded: other },
        sizes:
          archive && storedBytes !== undefined
            ? { originalBytes, archiveBytes: storedBytes }
            : undefined,
      };
      if (writePlot || writeReport) {
        const names = namesToDraw(a, comparison, variables);
        const rows: PictureRow[] = [];
        const figures = new Map<string, Markup>();
        for await (const detail of readDetails(a, b, comparison, names, compareOptions)) {
          const pair = pictures.get(detail.name);
          if (writePlot) {
            const shown = datasetNames(compared);
            rows.push(pictureRow(detail, shown, `v${rows.length}`));
            if (pair) rows.push(renderedRow(pair, shown, `v${rows.length}`));
          }
          if (writeReport) {
            const drawn = pair && renderedFigures(pair, compared);
            figures.set(detail.name, html`${variableFigures(detail, compared)}${drawn}`);
          }
        }
        await writePlot?.(comparisonPicture(comparison, compared, rows));
        await writeReport?.(
          htmlReport({
            ...{ comparison, compared, figures },
            original: inspections[0],
            decoded: inspections[1],
            chosen: chosenText(options),
            version: packageVersion(),
            date: new Date(),
          }),
        );
      }
      const written = [plot, report].filter((file) => file !== undefined);
      return {
        text: [
          comparisonText(comparison, compared),
          ...(view && pictures.size > 0 ? [`pictures with ${viewText(view)}`] : []),
          ...written.map((file) => `written to ${file}`),
        ].join("\n"),
        json: { ...comparisonJson(comparison, compared), view, plot, report },
        ...verdict(comparison, compared, options, minPsnr),
      };
    } finally {
      for (const dataset of opened) await dataset.close();
      await pool.close();
    }
  },
};

/** The comparison with the measures of pictures beside the others. */
function withPictures(comparison: Comparison, pictures: ReadonlyMap<string, RenderedPair>) {
  const variables = comparison.variables.map((variable) => ({
    ...variable,
    picture: pictures.get(variable.name)?.measures,
  }));
  return { ...comparison, variables };
}

/** What was chosen of the datasets, in words. */
function chosenText({ variable, step, select }: OptionValues): string {
  const parts = { variables: variable, step, part: select };
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join("; ");
}

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
