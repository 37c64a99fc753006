import { type CompressReport, countOf, lawText, type Notice } from "@fieldzip/core";
import {
  type Column,
  formatBitsPerValue,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatRate,
  formatRatio,
  formatShape,
  formatTable,
} from "./format.js";

const lossyColumns: readonly Column[] = [
  { title: "PSNR dB", align: "right" },
  { title: "max error", align: "right" },
];

function differenceCells({ difference }: CompressReport["variables"][number]): string[] {
  if (!difference || Number.isNaN(difference.min)) return ["", ""];
  const { psnr, maxError } = difference;
  return [psnr === Number.POSITIVE_INFINITY ? "exact" : psnr.toFixed(2), maxError.toPrecision(3)];
}

/** What became of the promise, where it is not that every bit comes back. */
function qualityOf({ guarantee, variables, originalBytes, archiveBytes }: CompressReport): {
  lossy: boolean;
  lines: string[];
} {
  if (guarantee.kind === "exact") return { lossy: false, lines: [] };
  const psnrs = variables
    .map(({ difference }) => difference?.psnr ?? Number.NaN)
    .filter(Number.isFinite);
  const mean = psnrs.reduce((sum, psnr) => sum + psnr, 0) / psnrs.length;
  const lines =
    psnrs.length > 0
      ? [`PSNR ${mean.toFixed(2)} dB on average, ${Math.min(...psnrs).toFixed(2)} dB at the least`]
      : [];
  if (guarantee.kind === "bounded") {
    const unit = guarantee.boundKind === "range" ? " of each variable's range" : "";
    return {
      lossy: true,
      lines: [...lines, `bounded: no value is off by more than ${guarantee.bound}${unit}`],
    };
  }
  const { psnr, ratio } = guarantee.goal;
  if (psnr !== undefined && mean < psnr - NEAR_PSNR) {
    lines.push(`goal missed: ${psnr} dB asked for, ${mean.toFixed(2)} dB reached`);
  }
  const reached = originalBytes / archiveBytes;
  if (ratio !== undefined && Math.abs(reached / ratio - 1) > NEAR_RATIO) {
    lines.push(`goal missed: ratio ${ratio} asked for, ${reached.toFixed(2)} reached`);
  }
  return { lossy: true, lines };
}

/** How far off a goal may be to count as reached: dB, and a share of the ratio. */
const NEAR_PSNR = 0.05;
const NEAR_RATIO = 0.02;

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
  const { lossy, lines: quality } = qualityOf(report);
  const rows = shown.map((variable) => [
    variable.name,
    variable.dataType,
    formatShape(variable.shape),
    formatBytes(variable.originalBytes),
    formatRatio(variable.originalBytes, variable.archiveBytes),
    formatBitsPerValue(variable.archiveBytes, countOf(variable.shape)),
    ...(lossy ? differenceCells(variable) : []),
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
      ...(lossy ? ["", ""] : []),
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
      ...(lossy ? lossyColumns : []),
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
    ...quality,
    `${formatCount(report.variables.length, "variable")}, ${formatBytes(originalBytes)} -> ` +
      `${formatBytes(archiveBytes)}: ratio ${formatRatio(originalBytes, archiveBytes)}, ` +
      `${formatRate(originalBytes, seconds)} (${time})`,
    `written to ${target}`,
  ].join("\n");
}

/** What to do about a value that looks as if it stood for missing ones. */
export function noticeText({
  variable,
  value,
  count,
  values,
  range,
  rangeWithout,
}: Notice): string {
  const written = shortest(value);
  return (
    `warning: ${variable}: ${count} of ${values} values are ${written} and stretch its range from ` +
    `${formatNumber(rangeWithout)} to ${formatNumber(range)}, which bounds and PSNR are relative to; ` +
    `if they stand for missing values, say so: --fill-value ${variable}=${written}`
  );
}

/** The fewest digits that are the same value, in single precision if it is one of that. */
function shortest(value: number): string {
  const isSame = (other: number) =>
    other === value || (Math.fround(value) === value && Math.fround(other) === value);
  for (let digits = 1; digits < 17; digits++) {
    const number = Number(value.toPrecision(digits));
    if (isSame(number)) return Math.abs(number) < 1e9 ? String(number) : exponential(number);
  }
  return String(value);
}

function exponential(number: number): string {
  return number.toExponential().replace("e+", "e");
}
