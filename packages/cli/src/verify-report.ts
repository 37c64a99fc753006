import { few, formatBytes, formatCount, formatRate } from "./format.js";
import type { VerifyReport } from "./verify.js";

const holding = {
  exact: "every bit is that of",
  bounded: "no value is off by more than was promised of",
  "best-effort": "nothing is missing, and nothing else is there, that is not in",
};

/** What `fieldzip verify` prints. */
export function verifyText(report: VerifyReport, archive: string, original?: string): string {
  const { chunks, variables, originalBytes, seconds, damage, differences } = report;
  const read =
    `${formatCount(chunks, "chunk")} of ${formatCount(variables.length, "variable")} decoded, ` +
    `${formatBytes(originalBytes)} at ${formatRate(originalBytes, seconds)}`;
  const lines = [read];
  if (damage.length === 0) lines.push("every checksum holds");
  lines.push(...few(damage.map(({ error }) => `damaged: ${error.message}`)));
  if (original !== undefined) {
    if (report.ok) lines.push(`${holding[report.guarantee]} ${original}`);
    lines.push(
      ...few(
        differences.map(
          (d) => `differs: ${d.where}: ${d.expected} in ${original}, ${d.found} here`,
        ),
      ),
    );
  }
  lines.push(`${archive}: ${report.ok ? "good" : "NOT good"}`);
  return lines.join("\n");
}

/** The same for programs. */
export function verifyJson(report: VerifyReport, archive: string, original?: string): object {
  return {
    archive,
    ...(original === undefined ? {} : { original }),
    ...report,
    damage: report.damage.map(({ variable, error }) => ({
      variable,
      tag: error.tag,
      ...error.details,
    })),
  };
}
