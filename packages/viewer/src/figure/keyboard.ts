import { cursorIn, modes, sliceAxes, sliceAxis } from "@fieldzip/core/render";
import { actOnKey } from "../dom/keys.js";
import type { Page } from "../page.js";
import { shownMode } from "../state/derived.js";
import type { Figure } from "./figure.js";
import { resetCamera, turn, zoom } from "./pointer.js";

/** What the keys do, for the page's help. */
export const keyHelp: readonly (readonly [keys: string, does: string])[] = [
  ["1 2 3 4", "slice, planes, volume, surface"],
  ["x y z", "slice across this axis"],
  ["← → ↑ ↓", "move the cursor, or turn (with Shift: ten times as far)"],
  ["[ ]", "next slice"],
  ["+ − 0", "zoom, and back"],
  ["space", "play the steps"],
  [", .", "a step back, a step on"],
  ["v", "next variable (Shift: the one before)"],
  ["d", "show or hide the difference"],
  ["c", "next colour map"],
  ["l s f", "copy the link, save a picture, save a film"],
  ["t", "light, dark"],
  ["?", "this list"],
];

/** Works the page by keys, wherever the focus is, unless it is where text is typed. */
export function followKeys(page: Page, figure: Figure): void {
  addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A dialog that was closed may still have the focus.
    if (document.querySelector("dialog[open]")) return;
    if (target.closest("input, select, textarea, [data-own-keys]")) return;
    // Space and Enter belong to the button that has the focus.
    if (target.closest("button, a, summary") && [" ", "Enter"].includes(event.key)) return;
    if (act(page, figure, event)) event.preventDefault();
  });
}

function act(page: Page, figure: Figure, { key, shiftKey }: KeyboardEvent): boolean {
  const { view } = page;
  const far = shiftKey ? 10 : 1;
  const mode = modes[Number(key) - 1];
  if (mode) view.change({ mode });
  else if (key === "x" || key === "y" || key === "z") {
    view.change({ axis: (["z", "y", "x"] as const).indexOf(key) as 0 | 1 | 2, mode: "slice" });
  } else if (key.startsWith("Arrow")) arrow(page, key, far);
  else if (key === "[" || key === "]" || key === "PageDown" || key === "PageUp") {
    moveSlice(page, (key === "[" || key === "PageDown" ? -1 : 1) * far);
  } else if (key === "+" || key === "=" || key === "-") {
    const pane = figure.plan.panes[0];
    if (pane) zoom(page, pane, key === "-" ? 1 / 1.25 : 1.25);
  } else if (key === "0") resetCamera(page);
  else if (key === "d") view.change({ showDifference: !view.current.showDifference });
  else return actOnKey(key);
  return true;
}

function arrow(page: Page, key: string, far: number): void {
  const across = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  const up = key === "ArrowUp" ? 1 : key === "ArrowDown" ? -1 : 0;
  const [view, session] = [page.view.current, page.session.store.current];
  if (shownMode(view, session) !== "slice") {
    turn(page, -across * 3 * far, up * 3 * far);
    return;
  }
  if (!session.a.field) return;
  const axes = sliceAxes(sliceAxis(view, session.a.field));
  moveCursor(page, axes.across, across * far);
  moveCursor(page, axes.up, up * far);
}

function moveSlice(page: Page, by: number): void {
  const { field } = page.session.store.current.a;
  if (field) moveCursor(page, sliceAxis(page.view.current, field), by);
}

/** Moves the cursor by values of the field that is shown. */
export function moveCursor(page: Page, axis: 0 | 1 | 2, by: number): void {
  const { field } = page.session.store.current.a;
  if (!field || by === 0) return;
  const at = cursorIn(page.view.current, field);
  at[axis] = Math.max(0, Math.min(field.shape[axis] - 1, at[axis] + by));
  const [z, y, x] = at.map((place, k) => place * field.every[k]);
  page.view.change({ cursor: [z, y, x] });
}
