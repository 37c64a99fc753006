import { basename } from "node:path";
import type { Counts, FieldDetail } from "../compare/detail.js";
import type { Compared } from "../compare/report.js";
import { fieldMargins, fieldPanel, rangeOf } from "./field-panel.js";
import { type Line, linePanel } from "./line-panel.js";
import type { Place } from "./raster.js";
import { colours } from "./svg.js";

/** A part of a picture: drawn from its own corner at 0, 0. */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly string[];
}

/** What the two datasets are called. */
export interface Names {
  readonly original: string;
  readonly decoded: string;
}

/** The last part of each place. */
export function datasetNames({ original, decoded }: Compared): Names {
  return { original: basename(original), decoded: basename(decoded) };
}

const fieldWidth = 220;
const longestName = 26;

/** The field in both datasets, on one colour scale, and how far apart they are. */
export function fieldPanels(detail: FieldDetail, names: Names, id: string): Panel[] {
  const { slice, original, decoded, unit } = detail;
  const { height, width, axes } = slice;
  // Long and flat slices are stretched, so that something can be seen.
  const place = placeOf(Math.round(fieldWidth * Math.min(1.3, Math.max(0.35, height / width))));
  const range = rangeOf(original);
  const apart = original.map((value, i) => Math.abs(decoded[i] - value));
  const most = apart.reduce((largest, value) => (value > largest ? value : largest), 0);
  const panel = (
    values: Float64Array,
    part: string,
    title: string,
    of: { range: readonly [number, number]; map: "viridis" | "inferno" },
  ): Panel => ({
    ...sizeOf(place),
    parts: fieldPanel({
      ...{ axes, place, unit, title },
      grid: { values, height, width },
      id: `${id}-${part}`,
      ...of,
    }),
  });
  return [
    panel(original, "original", short(names.original), { range, map: "viridis" }),
    panel(decoded, "decoded", short(names.decoded), { range, map: "viridis" }),
    panel(apart, "difference", "|difference|", { range: [0, most || 1], map: "inferno" }),
  ];
}

/** Power by wave number: of both, and of their difference. */
export function spectrumPanel({ spectra, unit }: FieldDetail, height: number): Panel {
  const place = placeOf(height, 250);
  const line = (power: Float64Array): Line["points"] =>
    [...power].map((value, k) => [k, value] as const).slice(1);
  const lines: Line[] = spectra
    ? [
        { label: "original", colour: colours.peer, points: line(spectra.original), broad: true },
        { label: "other", colour: colours.ours, points: line(spectra.decoded), dashed: true },
        { label: "difference", colour: colours.faint, points: line(spectra.difference) },
      ]
    : [];
  return {
    ...sizeOf(place),
    parts: linePanel({
      ...{ lines, place },
      title: spectra ? "power spectra" : "no spectra: values are missing",
      x: { label: "wave number, cycles per longest axis", logarithmic: true },
      y: { label: unit ? `power in (${unit})²` : "power", logarithmic: true },
    }),
  };
}

/** How often values occur in both, and errors. */
export function histogramPanels(
  { histograms: { original, decoded, error }, unit }: FieldDetail,
  height: number,
): Panel[] {
  const place = placeOf(height, 250);
  const panel = (title: string, label: string, lines: readonly Line[]): Panel => ({
    ...sizeOf(place),
    parts: linePanel({
      ...{ lines, place, title },
      x: { label: unit ? `${label} in ${unit}` : label },
      y: { label: "share of values in %", fromZero: true },
    }),
  });
  return [
    panel("values", "value", [
      {
        label: "original",
        colour: colours.peer,
        points: stairs(original),
        broad: true,
        filled: true,
      },
      { label: "other", colour: colours.ours, points: stairs(decoded), dashed: true },
    ]),
    panel("errors", "other - original", [
      { label: "error", colour: colours.ours, points: stairs(error), filled: true },
    ]),
  ];
}

/** Height of the field within its panel, so that others stand beside it. */
export function innerHeight({ height }: Panel): number {
  return height - fieldMargins.top - fieldMargins.bottom;
}

function stairs({ low, high, counts }: Counts): Line["points"] {
  const total = counts.reduce((sum, value) => sum + value, 0) || 1;
  const [from, to] = high > low ? [low, high] : [low - 0.5, low + 0.5];
  const step = (to - from) / counts.length;
  return [...counts].flatMap((value, k) => {
    const share = (100 * value) / total;
    return [
      [from + k * step, share],
      [from + (k + 1) * step, share],
    ] as const;
  });
}

function placeOf(height: number, width = fieldWidth): Place {
  return { left: fieldMargins.left, top: fieldMargins.top, width, height };
}

function sizeOf({ left, top, width, height }: Place): Pick<Panel, "width" | "height"> {
  const right = width > fieldWidth ? 20 : fieldMargins.right;
  return { width: left + width + right, height: top + height + fieldMargins.bottom };
}

function short(name: string): string {
  return name.length > longestName ? `…${name.slice(1 - longestName)}` : name;
}
