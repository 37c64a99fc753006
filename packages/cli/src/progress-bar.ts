import type { Progress, TrainingFigures } from "@fieldzip/core";
import { formatBytes, formatCount, formatDuration, formatQuantity, formatRate } from "./format.js";
import { createCurve, curveLine } from "./training-curve.js";

export interface ProgressDisplay {
  readonly update: (progress: Progress) => void;
  /** Removes the bar; call it before anything else is printed. */
  end(): void;
}

const redrawMs = 100;
const sparseMs = 30_000;

/** Most characters of the loss curve below the bar. */
const curveWidth = 60;

/**
 * One redrawn line on a terminal, and below it the loss over time while a network is trained; on a file or pipe a line
 * every half minute.
 */
export function showProgress(
  options: { quiet?: boolean; stream?: NodeJS.WriteStream; now?: () => number } = {},
): ProgressDisplay {
  const { quiet = false, stream = process.stderr, now = () => performance.now() } = options;
  if (quiet) return { update() {}, end() {} };
  const started = now();
  let shown = stream.isTTY ? Number.NEGATIVE_INFINITY : started;
  /** Lines on the terminal that are ours. */
  let drawn = 0;
  const curve = createCurve(now);
  const clear = () => (drawn === 0 ? "" : `\r\u001b[K${"\u001b[1A\u001b[K".repeat(drawn - 1)}`);
  return {
    update(progress) {
      if (progress.training) curve.add(progress.training);
      const time = now();
      if (time - shown < (stream.isTTY ? redrawMs : sparseMs) || progress.total <= 0) return;
      shown = time;
      const seconds = (time - started) / 1000;
      if (stream.isTTY) {
        const width = (stream.columns || 80) - 1;
        const below = curveLine(
          progress.training ? curve.points : [],
          Math.min(curveWidth, width - 8),
        );
        const lines = [barLine(progress, seconds, width), ...(below ? [`   loss ${below}`] : [])];
        stream.write(`${clear()}\r${lines.map((line) => `${line}\u001b[K`).join("\r\n")}`);
        drawn = lines.length;
      } else {
        stream.write(`${sparseLine(progress, seconds)}\n`);
      }
    },
    end() {
      if (drawn > 0) stream.write(clear());
      drawn = 0;
    },
  };
}

function sparseLine(progress: Progress, seconds: number): string {
  if (progress.training)
    return `fieldzip: ${percent(progress)}, ${trainingText(progress.training)}`;
  const share = `${percent(progress)} of ${formatBytes(progress.total)}`;
  return `fieldzip: ${progress.stage} ${share}, ${speed(progress, seconds)}`;
}

/** ` 43% ━━━━━━━━━━━━━──────────── rho  118 MB/s  0:12 left`, fitted to `width` columns. */
export function barLine(progress: Progress, seconds: number, width: number): string {
  const left = `${percent(progress).padStart(4)} `;
  const name = progress.variable ?? progress.stage;
  const variable = name.length > 20 ? `${name.slice(0, 19)}…` : name;
  const right = progress.training
    ? ` ${trainingText(progress.training)}`
    : ` ${variable}  ${speed(progress, seconds)}`;
  const room = Math.min(width - left.length - right.length, 40);
  if (room < 4) return (left + right.trimStart()).slice(0, width);
  const full = Math.round(Math.min(1, progress.done / progress.total) * room);
  return `${left}${"━".repeat(full)}${"─".repeat(room - full)}${right}`;
}

function percent({ done, total }: Progress): string {
  return `${Math.floor(Math.min(1, done / total) * 100 + 1e-9)}%`;
}

function speed({ done, total }: Progress, seconds: number): string {
  const rate = formatRate(done, seconds);
  // Half a second of work says too little about the rest of it.
  if (done === 0 || seconds < 0.5) return rate;
  return `${rate}  ${formatDuration((seconds * (total - done)) / done)} left`;
}

/** `train 812/1500  loss 1.2e-4  41.3 dB  310k samples/s  0:40 left` */
function trainingText(training: TrainingFigures): string {
  const { phase, step, steps, loss, psnr, samplesPerSecond, secondsLeft, rollbacks } = training;
  return [
    `${phase} ${step}/${steps}`,
    `loss ${loss.toExponential(1)}`,
    `${psnr.toFixed(1)} dB`,
    `${formatQuantity(samplesPerSecond)} samples/s`,
    `${formatDuration(secondsLeft)} left`,
    ...(rollbacks > 0 ? [`diverged, gone back ${formatCount(rollbacks, "time")}`] : []),
  ].join("  ");
}
