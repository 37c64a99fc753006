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
  const upright = place.height > place.width;
  const { left, top, width, height } = place;
  const entries = table.length / 4;
  for (let k = 0; k < entries; k++) {
    context.fillStyle = `rgb(${table[4 * k]},${table[4 * k + 1]},${table[4 * k + 2]})`;
    if (upright) {
      const y = top + height - ((k + 1) * height) / entries;
      context.fillRect(left, y, width, height / entries + 0.6);
    } else context.fillRect(left + (k * width) / entries, top, width / entries + 0.6, height);
  }
  context.strokeStyle = inks.line;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
  context.font = `11px ${inks.sans}`;
  context.fillStyle = inks.ink;
  context.textBaseline = "middle";
  const room = upright ? Math.min(7, height / 34) : Math.min(6, width / 64);
  let last = Number.NEGATIVE_INFINITY;
  for (const tick of barTicks(scale, Math.max(2, Math.floor(room)))) {
    const share = scale.place(tick);
    if (!(share >= -1e-6 && share <= 1 + 1e-6)) continue;
    const along = upright ? top + height * (1 - share) : left + width * share;
    const text = tickLabel(tick).replace("-", "−");
    if (Math.abs(along - last) < (upright ? 13 : 9 + context.measureText(text).width)) continue;
    last = along;
    context.strokeStyle = inks.faint;
    line(
      context,
      upright
        ? [left + width, along, left + width + 3, along]
        : [along, top + height, along, top + height + 3],
    );
    context.textAlign = upright ? "left" : "center";
    if (upright) context.fillText(text, left + width + 6, along);
    else context.fillText(text, along, top + height + 11);
  }
  if (marked !== undefined && Number.isFinite(marked)) {
    const share = Math.min(1, Math.max(0, scale.place(marked)));
    const along = upright ? top + height * (1 - share) : left + width * share;
    context.fillStyle = inks.ink;
    context.beginPath();
    if (upright) {
      context.moveTo(left - 1, along);
      context.lineTo(left - 6, along - 3.5);
      context.lineTo(left - 6, along + 3.5);
    } else {
      context.moveTo(along, top - 1);
      context.lineTo(along - 3.5, top - 6);
      context.lineTo(along + 3.5, top - 6);
    }
    context.fill();
  }
  context.fillStyle = inks.faint;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  if (upright) {
    context.save();
    context.translate(left + width + 58, top + height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(title, 0, 0, height);
    context.restore();
  } else context.fillText(title, left, top - 7, width);
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

function line(context: CanvasRenderingContext2D, [x1, y1, x2, y2]: readonly number[]): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
