import type { Panel } from "../../plot/comparison-panels.js";
import { escapeXml, themed } from "../../plot/svg.js";
import { style } from "./style.js";

/** Text that is markup already, and safe. */
export interface Markup {
  readonly markup: string;
}

/** A template whose texts are escaped, and whose markup is not. */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Markup {
  return {
    markup: strings
      .map((text, k) => text + (k < values.length ? inserted(values[k]) : ""))
      .join(""),
  };
}

function inserted(value: unknown): string {
  if (value === undefined || value === false) return "";
  if (Array.isArray(value)) return value.map(inserted).join("");
  if (typeof value === "object" && value !== null) return (value as Markup).markup;
  return escapeXml(String(value));
}

/** Names and what is said of them. */
export function facts(entries: readonly (readonly [string, unknown])[]): Markup {
  const items = entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`);
  return html`<dl class="facts">${items}</dl>`;
}

export interface TableRow {
  readonly head: Markup | string;
  readonly cells: readonly string[];
}

export function table(
  caption: string,
  titles: readonly string[],
  rows: readonly TableRow[],
): Markup {
  const head = titles.map((title) => html`<th scope="col">${title}</th>`);
  const body = rows.map(
    ({ head: first, cells }) =>
      html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
  );
  return html`<p class="caption">${caption}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>
`;
}

/** A panel as a picture of its own. */
export function figure({ width, height, parts }: Panel, label: string): Markup {
  const drawn = { markup: themed(parts.join("\n")) };
  return html`<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}" font-family="inherit">
${drawn}
</svg></figure>
`;
}

/** The page, which asks for nothing: no script, no font, no address. */
export function page(title: string, content: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<main>
${content}</main>
</body>
</html>
`.markup;
}
