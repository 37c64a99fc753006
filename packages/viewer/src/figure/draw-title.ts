import type { Inks } from "./inks.js";
import type { Rectangle } from "./layout.js";

export interface PaneTitle {
  readonly name: string;
  /** Beside the name: a ratio, a largest error. */
  readonly note: string;
}

/** The letter and name of a pane above its picture, as figures in papers have them. */
export function drawTitle(
  context: CanvasRenderingContext2D,
  plot: Rectangle,
  index: number,
  { name, note }: PaneTitle,
  inks: Inks,
): void {
  // Nothing is open there yet.
  if (name === "") return;
  const y = plot.top - 9;
  const { left, width } = plot;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillStyle = inks.ink;
  context.font = `bold 14px ${inks.serif}`;
  const letter = "abc"[index];
  context.fillText(letter, left, y);
  const at = left + context.measureText(letter).width + 8;
  context.font = `12.5px ${inks.sans}`;
  const wanted = note ? context.measureText(note).width + 10 : 0;
  // Where both find no room, the name comes first.
  const noteWidth = context.measureText(name).width + wanted + at - left <= width ? wanted : 0;
  const shown = fitted(context, name, Math.max(30, width - (at - left) - noteWidth));
  context.fillText(shown, at, y);
  if (noteWidth === 0) return;
  context.fillStyle = inks.faint;
  context.textAlign = "right";
  context.fillText(note, left + width, y);
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
