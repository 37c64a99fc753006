import { countOf } from "@fieldzip/core";
import {
  formatBitsPerValue,
  formatBytes,
  formatCount,
  formatRatio,
  formatShape,
  formatTable,
  terminalWidth,
  wrapText,
} from "./format.js";
import type { AttributeValue, InspectedVariable, Inspection } from "./inspect.js";

const longestAttribute = 200;
/** Attributes of the dataset that are shown; model output often has a hundred. */
const fewAttributes = 12;
const longestLine = 100;
/** Columns of the labels on the left. */
const indent = 14;

/** What `fieldzip inspect` prints; `details` adds all that is known about each variable. */
export function inspectionText(inspection: Inspection, details: boolean): string {
  const { location, format, archive, dimensions, attributes, variables } = inspection;
  const { originalBytes, storedBytes } = inspection;
  const size =
    archive && storedBytes !== undefined
      ? `${formatBytes(originalBytes)} of values in ${formatBytes(storedBytes)}: ratio ` +
        formatRatio(originalBytes, storedBytes)
      : `${formatBytes(originalBytes)} of values`;
  const parts = [
    `${location}: ${archive ? `archive, from ${format}` : format}`,
    size,
    "",
    labelled(
      "dimensions",
      dimensions
        .map(({ name, size, unlimited }) => `${name} ${size}${unlimited ? " (unlimited)" : ""}`)
        .join(", ") || "none",
    ),
    ...attributeLines("attributes", attributes, fewAttributes),
    "",
    archive ? archiveTable(variables) : fileTable(variables),
  ];
  if (details) parts.push(...variables.flatMap((variable) => ["", ...detailsOf(variable)]));
  else if (archive) parts.push(...operatorsOf(variables));
  return parts.join("\n");
}

function archiveTable(variables: readonly InspectedVariable[]): string {
  return formatTable(
    [
      { title: "variable" },
      { title: "type" },
      { title: "shape" },
      { title: "ratio", align: "right" },
      { title: "bits/value", align: "right" },
      { title: "predictor" },
      { title: "chunks", align: "right" },
      { title: "shards", align: "right" },
    ],
    variables.map(({ name, dataType, shape, originalBytes, stored }) => [
      name,
      dataType,
      formatShape(shape),
      stored ? formatRatio(originalBytes, stored.bytes) : "-",
      stored ? formatBitsPerValue(stored.bytes, countOf(shape)) : "-",
      stored ? storedHow(stored) : "-",
      String(stored?.chunks ?? "-"),
      String(stored?.shards ?? "-"),
    ]),
  );
}

function storedHow({
  predictor,
  jointWith,
  guarantee,
}: NonNullable<InspectedVariable["stored"]>): string {
  const joint = jointWith.length > 0 ? ["joint"] : [];
  return [predictor, ...joint, ...(guarantee === "exact" ? [] : [guarantee])].join(", ");
}

function fileTable(variables: readonly InspectedVariable[]): string {
  return formatTable(
    [
      { title: "variable" },
      { title: "type" },
      { title: "shape" },
      { title: "bytes", align: "right" },
      { title: "dimensions" },
      { title: "units" },
    ],
    variables.map(({ name, dataType, shape, dimensions, attributes, originalBytes }) => [
      name,
      dataType,
      formatShape(shape),
      formatBytes(originalBytes),
      dimensions.join(", "),
      attributes.units?.join(", ") ?? "",
    ]),
  );
}

/** Laws between variables, and the learned operator of every variable that has one, as an equation for its values u. */
function operatorsOf(variables: readonly InspectedVariable[]): string[] {
  const lawful = variables.filter(({ stored }) => stored?.law);
  const laws = lawful.map(({ name, stored }) => indented(`${name} = ${stored!.law!}`));
  if (laws.length > 0) laws.unshift("", "Laws between variables, as the first chunk has them:");
  const learned = variables.filter(({ stored }) => stored?.first?.equation);
  if (learned.length === 0) return laws;
  return [
    ...laws,
    "",
    "The learned equation of each variable's first chunk, u being its values:",
    ...learned.flatMap(({ name, stored }) => [`  ${name}`, indented(stored!.first!.equation!)]),
  ];
}

function detailsOf(variable: InspectedVariable): string[] {
  const { name, dimensions, attributes, stored } = variable;
  const lines = [name, labelled("  dimensions", dimensions.join(", ") || "none (a scalar)")];
  lines.push(...attributeLines("  attributes", attributes));
  if (!stored) return lines;
  const { chunk, chunks, shards, jointWith, predictor, sampledChunks, sections, first } = stored;
  lines.push(
    labelled(
      "  chunks",
      `${formatCount(chunks, "chunk")} of ${formatShape(chunk)} in ${formatCount(shards, "shard")}`,
    ),
  );
  if (jointWith.length > 0) lines.push(labelled("  joint with", jointWith.join(", ")));
  lines.push(labelled("  predictor", first ? `${predictor}, ${first.mode}` : predictor));
  lines.push(labelled("  guarantee", stored.guarantee));
  if (sampledChunks > 0) {
    const shares = Object.entries(sections).map(
      ([section, share]) => `${section} ${(share * 100).toFixed(1)} %`,
    );
    const of = sampledChunks < chunks ? ` (${sampledChunks} of ${chunks} chunks)` : "";
    lines.push(labelled("  sections", shares.join(", ") + of));
  }
  for (const [key, value] of Object.entries(first?.details ?? {})) {
    lines.push(labelled(`  ${key}`, String(value)));
  }
  if (stored.law)
    lines.push("  law, found in the first chunk:", indented(`${name} = ${stored.law}`));
  if (first?.equation) lines.push("  equation, u being the values:", indented(first.equation));
  return lines;
}

/** An equation, broken before its signs. */
function indented(equation: string): string {
  return wrapText(equation, lineWidth() - 6, / (?=[+-] )/)
    .map((line, i) => (i === 0 ? "    " : "      ") + line)
    .join("\n");
}

function lineWidth(): number {
  return Math.min(terminalWidth(), longestLine);
}

/** A label and a text beside it, wrapped to the terminal. */
function labelled(label: string, text: string): string {
  const head = label.length < indent ? label.padEnd(indent) : `${label}  `;
  return wrapText(text, lineWidth() - head.length)
    .map((line, i) => (i === 0 ? head : " ".repeat(head.length)) + line)
    .join("\n");
}

function attributeLines(
  label: string,
  attributes: Inspection["attributes"],
  most = Number.POSITIVE_INFINITY,
): string[] {
  // All of them is a matter of reading; a few are an overview, a line each.
  const width = most === Number.POSITIVE_INFINITY ? longestAttribute : lineWidth() - indent;
  const names = Object.keys(attributes);
  const lines = names
    .slice(0, most)
    .map((name, i) => labelled(i === 0 ? label : "", attributeText(name, attributes[name], width)));
  if (names.length <= most) return lines;
  return [...lines, labelled("", `... and ${names.length - most} more, see --json`)];
}

function attributeText(name: string, values: readonly AttributeValue[], width: number): string {
  const shown = values.map((value) => (typeof value === "string" ? JSON.stringify(value) : value));
  const text = `${name} = ${shown.join(", ")}`;
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
