import { replaceFile, writeAside } from "@fieldzip/io";
import { formatDuration } from "../format.js";
import type { CurvePoint } from "../training-curve.js";
import { linePanel } from "./line-panel.js";
import { checkEnding } from "./picture-file.js";
import { colours, svgDocument, svgText } from "./svg.js";

const width = 980;
const height = 430;
const panel = { top: 108, width: 390, height: 250 };
const lefts = [74, 556];
/** How often the file is rewritten. */
const rewriteMs = 3000;

/** Loss and PSNR of the samples over the time of a training: short trials, and the training itself. */
export function lossCurvePlot(points: readonly CurvePoint[], title: string): string {
  const last = points.at(-1);
  const state = last
    ? `${last.phase}, step ${last.step}: loss ${last.loss.toExponential(2)}, ${last.psnr.toFixed(2)} dB after ${formatDuration(last.seconds)}`
    : "no steps yet";
  const phases = [...new Set(points.map(({ phase }) => phase))];
  const first = (isTrial: boolean) => phases.find((phase) => phase.startsWith("trial") === isTrial);
  const of = (value: (point: CurvePoint) => number) =>
    phases.map((phase) => {
      const isTrial = phase.startsWith("trial");
      const name = isTrial ? "trials" : "training";
      return {
        label: phase === first(isTrial) ? name : undefined,
        colour: isTrial ? colours.peer : colours.ours,
        points: points
          .filter((point) => point.phase === phase)
          .map((point) => [point.seconds, value(point)] as const),
      };
    });
  const x = { label: "seconds" };
  return svgDocument(width, height, title, [
    svgText(lefts[0], 32, title, { size: 18, weight: "bold" }),
    svgText(lefts[0], 54, state, { size: 13, fill: colours.faint }),
    ...linePanel({
      ...{ lines: of(({ loss }) => loss), place: { ...panel, left: lefts[0] }, x },
      ...{ title: "loss", y: { label: "logarithmic", logarithmic: true } },
    }),
    ...linePanel({
      ...{ lines: of(({ psnr }) => psnr), place: { ...panel, left: lefts[1] }, x },
      ...{ title: "PSNR of the samples", y: { label: "dB" } },
    }),
  ]);
}

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
      if (performance.now() - written < rewriteMs) return;
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
