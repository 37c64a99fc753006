import { bytesPerValue } from "@fieldzip/core";
import { formatShape, wrapText } from "../format.js";
import { fieldPanel, rangeOf } from "./field-panel.js";
import { type Grid, histogram, type Place, type Range } from "./raster.js";
import type { FieldSlice } from "./slice.js";
import { colours, svgDocument, svgText } from "./svg.js";

const width = 1120;
const lefts = [76, 636];
const top = 112;
const panelWidth = 380;
const histogramHeight = 150;

/** What is said about the archive beside the picture. */
export interface FieldCaption {
  /** Name of the archive. */
  readonly archive: string;
  /** Bits per value of the variable as stored. */
  readonly bitsPerValue?: number;
}

/**
 * A slice of a field beside what its predictor missed, and the histograms of both below: the figure of
 * the MeLLoC paper, for any archive.
 */
export function fieldPicture(slice: FieldSlice, caption: FieldCaption): string {
  const { variable, place, height, width: columns, values, absent, missed, shows } = slice;
  const present = Float64Array.from(values, (value, i) => (absent[i] ? Number.NaN : value));
  const unit = unitOf(slice);
  // Long and flat slices are stretched, so that something can be seen.
  const ratio = Math.min(1.25, Math.max(0.3, height / columns));
  const panelHeight = Math.round(panelWidth * ratio);
  const bits = 8 * bytesPerValue(variable.dataType);
  const residual = shows === "residual classes";
  const valueRange = rangeOf(present);
  const missedRange: Range = residual ? [0, Math.max(1, largest(missed))] : rangeOf(missed);
  const title = `${variable.name}: ${titles[shows]}`;
  const about = [
    caption.archive,
    `${variable.dataType}, ${formatShape(variable.shape)}`,
    place,
    `predictor ${slice.predictor}`,
    caption.bitsPerValue === undefined
      ? ""
      : `${caption.bitsPerValue.toFixed(2)} of ${bits} bits per value stored`,
  ];
  const bottom = top + panelHeight;
  const histogramTop = bottom + 72;
  const parts = [
    svgText(lefts[0], 34, title, { size: 20, weight: "bold" }),
    svgText(lefts[0], 57, about.filter(Boolean).join("  ·  "), { size: 13, fill: colours.faint }),
    ...fieldPanel({
      axes: slice.axes,
      grid: { values: present, height, width: columns },
      range: valueRange,
      place: { left: lefts[0], top, width: panelWidth, height: panelHeight },
      id: "values",
      unit,
      title: `${variable.name}, as decoded`,
    }),
    ...histogram(
      present,
      valueRange,
      { left: lefts[0], top: histogramTop, width: panelWidth, height: histogramHeight },
      { label: unit ? `value in ${unit}` : "value", whole: false, logarithmic: false },
    ),
  ];
  const right: Place = { left: lefts[1], top, width: panelWidth, height: panelHeight };
  if (shows === "nothing") {
    parts.push(...nothing(right, slice.predictor));
  } else {
    const grid: Grid = { values: missed, height, width: columns };
    parts.push(
      ...fieldPanel({
        axes: slice.axes,
        grid,
        range: missedRange,
        place: right,
        id: "missed",
        unit: residual ? "bits" : unit,
        title: panelTitles[shows],
      }),
      ...histogram(
        missed,
        missedRange,
        { left: lefts[1], top: histogramTop, width: panelWidth, height: histogramHeight },
        {
          label: residual
            ? `bits of the residual, mean ${meanOf(missed).toFixed(1)} of ${bits}`
            : `source term${unit ? ` in ${unit}` : ""}`,
          whole: residual,
          logarithmic: false,
        },
      ),
    );
  }
  let end = histogramTop + histogramHeight + 58;
  if (slice.equation) {
    const lines = slice.equation.split("\n").flatMap((line) => wrapText(line, 130, / (?=[+-] )/));
    const kept = lines.length > 4 ? [...lines.slice(0, 4), "…"] : lines;
    parts.push(svgText(lefts[0], end, "learned operator", { size: 13, weight: "bold" }));
    kept.forEach((line, k) => {
      parts.push(svgText(lefts[0], end + 20 + 17 * k, line, { size: 12, mono: true }));
    });
    end += 20 + 17 * kept.length;
  }
  return svgDocument(width, end + 10, title, parts);
}

const titles = {
  "residual classes": "the field and what the mechanism missed",
  "source term": "the field and its source term",
  nothing: "the field",
} as const;

const panelTitles = {
  "residual classes": "bits of the residual of every value",
  "source term": "source term f of the learned operator",
} as const;

function nothing({ left, top: panelTop, width: w, height: h }: Place, predictor: string): string[] {
  const why =
    predictor === "standard"
      ? "stored with Zarr's own codecs: no prediction"
      : "stored as it is: no prediction paid";
  return [
    `<rect x="${left}" y="${panelTop}" width="${w}" height="${h}" fill="#f3f4f6" stroke="${colours.grid}"/>`,
    svgText(left + w / 2, panelTop + h / 2, why, {
      size: 13,
      anchor: "middle",
      fill: colours.faint,
    }),
  ];
}

function unitOf({ variable }: FieldSlice): string {
  const [unit] = variable.attributes.units?.values ?? [];
  return typeof unit === "string" ? unit.slice(0, 24) : "";
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

function meanOf(values: Float32Array): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : 0;
}
