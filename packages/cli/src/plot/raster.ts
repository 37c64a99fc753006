import type { ColourMapName } from "@fieldzip/core/render";
import { cssColour, paletteColour } from "./palette.js";
import { type Colour, encodePng } from "./png.js";
import {
  colours,
  linearTicks,
  logarithmicTicks,
  round,
  svgLine,
  svgText,
  textWidth,
  tickLabel,
} from "./svg.js";

/** Numbers on a grid: row after row; NaN where there is none. */
export interface Grid {
  readonly values: Float64Array | Float32Array;
  readonly height: number;
  readonly width: number;
}

export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Range = readonly [low: number, high: number];

/** Pixels of an embedded picture along its longer side, at most. */
const mostPixels = 1024;

/**
 * The grid as a picture in colours of a map (255 steps, `range` from end to end), its first row at the bottom
 * unless `flipped`. What is NaN is light grey.
 */
export function raster(
  { values, height, width }: Grid,
  range: Range,
  place: Place,
  flipped: readonly [rows: boolean, columns: boolean],
  map: ColourMapName = "viridis",
): string {
  const every = Math.max(1, Math.ceil(Math.max(height, width) / mostPixels));
  const rows = Math.ceil(height / every);
  const columns = Math.ceil(width / every);
  const indices = new Uint8Array(rows * columns);
  const scale = range[1] > range[0] ? 1 / (range[1] - range[0]) : 0;
  for (let row = 0; row < rows; row++) {
    const y = every * (flipped[0] ? row : rows - 1 - row);
    for (let column = 0; column < columns; column++) {
      const x = every * (flipped[1] ? columns - 1 - column : column);
      const value = values[y * width + x];
      if (Number.isNaN(value)) continue;
      const share = Math.min(1, Math.max(0, (value - range[0]) * scale));
      indices[row * columns + column] = 1 + Math.round(share * 254);
    }
  }
  // The first one is clear: what is absent has the colour of the ground.
  const palette: Colour[] = [
    [0, 0, 0],
    ...Array.from({ length: 255 }, (_, k) => paletteColour(map, k / 254)),
  ];
  const png = Buffer.from(
    encodePng(columns, rows, indices, palette, { clearFirst: true }),
  ).toString("base64");
  const { left, top, width: w, height: h } = place;
  return (
    `<rect x="${round(left)}" y="${round(top)}" width="${round(w)}" height="${round(h)}" fill="${colours.absent}"/>` +
    `<image x="${round(left)}" y="${round(top)}" width="${round(w)}" height="${round(h)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,${png}"/>` +
    `<rect x="${round(left)}" y="${round(top)}" width="${round(w)}" height="${round(h)}" fill="none" stroke="${colours.frame}"/>`
  );
}

/** The colours of a range, with ticks at its right and its unit above. */
export function colourBar(
  id: string,
  range: Range,
  place: Place,
  unit: string,
  map: ColourMapName = "viridis",
): string[] {
  const { left, top, width, height } = place;
  const stops = Array.from({ length: 16 }, (_, k) => {
    const share = k / 15;
    return `<stop offset="${round(share)}" stop-color="${cssColour(paletteColour(map, share))}"/>`;
  });
  const parts = [
    `<defs><linearGradient id="${id}" x1="0" y1="1" x2="0" y2="0">${stops.join("")}</linearGradient></defs>`,
    `<rect x="${round(left)}" y="${round(top)}" width="${width}" height="${round(height)}" fill="url(#${id})" stroke="${colours.frame}"/>`,
    // A long unit ends where the ticks do.
    textWidth(unit, 11.5) > width + 56
      ? svgText(left + width + 60, top - 7, unit, {
          size: 11.5,
          fill: colours.faint,
          anchor: "end",
        })
      : svgText(left, top - 7, unit, { size: 11.5, fill: colours.faint }),
  ];
  for (const tick of linearTicks(...range, Math.max(3, Math.min(6, Math.round(height / 45))))) {
    const share = range[1] > range[0] ? (tick - range[0]) / (range[1] - range[0]) : 0.5;
    const y = top + height * (1 - share);
    parts.push(svgLine([left + width, y, left + width + 4, y], colours.frame));
    parts.push(svgText(left + width + 7, y + 4, tickLabel(tick), { size: 11.5 }));
  }
  return parts;
}

export interface HistogramStyle {
  readonly label: string;
  /** Whole numbers: a bar each. */
  readonly whole: boolean;
  /** Bars on a logarithmic scale. */
  readonly logarithmic: boolean;
}

/** How often numbers occur; those outside `range` count to the first and last bar. */
export function histogram(
  values: Iterable<number>,
  range: Range,
  place: Place,
  { label, whole, logarithmic }: HistogramStyle,
): string[] {
  const { left, top, width, height } = place;
  const [low, high] = whole ? [range[0] - 0.5, range[1] + 0.5] : range;
  const bars = whole ? Math.max(1, Math.round(high - low)) : 80;
  const counts = new Float64Array(bars);
  let total = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    const bar = high > low ? Math.floor(((value - low) / (high - low)) * bars) : 0;
    counts[Math.min(bars - 1, Math.max(0, bar))]++;
    total++;
  }
  const shares = counts.map((count) => (total > 0 ? (100 * count) / total : 0));
  const most = Math.max(...shares, 1e-6);
  const least = logarithmic ? Math.max(Math.min(100 / total, most / 10), most / 1e6) / 1.5 : 0;
  const share = (value: number) =>
    logarithmic
      ? Math.max(0, Math.log(value / least) / Math.log((most * 1.3) / least))
      : value / (most * 1.08);
  const bottom = top + height;
  const parts: string[] = [];
  const across = logarithmic ? logarithmicTicks(least, most * 1.3) : linearTicks(0, most * 1.08, 4);
  for (const tick of across.filter((_, k) => k % Math.ceil(across.length / 6) === 0)) {
    const y = bottom - height * share(tick);
    parts.push(svgLine([left, y, left + width, y], colours.grid));
    parts.push(svgText(left - 6, y + 4, `${tickLabel(tick)} %`, { size: 11.5, anchor: "end" }));
  }
  const step = width / bars;
  const gap = whole && step > 4 ? 1 : 0;
  let path = "";
  shares.forEach((value, bar) => {
    if (value <= 0) return;
    const rise = round(height * share(value));
    path += `M${round(left + bar * step + gap / 2)} ${bottom}v-${rise}h${round(step - gap)}v${rise}z`;
  });
  parts.push(`<path d="${path}" fill="${colours.bars}"/>`);
  parts.push(svgLine([left, bottom, left + width, bottom], colours.frame));
  for (const tick of linearTicks(range[0], range[1], 6)) {
    if (whole && !Number.isInteger(tick)) continue;
    const x = high > low ? left + (width * (tick - low)) / (high - low) : left + width / 2;
    parts.push(svgLine([x, bottom, x, bottom + 4], colours.frame));
    parts.push(svgText(x, bottom + 17, tickLabel(tick), { size: 11.5, anchor: "middle" }));
  }
  parts.push(svgText(left + width / 2, bottom + 36, label, { size: 12.5, anchor: "middle" }));
  return parts;
}
