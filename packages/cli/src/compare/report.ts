import { few, formatCount, formatNumber, formatRatio, formatTable } from "../format.js";
import type { Comparison, FieldMeasures, VariableComparison } from "./compare.js";

/** Steps of a single variable that get a line each. */
const mostSteps = 50;

/** What is compared. */
export interface Compared {
  readonly original: string;
  readonly decoded: string;
  /** Where `decoded` is an archive: original bytes / archive bytes. */
  readonly sizes?: { readonly originalBytes: number; readonly archiveBytes: number };
}

/** The mean PSNR in dB of the variables that differ; infinite where none does. */
export function meanPsnr({ variables }: Comparison): number {
  const differing = variables.filter(isMeasured);
  const sum = differing.reduce((all, { difference }) => all + difference.psnr, 0);
  return differing.length > 0 ? sum / differing.length : Number.POSITIVE_INFINITY;
}

/** Whether a variable has a line: its bits differ, and it has numbers that can. */
export function isMeasured({ equal, difference }: VariableComparison): boolean {
  return !equal && difference.count > 0;
}

/** What `fieldzip compare` prints. */
export function comparisonText(comparison: Comparison, compared: Compared): string {
  const { variables, facts, equal } = comparison;
  const { original, decoded, sizes } = compared;
  const ratio = sizes
    ? `, an archive of ratio ${formatRatio(sizes.originalBytes, sizes.archiveBytes)}`
    : "";
  const parts = [`${decoded}${ratio}, against ${original}`];
  const measured = variables.filter(isMeasured);
  const rows = measured.flatMap((variable) => rowsOf(variable, measured.length === 1));
  if (rows.length > 0) parts.push("", valueTable(rows));
  if (rows.some(({ measures }) => measures.similarity || measures.spectrum)) {
    parts.push("", structureTable(rows));
  }
  if (measured.some(({ picture }) => picture)) parts.push("", pictureTable(measured));
  parts.push("");
  if (measured.length > 1) {
    parts.push(
      `mean PSNR ${decibel(meanPsnr(comparison))} dB over ${formatCount(measured.length, "variable")} that differ`,
    );
  }
  const others = variables.filter((variable) => !variable.equal && !isMeasured(variable));
  for (const { name, bits } of others) {
    parts.push(`${name}: ${bits?.differingValues} of ${bits?.values} values differ`);
  }
  const same = variables.filter((variable) => variable.equal).map(({ name }) => name);
  if (equal) parts.push(`every bit is equal: ${formatCount(same.length, "variable")}`);
  else if (same.length > 0) {
    const all = same.length === variables.length;
    parts.push(`equal bits: ${all ? "every value of " : ""}${few(same, 12).join(", ")}`);
  }
  parts.push(
    ...few(
      facts.map(
        (d) => `differs: ${d.where}: ${d.expected} in ${original}, ${d.found} in ${decoded}`,
      ),
    ),
  );
  return parts.join("\n");
}

interface Row {
  readonly label: string;
  readonly measures: FieldMeasures;
}

function rowsOf(variable: VariableComparison, alone: boolean): Row[] {
  const label = variable.units ? `${variable.name} [${variable.units}]` : variable.name;
  const rows: Row[] = [{ label, measures: variable }];
  const { fields } = variable;
  if (!alone || fields.length < 2 || fields.length > mostSteps) return rows;
  return [
    ...rows,
    ...fields.map((field) => ({
      label: `  ${Object.entries(field.at)
        .map(([axis, place]) => `${axis} ${place}`)
        .join(", ")}`,
      measures: field,
    })),
  ];
}

function valueTable(rows: readonly Row[]): string {
  const missing = rows.some(
    ({ measures }) => measures.missing.original + measures.missing.decoded > 0,
  );
  return formatTable(
    [
      { title: "variable" },
      ...["PSNR dB", "RMSE", "MSE", "max error", "of range", "differing"].map(right),
      ...(missing ? [right("missing")] : []),
    ],
    rows.map(({ label, measures: { difference, bits, missing: gaps } }) => [
      label,
      decibel(difference.psnr),
      ...[difference.rmse, difference.mse, difference.maxError].map(formatNumber),
      percent(difference.maxError / (difference.max - difference.min)),
      bits ? percent(bits.differingValues / bits.values) : "other type",
      ...(missing ? [missingText(gaps)] : []),
    ]),
  );
}

function structureTable(rows: readonly Row[]): string {
  const axes = [
    ...new Set(rows.flatMap(({ measures }) => Object.keys(measures.similarity?.slices ?? {}))),
  ];
  const volumes = rows.some(({ measures }) => measures.similarity?.volume !== undefined);
  return formatTable(
    [
      { title: "variable" },
      ...axes.map((axis) => right(axis === "whole" ? "SSIM" : `SSIM across ${axis}`)),
      ...(volumes ? [right("SSIM 3-D")] : []),
      ...["spectrum off", "true to k", "sum off"].map(right),
    ],
    rows.map(({ label, measures: { similarity, spectrum, sum } }) => [
      label,
      ...axes.map((axis) => similarityText(similarity?.slices[axis])),
      ...(volumes ? [similarityText(similarity?.volume)] : []),
      spectrum ? percent(spectrum.error) : "-",
      spectrum ? `${spectrum.faithfulTo} of ${spectrum.waveNumbers}` : "-",
      formatNumber(sum.relativeError),
    ]),
  );
}

function pictureTable(variables: readonly VariableComparison[]): string {
  return formatTable(
    [
      { title: "variable" },
      ...["picture PSNR dB", "picture MSE", "picture SSIM"].map(right),
      { title: "picture" },
    ],
    variables.flatMap(({ name, picture }) => {
      if (!picture) return [];
      const { mode, at, width, height, psnr, mse, ssim } = picture;
      const step = Object.entries(at).map(([axis, place]) => `, ${axis} ${place}`);
      return [
        [
          ...[name, decibel(psnr), formatNumber(mse), similarityText(ssim)],
          `${mode}, ${width} x ${height}${step.join("")}`,
        ],
      ];
    }),
  );
}

function right(title: string) {
  return { title, align: "right" } as const;
}

export function decibel(psnr: number): string {
  if (Number.isFinite(psnr)) return psnr.toFixed(2);
  return psnr > 0 ? "infinite" : "-";
}

export function similarityText(similarity: number | undefined): string {
  return similarity === undefined || Number.isNaN(similarity) ? "-" : similarity.toFixed(6);
}

/** A share of 1: `0.0312 %`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${formatNumber(100 * share)} %` : "-";
}

/** How many values are missing in both, or where the two do not agree. */
export function missingText({ original, decoded, both }: FieldMeasures["missing"]): string {
  if (original === both && decoded === both) return String(both);
  return `${original} -> ${decoded}, ${both} in both`;
}

/** The same for programs: what is not finite stands as text. */
export function comparisonJson(comparison: Comparison, compared: Compared): object {
  const { original, decoded, sizes } = compared;
  return plain({
    ...{ original, decoded },
    ratio: sizes && sizes.originalBytes / sizes.archiveBytes,
    meanPsnr: meanPsnr(comparison),
    ...comparison,
  }) as object;
}

function plain(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
