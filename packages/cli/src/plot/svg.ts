/** Parts of pictures: text in SVG, and ticks on axes. */
export { linearTicks, logarithmicTicks, tickLabel } from "@fieldzip/core/render";

export const colours = {
  background: "#ffffff",
  text: "#1f2937",
  faint: "#6b7280",
  grid: "#e5e7eb",
  frame: "#9ca3af",
  absent: "#dee1e6",
  ours: "#c2410c",
  peer: "#3b5b7e",
  bars: "#3b5b7e",
} as const;

/**
 * A part of a picture whose colours are the properties `--text`, `--faint`, … of the page that it stands in, so
 * that it follows the page into the dark.
 */
export function themed(svg: string): string {
  let out = svg;
  for (const [name, colour] of Object.entries(colours)) {
    out = out.replaceAll(`"${colour}"`, `"var(--${name})"`);
  }
  return out;
}

/** What fonts are called everywhere; nothing is loaded. */
export const fontFamily = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

export function escapeXml(text: string): string {
  return (
    text
      // Control characters may not stand in XML at all.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are meant
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;")
      .replace(/\p{Surrogate}/gu, "\ufffd")
  );
}

export interface TextStyle {
  readonly size?: number;
  readonly fill?: string;
  readonly weight?: "bold";
  readonly anchor?: "start" | "middle" | "end";
  /** Degrees, about the place itself. */
  readonly turn?: number;
  readonly mono?: boolean;
  /** A rim of the background's colour, so that lines do not strike it through. */
  readonly halo?: boolean;
}

export function svgText(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 12, fill = colours.text, weight, anchor = "start", turn, mono, halo } = style;
  const extra = [
    weight ? ` font-weight="${weight}"` : "",
    anchor === "start" ? "" : ` text-anchor="${anchor}"`,
    turn ? ` transform="rotate(${turn} ${round(x)} ${round(y)})"` : "",
    mono
      ? ` font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" xml:space="preserve"`
      : "",
    halo
      ? ` paint-order="stroke" stroke="${colours.background}" stroke-width="3" stroke-linejoin="round"`
      : "",
  ].join("");
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"${extra}>${escapeXml(text)}</text>`;
}

export function svgLine(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  stroke: string,
  extra = "",
): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"${extra ? ` ${extra}` : ""}/>`;
}

/** A whole picture on a light ground. */
export function svgDocument(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${fontFamily}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${colours.background}"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** Width of a text in pixels, about: fonts differ. */
export function textWidth(text: string, size: number): number {
  return text.length * size * 0.55;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
