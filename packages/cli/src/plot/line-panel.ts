import { placeLabels } from "./labels.js";
import type { Place, Range } from "./raster.js";
import { colours, linearTicks, round, svgLine, svgText, tickLabel } from "./svg.js";

/** A line of points; those that a logarithmic axis has no place for are left out. */
export interface Line {
  /** None: the line goes on with the one before it. */
  readonly label?: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
  /** Drawn broad and pale, for another line to lie upon. */
  readonly broad?: boolean;
  /** The area down to the axis, too. */
  readonly filled?: boolean;
}

/** A point with its name beside it. */
export interface Mark {
  readonly label: string;
  readonly colour: string;
  readonly at: readonly [x: number, y: number];
}

export interface LinePanel {
  readonly lines: readonly Line[];
  readonly marks?: readonly Mark[];
  readonly place: Place;
  readonly title: string;
  readonly x: { readonly label: string; readonly logarithmic?: boolean };
  readonly y: {
    readonly label: string;
    readonly logarithmic?: boolean;
    /** The axis begins at 0. */
    readonly fromZero?: boolean;
  };
}

const markSize = 11.5;
/** Decades of a logarithmic axis, at most: what is below lies in the rounding of numbers. */
const mostDecades = 16;

/** Lines over one pair of axes, with a legend above them. */
export function linePanel({ lines, marks = [], place, title, x, y }: LinePanel): string[] {
  const { left, top, width, height } = place;
  const bottom = top + height;
  const horizontal = axisOf(
    [...lines.flatMap(({ points }) => points), ...marks.map(({ at }) => at)].map(([a]) => a),
    x.logarithmic ?? false,
  );
  const vertical = axisOf(
    [
      ...(y.fromZero ? [0] : []),
      ...[...lines.flatMap(({ points }) => points), ...marks.map(({ at }) => at)].map(([, b]) => b),
    ],
    y.logarithmic ?? false,
  );
  const toX = (value: number) => left + width * horizontal.share(value);
  const toY = (value: number) => bottom - height * vertical.share(value);
  const parts = [svgText(left, top - 24, title, { size: 14, weight: "bold" })];
  for (const tick of vertical.ticks) {
    parts.push(svgLine([left, toY(tick), left + width, toY(tick)], colours.grid));
    const text = vertical.label(tick);
    parts.push(svgText(left - 6, toY(tick) + 4, text, { size: 11.5, anchor: "end" }));
  }
  for (const tick of horizontal.ticks) {
    parts.push(svgLine([toX(tick), bottom, toX(tick), bottom + 4], colours.frame));
    const text = horizontal.label(tick);
    parts.push(svgText(toX(tick), bottom + 17, text, { size: 11.5, anchor: "middle" }));
  }
  let legend = left;
  for (const { label, colour, points, dashed, broad, filled } of lines) {
    const seen = points.filter(([a, b]) => horizontal.has(a) && vertical.has(b));
    const path = seen.map(([a, b]) => `${round(toX(a))} ${round(toY(b))}`).join("L");
    const style = [
      broad ? 'stroke-width="4" stroke-opacity="0.45"' : 'stroke-width="1.6"',
      dashed ? 'stroke-dasharray="6 4"' : "",
    ].join(" ");
    if (filled && seen.length > 1) {
      const [from, to] = [seen[0], seen[seen.length - 1]].map(([a]) => round(toX(a)));
      parts.push(
        `<path d="M${path}L${to} ${bottom}L${from} ${bottom}Z" fill="${colour}" fill-opacity="0.25"/>`,
      );
    }
    if (seen.length > 0) {
      parts.push(
        `<path d="M${path}" fill="none" stroke="${colour}" stroke-linejoin="round" ${style}/>`,
      );
    }
    if (label === undefined) continue;
    parts.push(
      svgLine([legend, top - 10, legend + 16, top - 10], colour, style),
      svgText(legend + 20, top - 6, label, { size: 11.5, fill: colours.faint }),
    );
    legend += 34 + 6.2 * label.length;
  }
  parts.push(...drawMarks(marks, { toX, toY, place }));
  parts.push(
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="${colours.frame}"/>`,
    svgText(left + width / 2, bottom + 35, x.label, { size: 12.5, anchor: "middle" }),
    svgText(left - 46, top + height / 2, y.label, { size: 12.5, anchor: "middle", turn: -90 }),
  );
  return parts;
}

function drawMarks(
  marks: readonly Mark[],
  { toX, toY, place }: { toX: (x: number) => number; toY: (y: number) => number; place: Place },
): string[] {
  const { left, top, width, height } = place;
  const inside = { left, top, right: left + width, bottom: top + height };
  const points = marks.map(({ at: [x, y], label }) => ({ x: toX(x), y: toY(y), text: label }));
  return placeLabels(points, inside, markSize).flatMap(({ x, y, textX, textY, anchor }, k) => [
    `<circle cx="${round(x)}" cy="${round(y)}" r="5" fill="${marks[k].colour}" stroke="#ffffff"/>`,
    svgText(textX, textY, marks[k].label, { size: markSize, anchor, halo: true }),
  ]);
}

interface Axis {
  readonly ticks: readonly number[];
  label(tick: number): string;
  /** 0 to 1. */
  share(value: number): number;
  has(value: number): boolean;
}

function axisOf(values: readonly number[], logarithmic: boolean): Axis {
  const usable = values.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  const [low, high] = usable.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (usable.length === 0) return { ticks: [], label: tickLabel, share: () => 0, has: () => false };
  return logarithmic ? logarithmicAxis(low, high) : linearAxis([low, high]);
}

function linearAxis([low, high]: Range): Axis {
  const span = high - low || 1;
  return {
    ticks: linearTicks(low, high, 4),
    label: tickLabel,
    share: (value) => (value - low) / span,
    has: Number.isFinite,
  };
}

function logarithmicAxis(low: number, high: number): Axis {
  const bottom = Math.max(Math.log10(low), Math.log10(high) - mostDecades);
  const span = Math.log10(high) - bottom || 1;
  // Few decades have ticks between them.
  const between = span < 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(span / 6));
  const ticks: number[] = [];
  for (let decade = Math.floor(bottom); decade <= bottom + span; decade++) {
    if (decade % every !== 0) continue;
    ticks.push(...between.map((mantissa) => Number(`${mantissa}e${decade}`)));
  }
  const share = (value: number) => (Math.log10(value) - bottom) / span;
  return {
    ticks: ticks.filter((tick) => share(tick) > -1e-9 && share(tick) < 1 + 1e-9),
    label: (tick) => tickLabel(tick),
    share,
    has: (value) => value > 0 && share(value) > -1e-9,
  };
}
