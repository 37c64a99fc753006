import type { Progress } from "@fieldzip/core";
import { formatBytes, formatDuration, formatRate } from "./format.js";

export interface ProgressDisplay {
  readonly update: (progress: Progress) => void;
  /** Removes the bar; call it before anything else is printed. */
  end(): void;
}

const redrawMs = 100;
const sparseMs = 30_000;

/** One redrawn line on a terminal; on a file or pipe a line every half minute. */
export function showProgress(
  options: { quiet?: boolean; stream?: NodeJS.WriteStream; now?: () => number } = {},
): ProgressDisplay {
  const { quiet = false, stream = process.stderr, now = () => performance.now() } = options;
  if (quiet) return { update() {}, end() {} };
  const started = now();
  let shown = stream.isTTY ? Number.NEGATIVE_INFINITY : started;
  let drawn = false;
  return {
    update(progress) {
      const time = now();
      if (time - shown < (stream.isTTY ? redrawMs : sparseMs) || progress.total <= 0) return;
      shown = time;
      const seconds = (time - started) / 1000;
      if (stream.isTTY) {
        stream.write(`\r${barLine(progress, seconds, (stream.columns || 80) - 1)}\u001b[K`);
        drawn = true;
      } else {
        stream.write(`${sparseLine(progress, seconds)}\n`);
      }
    },
    end() {
      if (drawn) stream.write("\r\u001b[K");
      drawn = false;
    },
  };
}

function sparseLine(progress: Progress, seconds: number): string {
  const share = `${percent(progress)} of ${formatBytes(progress.total)}`;
  return `fieldzip: ${progress.stage} ${share}, ${speed(progress, seconds)}`;
}

/** ` 43% ━━━━━━━━━━━━━──────────── rho  118 MB/s  0:12 left`, fitted to `width` columns. */
export function barLine(progress: Progress, seconds: number, width: number): string {
  const left = `${percent(progress).padStart(4)} `;
  const name = progress.variable ?? progress.stage;
  const variable = name.length > 20 ? `${name.slice(0, 19)}…` : name;
  const right = ` ${variable}  ${speed(progress, seconds)}`;
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
