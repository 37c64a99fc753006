import { type CompressReport, countOf } from "@fieldzip/core";
import {
  formatBitsPerValue,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatRatio,
  formatShape,
  formatTable,
} from "./format.js";

/** What `fieldzip compress` prints at the end: a line per variable, and what it came to. */
export function reportTable(report: CompressReport, target: string): string {
  const rows = report.variables.map((variable) => [
    variable.name,
    variable.dataType,
    formatShape(variable.shape),
    formatBytes(variable.originalBytes),
    formatRatio(variable.originalBytes, variable.archiveBytes),
    formatBitsPerValue(variable.archiveBytes, countOf(variable.shape)),
    variable.predictor,
  ]);
  const table = formatTable(
    [
      { title: "variable" },
      { title: "type" },
      { title: "shape" },
      { title: "original", align: "right" },
      { title: "ratio", align: "right" },
      { title: "bits/value", align: "right" },
      { title: "predictor" },
    ],
    rows,
  );
  const { originalBytes, archiveBytes, seconds } = report;
  const time = seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
  return [
    table,
    "",
    `${formatCount(rows.length, "variable")}, ${formatBytes(originalBytes)} -> ` +
      `${formatBytes(archiveBytes)}: ratio ${formatRatio(originalBytes, archiveBytes)}, ` +
      `${formatRate(originalBytes, seconds)} (${time})`,
    `written to ${target}`,
  ].join("\n");
}
