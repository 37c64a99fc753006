import { linearTicks, logarithmicTicks, tickLabel, type ValueScale } from "@fieldzip/core/render";
import type { Inks } from "./inks.js";
import type { Rectangle } from "./layout.js";

export interface ColourBar {
  readonly scale: ValueScale;
  /** RGBA, as `transferTable` makes it; opacity is not shown. */
  readonly table: Uint8Array;
  readonly title: string;
  /** The value under the cursor. */
  readonly marked?: number;
}

/** Draws a colour bar with ticks, its title with the units, and a mark at the cursor's value. */
export function drawColourBar(
  context: CanvasRenderingContext2D,
  place: Rectangle,
  { scale, table, title, marked }: ColourBar,
  inks: Inks,
): void {
  const { left, top, width, height } = place;
  const x = (share: number) => left + width * Math.min(1, Math.max(0, share));
  const entries = table.length / 4;
  for (let k = 0; k < entries; k++) {
    context.fillStyle = `rgb(${table[4 * k]},${table[4 * k + 1]},${table[4 * k + 2]})`;
    context.fillRect(left + (k * width) / entries, top, width / entries + 0.6, height);
  }
  context.strokeStyle = inks.line;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
  context.font = `11px ${inks.sans}`;
  context.fillStyle = inks.ink;
  context.strokeStyle = inks.faint;
  context.textAlign = "center";
  context.textBaseline = "top";
  let end = Number.NEGATIVE_INFINITY;
  for (const tick of barTicks(scale, Math.max(2, Math.min(6, Math.floor(width / 64))))) {
    const share = scale.place(tick);
    if (!(share >= -1e-6 && share <= 1 + 1e-6)) continue;
    const text = tickLabel(tick).replace("-", "−");
    const half = context.measureText(text).width / 2;
    if (x(share) - half < end + 6) continue;
    end = x(share) + half;
    context.beginPath();
    context.moveTo(x(share), top + height);
    context.lineTo(x(share), top + height + 3);
    context.stroke();
    context.fillText(text, x(share), top + height + 5);
  }
  if (marked !== undefined && Number.isFinite(marked)) {
    const at = x(scale.place(marked));
    context.beginPath();
    context.moveTo(at, top - 1);
    context.lineTo(at - 3.5, top - 6);
    context.lineTo(at + 3.5, top - 6);
    context.fill();
  }
  context.fillStyle = inks.faint;
  context.font = `italic 12.5px ${inks.serif}`;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillText(title, left, top - 7, width);
}

function barTicks(scale: ValueScale, count: number): number[] {
  const [low, high] = scale.range;
  if (scale.name === "linear") return linearTicks(low, high, count);
  if (scale.name === "logarithmic") return thinned(logarithmicTicks(low, high), count + 1);
  // Powers of ten on both sides of 0.
  const most = Math.max(Math.abs(low), Math.abs(high));
  const top = Math.floor(Math.log10(most));
  const powers = [0, 1, 2].map((k) => 10 ** (top - k));
  return [...powers.map((power) => -power), 0, ...powers.reverse()].filter(
    (tick) => tick >= low && tick <= high,
  );
}

function thinned(ticks: number[], most: number): number[] {
  const every = Math.ceil(ticks.length / most);
  return ticks.filter((_, k) => k % every === 0);
}
