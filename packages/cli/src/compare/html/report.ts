import { basename } from "node:path";
import { formatBytes, formatCount, formatNumber, formatRatio, formatShape } from "../../format.js";
import type { AttributeValue, InspectedVariable, Inspection } from "../../inspect.js";
import {
  datasetNames,
  fieldPanels,
  histogramPanels,
  innerHeight,
  spectrumPanel,
} from "../../plot/comparison-panels.js";
import { factsOf } from "../../plot/comparison-picture.js";
import { pictureFacts, picturePanels } from "../../plot/picture-panels.js";
import type { Comparison, FieldMeasures, VariableComparison } from "../compare.js";
import type { FieldDetail } from "../detail.js";
import type { PictureMeasures, RenderedPair } from "../render.js";
import {
  type Compared,
  decibel,
  isMeasured,
  meanPsnr,
  missingText,
  percent,
  similarityText,
} from "../report.js";
import { compressionFacts } from "./compression.js";
import { facts, figure, html, type Markup, page, type TableRow, table } from "./markup.js";
import { measureNotes } from "./measure-notes.js";

/** Characters of an attribute, at most. */
const longestAttribute = 600;

export interface ReportContent {
  readonly comparison: Comparison;
  readonly compared: Compared;
  /** Of both datasets. */
  readonly original: Inspection;
  readonly decoded: Inspection;
  /** What was chosen of both, as it was asked for; empty for everything. */
  readonly chosen: string;
  readonly version: string;
  readonly date: Date;
  /** One per variable that is drawn, made by `variableFigures`. */
  readonly figures: ReadonlyMap<string, Markup>;
}

/** The pictures of one variable. */
export function variableFigures(detail: FieldDetail, compared: Compared): Markup {
  const { name } = detail;
  const names = datasetNames(compared);
  const fields = fieldPanels(detail, names, `field-${name.replace(/\W/g, "-")}`);
  const height = innerHeight(fields[0]);
  const lines = [spectrumPanel(detail, height), ...histogramPanels(detail, height)];
  const labels = [
    `${name} in ${names.original}`,
    `${name} in ${names.decoded}`,
    `absolute difference of ${name}`,
    `power spectra of ${name}`,
    `histogram of the values of ${name}`,
    `histogram of the errors of ${name}`,
  ];
  const drawn = [...fields, ...lines].map((panel, k) => figure(panel, labels[k]));
  return html`<p class="note facts-line">${factsOf(detail)}</p>
<div class="figures">
${drawn}</div>
`;
}

/** The rendered pictures of one variable. */
export function renderedFigures(pair: RenderedPair, compared: Compared): Markup {
  const { name, measures } = pair;
  const names = datasetNames(compared);
  const panels = picturePanels(pair, names, `drawn-${name.replace(/\W/g, "-")}`);
  const labels = [
    `${measures.mode} of ${name} in ${names.original}, drawn`,
    `${measures.mode} of ${name} in ${names.decoded}, drawn`,
    `difference of these pictures of ${name}`,
  ];
  return html`<p class="note facts-line">As drawn: ${pictureFacts(measures)}</p>
<div class="figures">
${panels.map((panel, k) => figure(panel, labels[k]))}</div>
`;
}

/** The report as one file that needs nothing else. */
export function htmlReport(content: ReportContent): string {
  const { comparison, compared, figures } = content;
  const { variables } = comparison;
  const { original: a, decoded: b } = datasetNames(compared);
  const shown = variables.filter((variable) => figures.has(variable.name) || isMeasured(variable));
  const links = shown.map(({ name }) => html`<a href="#${anchor(name)}">${name}</a>\n`);
  return page(
    `${b} against ${a}`,
    html`<header>
<p class="kind">fieldzip compare</p>
<h1>${b} <small>against ${a}</small></h1>
${summary(content)}
<nav aria-label="Variables">${links}</nav>
</header>
<section>
<h2>Measures</h2>
${measureTables(comparison)}
</section>
${shown.map((variable) => variableSection(variable, content))}
${factSection(content)}
${provenance(content)}
${measureNotes}
<footer>Written by fieldzip ${content.version} on ${content.date.toISOString().slice(0, 16).replace("T", " ")} UTC.</footer>
`,
  );
}

function anchor(name: string): string {
  return `variable-${name.replace(/\W/g, "-")}`;
}

function summary({ comparison, compared, decoded }: ReportContent): Markup {
  const { variables } = comparison;
  const measured = variables.filter(isMeasured);
  const equal = variables.filter((variable) => variable.equal).length;
  const worst = measured.reduce<VariableComparison | undefined>(
    (least, next) => (least && least.difference.psnr <= next.difference.psnr ? least : next),
    undefined,
  );
  const { sizes } = compared;
  const kinds = [
    ...new Set(
      decoded.variables.flatMap(({ stored }) => (stored?.asked ? [stored.guarantee] : [])),
    ),
  ];
  const tiles: (readonly [string, string])[] = [
    ...(sizes
      ? ([
          ["ratio", formatRatio(sizes.originalBytes, sizes.archiveBytes)],
          ["bytes", `${size(sizes.originalBytes)} in ${size(sizes.archiveBytes)}`],
        ] as const)
      : []),
    ...(kinds.length > 0 ? [["guarantee", kinds.join(", ")] as const] : []),
    ...(measured.length > 1 ? [["mean PSNR", `${decibel(meanPsnr(comparison))} dB`] as const] : []),
    ...(worst
      ? [["least PSNR", `${decibel(worst.difference.psnr)} dB (${worst.name})`] as const]
      : []),
    ["equal bits", `${equal} of ${formatCount(variables.length, "variable")}`],
  ];
  return html`<dl class="summary">
${tiles.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}

/** Not broken between number and unit. */
function size(bytes: number): string {
  return formatBytes(bytes).replace(" ", "\u00a0");
}

function measureTables({ variables }: Comparison): Markup {
  const measured = variables.filter(isMeasured);
  const same = variables.filter(({ equal }) => equal).map(({ name }) => name);
  const equal = html`<p>Every bit is equal: ${same.join(", ")}.</p>`;
  return html`${
    measured.length > 0 &&
    measureTable(
      "Over all values of each variable; similarity and spectra as means over its fields",
      measured.map((variable) => ({ head: nameAndUnit(variable), measures: variable })),
    )
  }${
    measured.some(({ picture }) => picture) &&
    table(
      "Of the rendered pictures, whose parts go from 0 to 255",
      ["", "PSNR\u00a0dB", "MSE", "SSIM", "drawn as"],
      measured.flatMap((variable): TableRow[] =>
        variable.picture ? [pictureCells(variable, variable.picture)] : [],
      ),
    )
  }${same.length > 0 && equal}`;
}

function pictureCells(variable: VariableComparison, picture: PictureMeasures): TableRow {
  const { psnr, mse, ssim, mode, width, height } = picture;
  return {
    head: nameAndUnit(variable),
    cells: [
      ...[decibel(psnr), formatNumber(mse), similarityText(ssim)],
      `${mode}, ${width} × ${height}`,
    ],
  };
}

function nameAndUnit({ name, units }: { name: string; units?: string }): Markup {
  return html`${name}${units !== undefined && html` <span>[${units}]</span>`}`;
}

function measureTable(
  caption: string,
  rows: readonly { readonly head: Markup | string; readonly measures: FieldMeasures }[],
): Markup {
  const axes = [
    ...new Set(rows.flatMap(({ measures }) => Object.keys(measures.similarity?.slices ?? {}))),
  ];
  const volumes = rows.some(({ measures }) => measures.similarity?.volume !== undefined);
  const spectra = rows.some(({ measures }) => measures.spectrum !== undefined);
  const titles = [
    "",
    ...["PSNR\u00a0dB", "MSE", "RMSE", "max error", "of range"],
    ...axes.map((axis) => (axis === "whole" ? "SSIM" : `SSIM across ${axis}`)),
    ...(volumes ? ["SSIM 3-D"] : []),
    ...(spectra ? ["spectrum off", "true to k"] : []),
    ...["sum off", "values differing", "bits differing", "missing"],
  ];
  return table(
    caption,
    titles,
    rows.map(({ head, measures }): TableRow => {
      const { difference, similarity, spectrum, sum, bits, missing } = measures;
      return {
        head,
        cells: [
          decibel(difference.psnr),
          ...[difference.mse, difference.rmse, difference.maxError].map(formatNumber),
          percent(difference.maxError / (difference.max - difference.min)),
          ...axes.map((axis) => similarityText(similarity?.slices[axis])),
          ...(volumes ? [similarityText(similarity?.volume)] : []),
          ...(spectra ? spectrumCells(spectrum) : []),
          formatNumber(sum.relativeError),
          bits ? percent(bits.differingValues / bits.values) : "-",
          bits ? String(bits.differingBits) : "-",
          missingText(missing),
        ],
      };
    }),
  );
}

function spectrumCells(spectrum: FieldMeasures["spectrum"]): [string, string] {
  if (!spectrum) return ["-", "-"];
  return [percent(spectrum.error), `${spectrum.faithfulTo} of ${spectrum.waveNumbers}`];
}

function variableSection(
  variable: VariableComparison,
  { decoded, figures }: ReportContent,
): Markup {
  const { name, fields, dimensions, shape, dataType } = variable;
  const stored = decoded.variables.find((one) => one.name === name);
  const description = attributeOf(stored, "long_name") ?? attributeOf(stored, "standard_name");
  const about = [description, dataType, `${dimensions.join(", ")}: ${formatShape(shape)}`];
  const steps =
    fields.length > 1 &&
    html`<details><summary>Step by step</summary>
${measureTable(
  `${name} at ${formatCount(fields.length, "step")}`,
  fields.map((field) => ({
    head: Object.entries(field.at)
      .map(([axis, place]) => `${axis} ${place}`)
      .join(", "),
    measures: field,
  })),
)}</details>
`;
  return html`<section id="${anchor(name)}">
<h2>${nameAndUnit(variable)}</h2>
<p class="note">${about.filter(Boolean).join(" · ")}</p>
${figures.get(name)}${steps}${stored && compressionFacts(stored)}
</section>
`;
}

function attributeOf(variable: InspectedVariable | undefined, name: string): string | undefined {
  const value = variable?.attributes[name]?.[0];
  return typeof value === "string" ? value : undefined;
}

function factSection({ comparison: { facts: differing } }: ReportContent): Markup {
  if (differing.length === 0) return html``;
  const items = differing.map(
    ({ where, expected, found }) => [where, `${expected} became ${found}`] as const,
  );
  return html`<section>
<h2>What else differs</h2>
${facts(items)}
</section>
`;
}

function provenance({ original, decoded, chosen }: ReportContent): Markup {
  return html`<section>
<h2>Provenance</h2>
<div class="two">
<div><h3>Original</h3>${datasetFacts(original)}</div>
<div><h3>Compared with it</h3>${datasetFacts(decoded)}</div>
</div>
${chosen !== "" && html`<p class="note">Compared: ${chosen}.</p>`}
</section>
`;
}

function datasetFacts(inspection: Inspection): Markup {
  const { location, archive, format, originalBytes, storedBytes, dimensions, attributes } =
    inspection;
  return facts([
    ["name", basename(location)],
    ["format", archive ? `fieldzip archive${format ? `, from ${format}` : ""}` : format],
    ["values", formatBytes(originalBytes)],
    ...(storedBytes === undefined ? [] : [["stored", formatBytes(storedBytes)] as const]),
    ["dimensions", dimensions.map(({ name, size }) => `${name} ${size}`).join(", ")],
    ...Object.entries(attributes).map(([name, values]) => [name, attributeText(values)] as const),
  ]);
}

function attributeText(values: readonly AttributeValue[]): string {
  const text = values.join(", ");
  return text.length > longestAttribute ? `${text.slice(0, longestAttribute - 1)}…` : text;
}
