import type { TrainingFigures } from "@fieldzip/core";

/** How a training went so far. */
export interface CurvePoint {
  /** Since the first report. */
  readonly seconds: number;
  readonly phase: string;
  readonly step: number;
  readonly loss: number;
  /** dB. */
  readonly psnr: number;
}

/** More points than a picture has room for; then every second one goes. */
const MOST_POINTS = 600;

export interface TrainingCurve {
  add(figures: TrainingFigures): void;
  readonly points: readonly CurvePoint[];
}

export function createCurve(now: () => number = () => performance.now()): TrainingCurve {
  let points: CurvePoint[] = [];
  let started: number | undefined;
  let every = 1;
  let skipped = 0;
  return {
    get points() {
      return points;
    },
    add({ phase, step, loss, psnr }) {
      started ??= now();
      skipped++;
      const sameAsLast = points.at(-1)?.phase === phase;
      if (skipped < every && sameAsLast) return;
      skipped = 0;
      points.push({ seconds: (now() - started) / 1000, phase, step, loss, psnr });
      if (points.length > MOST_POINTS) {
        points = points.filter((_, k) => k % 2 === 0);
        every *= 2;
      }
    },
  };
}

const blocks = "▁▂▃▄▅▆▇█";

/** The loss over time in one line of `width` characters: a block an interval, on a logarithmic scale. */
export function curveLine(points: readonly CurvePoint[], width: number): string {
  const shown = points.filter(({ loss }) => loss > 0 && Number.isFinite(loss));
  if (shown.length < 2 || width < 1) return "";
  const end = shown.at(-1)!.seconds || 1;
  const columns = new Array<number>(width).fill(Number.NaN);
  for (const { seconds, loss } of shown) {
    const column = Math.min(width - 1, Math.floor((seconds / end) * width));
    columns[column] = Math.log(loss);
  }
  // Where nothing was reported the curve stays where it was.
  let last = Math.log(shown[0].loss);
  const levels = columns.map((level) => {
    last = Number.isNaN(level) ? last : level;
    return last;
  });
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const most = blocks.length - 1;
  return levels
    .map((level) => blocks[high > low ? Math.round(((level - low) / (high - low)) * most) : 0])
    .join("");
}
