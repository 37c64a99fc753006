import { tickLabel } from "@fieldzip/core/render";

/** Four significant digits, with a real minus sign. */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "no value";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return tickLabel(Number(value.toPrecision(digits))).replace(/-/g, "−");
}

/** Decimal: 1 MB = 10^6 bytes. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const) {
    if (bytes >= size) return `${Number((bytes / size).toPrecision(3))} ${unit}`;
  }
  return `${bytes} bytes`;
}

/** `12.3`; nothing where it is not known. */
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined) return "";
  return ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2);
}
