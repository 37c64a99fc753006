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
  lawText,
} from "./format.js";

/** Variables below this share of the bytes, if there are a few of them, come as one line. */
const smallShare = 0.002;
const fewestHidden = 3;

/** What `fieldzip compress` prints at the end: a line per variable, and what it came to. */
export function reportTable(report: CompressReport, target: string): string {
  const { originalBytes, archiveBytes, seconds } = report;
  const small = report.variables.filter(
    (variable) => variable.originalBytes < smallShare * originalBytes,
  );
  const hidden = new Set(small.length >= fewestHidden ? small : []);
  const shown = report.variables.filter((variable) => !hidden.has(variable));
  const rows = shown.map((variable) => [
    variable.name,
    variable.dataType,
    formatShape(variable.shape),
    formatBytes(variable.originalBytes),
    formatRatio(variable.originalBytes, variable.archiveBytes),
    formatBitsPerValue(variable.archiveBytes, countOf(variable.shape)),
    variable.predictor,
  ]);
  if (hidden.size > 0) {
    const bytes = [...hidden].reduce((sum, variable) => sum + variable.originalBytes, 0);
    const archived = [...hidden].reduce((sum, variable) => sum + variable.archiveBytes, 0);
    rows.push([
      `${hidden.size} small ones`,
      "",
      "",
      formatBytes(bytes),
      formatRatio(bytes, archived),
      "",
      "",
    ]);
  }
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
  const joint = report.joint.flatMap(({ variables, saves, laws }) => [
    `stored jointly: ${variables.join(", ")}${
      saves === undefined ? "" : ` (${(100 * saves).toFixed(0)} % smaller on a sample)`
    }`,
    ...laws.map(({ variable, terms }) => `  ${variable} = ${lawText(terms)}`),
  ]);
  const time = seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
  return [
    table,
    "",
    ...joint,
    `${formatCount(report.variables.length, "variable")}, ${formatBytes(originalBytes)} -> ` +
      `${formatBytes(archiveBytes)}: ratio ${formatRatio(originalBytes, archiveBytes)}, ` +
      `${formatRate(originalBytes, seconds)} (${time})`,
    `written to ${target}`,
  ].join("\n");
}
