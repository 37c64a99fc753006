import type { Comparison } from "../compare/compare.js";
import type { FieldDetail } from "../compare/detail.js";
import {
  type Compared,
  decibel,
  isMeasured,
  meanPsnr,
  percent,
  similarityText,
} from "../compare/report.js";
import { formatCount, formatRatio } from "../format.js";
import {
  datasetNames,
  fieldPanels,
  innerHeight,
  type Names,
  type Panel,
  spectrumPanel,
} from "./comparison-panels.js";
import { colours, round, svgDocument, svgText } from "./svg.js";

const margin = 24;
const head = 84;
const rowHead = 40;
const rowGap = 14;

/** What is drawn of one variable. */
export interface PictureRow {
  readonly title: string;
  readonly about: string;
  readonly panels: readonly Panel[];
}

/** A row for every variable: the field in both datasets, their difference, their spectra. */
export function comparisonPicture(
  comparison: Comparison,
  compared: Compared,
  rows: readonly PictureRow[],
): string {
  const names = datasetNames(compared);
  const title = `${names.decoded} against ${names.original}`;
  const about = aboutOf(comparison, compared);
  const parts = [
    svgText(margin, 38, title, { size: 20, weight: "bold" }),
    svgText(margin, 62, about, { size: 13, fill: colours.faint }),
  ];
  let top = head;
  let width = 0;
  for (const row of rows) {
    const behind = margin + 12 + 10 * row.title.length;
    parts.push(
      svgText(margin, top + 20, row.title, { size: 16, weight: "bold" }),
      svgText(behind, top + 20, row.about, { size: 12.5, fill: colours.faint }),
    );
    let left = 0;
    for (const panel of row.panels) {
      parts.push(
        `<g transform="translate(${round(left)} ${round(top + rowHead - 10)})">`,
        ...panel.parts,
        "</g>",
      );
      left += panel.width;
    }
    width = Math.max(width, left);
    top += rowHead + Math.max(...row.panels.map(({ height }) => height)) + rowGap;
  }
  return svgDocument(width + margin, top, title, parts);
}

/** The row of a variable; `id` is unique in the picture. */
export function pictureRow(detail: FieldDetail, names: Names, id: string): PictureRow {
  const { name, unit } = detail;
  const fields = fieldPanels(detail, names, id);
  return {
    title: unit ? `${name} [${unit}]` : name,
    about: factsOf(detail),
    panels: [...fields, spectrumPanel(detail, innerHeight(fields[0]))],
  };
}

function aboutOf(comparison: Comparison, { sizes }: Compared): string {
  const psnr = meanPsnr(comparison);
  const many = formatCount(comparison.variables.filter(isMeasured).length, "variable");
  return [
    sizes ? `ratio ${formatRatio(sizes.originalBytes, sizes.archiveBytes)}` : "",
    Number.isFinite(psnr)
      ? `mean PSNR ${decibel(psnr)} dB over ${many} that differ`
      : "equal values",
  ]
    .filter(Boolean)
    .join("  ·  ");
}

/** What was measured of the field, in a line. */
export function factsOf({ measures, slice: { place } }: FieldDetail): string {
  const { difference, similarity, spectrum, bits } = measures;
  if (bits?.differingValues === 0) return [place, "equal bits"].filter(Boolean).join("  ·  ");
  return [
    place,
    `PSNR ${decibel(difference.psnr)} dB`,
    `largest error ${percent(difference.maxError / (difference.max - difference.min))} of the range`,
    similarity ? `SSIM ${similarityText(similarity.volume ?? similarity.slice)}` : "",
    spectrum ? `spectrum off by ${percent(spectrum.error)}` : "",
  ]
    .filter(Boolean)
    .join("  ·  ");
}
