import { type Axis, linearTicks, type SliceWindow, tickLabel } from "@fieldzip/core/render";
import { axisTitle, coordinateAt, shareAt } from "./axis-places.js";
import type { Inks } from "./inks.js";
import type { Rectangle } from "./layout.js";

/** Draws the frame of a slice, its axes with ticks and names, and the cursor's cross. */
export function drawSliceAxes(
  context: CanvasRenderingContext2D,
  plot: Rectangle,
  [acrossAxis, upAxis]: readonly [Axis, Axis],
  { across, up }: SliceWindow,
  cursor: readonly [across: number, up: number],
  inks: Inks,
  hasUpLabels: boolean,
): void {
  const { left, top, width, height } = plot;
  const x = (share: number) => left + ((share - across[0]) / (across[1] - across[0])) * width;
  const y = (share: number) => top + height - ((share - up[0]) / (up[1] - up[0])) * height;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  drawCross(context, x(cursor[0]), y(cursor[1]), plot);
  context.restore();

  context.strokeStyle = inks.line;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  context.fillStyle = inks.ink;
  context.strokeStyle = inks.faint;
  context.font = `11px ${inks.sans}`;

  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of ticksIn(acrossAxis, across, width / 70)) {
    const at = x(shareAt(acrossAxis, tick));
    if (at < left - 1 || at > left + width + 1) continue;
    stroke(context, at, top + height + 1, at, top + height + 4);
    context.fillText(label(tick), at, top + height + 6);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticksIn(upAxis, up, height / 44)) {
    const at = y(shareAt(upAxis, tick));
    if (at < top - 1 || at > top + height + 1) continue;
    stroke(context, left - 4, at, left - 1, at);
    if (hasUpLabels) context.fillText(label(tick), left - 6, at);
  }
  context.fillStyle = inks.faint;
  context.font = `italic 12.5px ${inks.serif}`;
  context.textAlign = "right";
  context.textBaseline = "top";
  context.fillText(axisTitle(acrossAxis), left + width, top + height + 19);
  if (!hasUpLabels) return;
  context.save();
  context.translate(left - 34, top + 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillText(axisTitle(upAxis), 0, 0, height);
  context.restore();
}

/** Two thin lines that leave the place itself free; light on a dark rim, to be seen on any colour. */
function drawCross(context: CanvasRenderingContext2D, x: number, y: number, plot: Rectangle): void {
  const [right, bottom] = [plot.left + plot.width, plot.top + plot.height];
  const free = 6;
  for (const [colour, width] of [
    ["rgba(0,0,0,0.45)", 2.4],
    ["rgba(255,255,255,0.9)", 0.9],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    stroke(context, plot.left, y, x - free, y);
    stroke(context, x + free, y, right, y);
    stroke(context, x, plot.top, x, y - free);
    stroke(context, x, y + free, x, bottom);
  }
}

function ticksIn(axis: Axis, [low, high]: readonly [number, number], count: number): number[] {
  const from = coordinateAt(axis, Math.max(0, low));
  const to = coordinateAt(axis, Math.min(1, high));
  return linearTicks(from, to, Math.max(2, Math.min(8, Math.round(count))));
}

function label(tick: number): string {
  return tickLabel(tick).replace("-", "−");
}

function stroke(
  context: CanvasRenderingContext2D,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
