/** What a result file says about where it came from. */
import { execFileSync } from "node:child_process";
import { cpus, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} command the command as a reader would type it: environment variables unexpanded */
export function provenance(command) {
  return {
    command,
    date: new Date().toISOString().slice(0, 10),
    commit: git("rev-parse", "--short=12", "HEAD"),
    uncommittedChanges: git("status", "--porcelain", "--", "packages") !== "",
    machine: {
      cpu: cpus()[0].model.trim(),
      cores: cpus().length,
      memoryGB: Math.round(totalmem() / 1e9),
      platform: `${platform()} ${process.arch}`,
    },
    node: process.version,
  };
}

/** Arguments of this process as a reader would type them. */
export function typedArguments() {
  return process.argv
    .slice(2)
    .map((text) => (/[\s*]/.test(text) ? `"${text}"` : text))
    .join(" ");
}

function git(...args) {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
