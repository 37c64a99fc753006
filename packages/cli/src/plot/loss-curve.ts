import { replaceFile, writeAside } from "@fieldzip/io";
import { formatDuration } from "../format.js";
import type { CurvePoint } from "../training-curve.js";
import { checkEnding } from "./picture-file.js";
import {
  colours,
  linearTicks,
  logarithmicTicks,
  round,
  svgDocument,
  svgLine,
  svgText,
  tickLabel,
} from "./svg.js";

const width = 980;
const height = 420;
const panel = { width: 400, height: 270, top: 88 };
const lefts = [72, 548];

/** Loss and PSNR of the samples over the time of a training; a line a phase. */
export function lossCurvePlot(points: readonly CurvePoint[], title: string): string {
  const shown = points.filter(({ loss, psnr }) => loss > 0 && Number.isFinite(loss + psnr));
  const last = shown.at(-1);
  const state = last
    ? `${last.phase}, step ${last.step}: loss ${last.loss.toExponential(2)}, ${last.psnr.toFixed(2)} dB after ${formatDuration(last.seconds)}`
    : "no steps yet";
  return svgDocument(width, height, title, [
    svgText(lefts[0], 32, title, { size: 18, weight: "bold" }),
    svgText(lefts[0], 54, state, { size: 13, fill: colours.faint }),
    ...curve(shown, lefts[0], { name: "loss, logarithmic", of: ({ loss }) => loss, isLog: true }),
    ...curve(shown, lefts[1], {
      name: "PSNR of the samples, dB",
      of: ({ psnr }) => psnr,
      isLog: false,
    }),
  ]);
}

interface Quantity {
  readonly name: string;
  readonly of: (point: CurvePoint) => number;
  readonly isLog: boolean;
}

function curve(
  points: readonly CurvePoint[],
  left: number,
  { name, of, isLog }: Quantity,
): string[] {
  const { top } = panel;
  const bottom = top + panel.height;
  const values = points.map(of);
  const seconds = Math.max(1, points.at(-1)?.seconds ?? 1);
  const [low, high] = roomyRange(values, isLog);
  const scale = isLog ? Math.log : (value: number) => value;
  const x = (time: number) => left + (time / seconds) * panel.width;
  const y = (value: number) =>
    bottom - ((scale(value) - scale(low)) / (scale(high) - scale(low))) * panel.height;
  const parts: string[] = [svgText(left, top - 10, name, { size: 13, weight: "bold" })];
  for (const tick of linearTicks(0, seconds)) {
    parts.push(svgLine([x(tick), top, x(tick), bottom], colours.grid));
    parts.push(svgText(x(tick), bottom + 18, tickLabel(tick), { anchor: "middle" }));
  }
  for (const tick of isLog ? logarithmicTicks(low, high) : linearTicks(low, high)) {
    parts.push(svgLine([left, y(tick), left + panel.width, y(tick)], colours.grid));
    parts.push(svgText(left - 8, y(tick) + 4, tickLabel(tick), { anchor: "end" }));
  }
  parts.push(
    `<rect x="${left}" y="${top}" width="${panel.width}" height="${panel.height}" fill="none" stroke="${colours.frame}"/>`,
    svgText(left + panel.width / 2, bottom + 40, "seconds", { size: 13, anchor: "middle" }),
  );
  for (const phase of new Set(points.map((point) => point.phase))) {
    const own = points.filter((point) => point.phase === phase);
    const path = own
      .map((point, k) => `${k === 0 ? "M" : "L"}${round(x(point.seconds))} ${round(y(of(point)))}`)
      .join("");
    const colour = phase.startsWith("trial") ? colours.peer : colours.ours;
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6"/>`);
  }
  return parts;
}

function roomyRange(values: readonly number[], isLog: boolean): [number, number] {
  if (values.length === 0) return isLog ? [0.1, 1] : [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (isLog) return [low / 1.2, high * 1.2];
  const room = Math.max(0.5, (high - low) / 20);
  return [low - room, high + room];
}

/** How often the file is rewritten. */
const REWRITE_MS = 3000;

export interface LiveCurve {
  /** Rewrites the file where it is time for it. */
  update(points: readonly CurvePoint[]): void;
  /** Writes it a last time. Throws what went wrong before, too. */
  finish(points: readonly CurvePoint[]): Promise<void>;
}

/**
 * A file that follows a training: written aside and renamed, so that a viewer never sees a part of it. Refused before any
 * work where it exists (without `force`), cannot be written or is no `.svg`.
 */
export async function openLiveCurve(
  target: string,
  title: string,
  options: { force: boolean },
): Promise<LiveCurve> {
  checkEnding(target, "--loss-curve", [".svg"]);
  await (await writeAside(target, options)).discard();
  let written = Number.NEGATIVE_INFINITY;
  let failed: unknown;
  let writing = Promise.resolve();
  const write = (points: readonly CurvePoint[]) =>
    replaceFile(target, lossCurvePlot(points, title));
  return {
    update(points) {
      if (performance.now() - written < REWRITE_MS) return;
      written = performance.now();
      writing = writing
        .then(() => write(points))
        .catch((error) => {
          failed = error;
        });
    },
    async finish(points) {
      await writing;
      if (failed) throw failed;
      await write(points);
    },
  };
}
