import { countOf } from "@fieldzip/core";
import {
  formatBitsPerValue,
  formatBytes,
  formatCount,
  formatRatio,
  formatShape,
} from "../../format.js";
import type { InspectedVariable } from "../../inspect.js";
import { facts, html, type Markup } from "./markup.js";

/** How a variable of an archive was compressed; nothing for one of a file. */
export function compressionFacts({
  name,
  originalBytes,
  shape,
  stored,
}: InspectedVariable): Markup {
  if (!stored) return html``;
  const { bytes, chunk, chunks, shards, jointWith, predictor, guarantee, asked, first, law } =
    stored;
  const sections = Object.entries(stored.sections);
  const bars = sections.map(
    ([, share], k) =>
      html`<i style="width:${(100 * share).toFixed(2)}%;opacity:${(1 / (1 + 0.6 * k)).toFixed(2)}"></i>`,
  );
  const equations = [
    ...(law === undefined
      ? []
      : [["Law between variables, found in the first chunk", `${name} = ${law}`]]),
    ...(first?.equation === undefined
      ? []
      : [["Learned equation of the first chunk, u being the values", first.equation]]),
  ];
  return html`<h3>How it was compressed</h3>
${sections.length > 1 && html`<div class="shares" aria-hidden="true">${bars}</div>`}
${facts([
  ["predictor", first ? `${predictor}, ${first.mode}` : predictor],
  ["guarantee", guarantee],
  [
    "ratio",
    `${formatRatio(originalBytes, bytes)}, ${formatBitsPerValue(bytes, countOf(shape))} bits per value`,
  ],
  [
    "bytes",
    `${formatBytes(originalBytes)} in ${formatBytes(Math.round(bytes))}${jointWith.length > 0 ? ", its share" : ""}`,
  ],
  ...(jointWith.length > 0 ? [["stored with", jointWith.join(", ")] as const] : []),
  [
    "chunks",
    `${formatCount(chunks, "chunk")} of ${formatShape(chunk)} in ${formatCount(shards, "shard")}`,
  ],
  ...(sections.length > 0
    ? [
        [
          "stream",
          sections.map(([section, share]) => `${section} ${(100 * share).toFixed(1)} %`).join(", "),
        ] as const,
      ]
    : []),
  ...Object.entries(first?.details ?? {}).map(([key, value]) => [key, String(value)] as const),
  ...(asked ? [["asked for", settingsOf(asked).join(", ")] as const] : []),
])}
${equations.map(([title, equation]) => html`<h3>${title}</h3>\n<pre>${unbroken(equation)}</pre>`)}`;
}

/** What compress was asked for, every setting with its value. */
function settingsOf(asked: unknown, name = ""): string[] {
  if (typeof asked === "object" && asked !== null && !Array.isArray(asked)) {
    return Object.entries(asked).flatMap(([key, value]) =>
      settingsOf(value, key === "kind" ? name : key),
    );
  }
  return [`${name} ${JSON.stringify(asked).replaceAll('"', "")}`];
}

/** An equation that breaks before its signs, not behind them. */
function unbroken(equation: string): string {
  return equation.replace(/ ([+-]) /g, " $1\u00a0");
}
