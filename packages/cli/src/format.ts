/** Numbers and tables for people. Units are decimal: 1 MB = 10^6 bytes. */

const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `812 B`, `1.53 MB`, `12.4 GB`: three significant digits. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : threeDigits(value)} ${byteUnits[unit]}`;
}

/** `118 MB/s` */
export function formatRate(bytes: number, seconds: number): string {
  return `${threeDigits(bytes / 1e6 / Math.max(seconds, 1e-9))} MB/s`;
}

/** `812`, `1.53k`, `12.4M`: three significant digits. */
export function formatQuantity(count: number): string {
  const units = ["", "k", "M", "G"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)}${units[unit]}`;
}

/** Original bytes / archive bytes: `3.42`; `-` where there is nothing to divide by. */
export function formatRatio(original: number, archived: number): string {
  return archived > 0 ? (original / archived).toFixed(original < 100 * archived ? 2 : 0) : "-";
}

/** Archive bits per value: `9.36`; `-` for no values. */
export function formatBitsPerValue(archived: number, values: number): string {
  return values > 0 ? ((archived * 8) / values).toFixed(2) : "-";
}

/** `0:09`, `12:40`, `3:05:00`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  if (whole >= 3600) parts.unshift(Math.floor(whole / 3600));
  return parts.map((part, i) => (i === 0 ? `${part}` : String(part).padStart(2, "0"))).join(":");
}

export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join(" x ");
}

/** `1 variable`, `2 variables`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** `0.9983`, `1.204e-7`: four significant digits; `-` for NaN. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "-";
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(4)));
  return Number.isFinite(value) ? value.toExponential(3).replace("e+", "e") : "infinite";
}

/** The first texts of a list, and how many more there are. */
export function few(texts: readonly string[], most = 10): string[] {
  if (texts.length <= most) return [...texts];
  return [...texts.slice(0, most), `... and ${texts.length - most} more`];
}

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/**
 * A table with aligned columns and a head. Where it is wider than `width`, the widest left-aligned
 * cells are cut with `…`; numbers never are.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const gap = 2;
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map((row) => row[i].length)),
  );
  const total = () => widths.reduce((sum, w) => sum + w, gap * (columns.length - 1));
  for (let over = total() - width; over > 0; over--) {
    let widest = -1;
    columns.forEach(({ title, align }, i) => {
      const canShrink = align !== "right" && widths[i] > Math.max(title.length, 8);
      if (canShrink && (widest < 0 || widths[i] > widths[widest])) widest = i;
    });
    if (widest < 0) break;
    widths[widest]--;
  }
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const cut = cell.length > widths[i] ? `${cell.slice(0, widths[i] - 1)}…` : cell;
        return columns[i].align === "right" ? cut.padStart(widths[i]) : cut.padEnd(widths[i]);
      })
      .join(" ".repeat(gap))
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join("\n");
}

/** Columns of the terminal; for a file or a pipe, as many as it takes. */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number {
  return stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY;
}

/**
 * Breaks a text so that no line is longer than `width`, but for words that are: at spaces, or at
 * those of them that match `breaks`.
 */
export function wrapText(text: string, width: number, breaks: string | RegExp = " "): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(breaks)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
