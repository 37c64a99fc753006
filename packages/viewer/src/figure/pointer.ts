import { cursorIn, sliceAxes, sliceAxis, sliceWindow } from "@fieldzip/core/render";
import type { Page } from "../page.js";
import { shownMode } from "../state/derived.js";
import type { Figure } from "./figure.js";
import type { PanePlace } from "./layout.js";
import { pick } from "./pick.js";

/** Magnification of one notch of the wheel. */
const wheelFactor = 1.0015;
const zooms: readonly [number, number] = [0.25, 80];

/** Turns, shifts, zooms and places the cursor by mouse, pen and fingers. All panes move as one. */
export function followPointer(page: Page, figure: Figure): void {
  const { root } = figure;
  const pointers = new Map<number, { x: number; y: number }>();
  let pane: PanePlace | undefined;
  let moved = 0;

  const local = (event: { clientX: number; clientY: number }) => {
    const { left, top } = root.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const paneAt = ({ x, y }: { x: number; y: number }) =>
    figure.plan.panes.find(
      ({ plot }) =>
        x >= plot.left &&
        y >= plot.top &&
        x <= plot.left + plot.width &&
        y <= plot.top + plot.height,
    );

  root.addEventListener("pointerdown", (event) => {
    const at = local(event);
    if (pointers.size === 0) {
      pane = paneAt(at);
      moved = 0;
    }
    if (!pane) return;
    root.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at);
    const isPan = event.button !== 0 || event.shiftKey;
    if (pointers.size === 1 && !isPan && isFlat(page)) placeCursor(page, pane, at);
    event.preventDefault();
    root.focus({ preventScroll: true });
  });
  root.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before || !pane) return;
    const at = local(event);
    const [dx, dy] = [at.x - before.x, at.y - before.y];
    moved += Math.abs(dx) + Math.abs(dy);
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)![1];
      const spread =
        Math.hypot(at.x - other.x, at.y - other.y) /
        (Math.hypot(before.x - other.x, before.y - other.y) || 1);
      pan(page, pane, dx / 2, dy / 2);
      zoom(page, pane, spread, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    } else if (event.shiftKey || (event.buttons & 6) !== 0) pan(page, pane, dx, dy);
    else if (isFlat(page)) placeCursor(page, pane, at);
    else turn(page, dx * 0.4, dy * 0.4);
    pointers.set(event.pointerId, at);
  });
  const release = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    if (pointers.size > 0 || !pane) return;
    if (event.type === "pointerup" && moved < 4 && !isFlat(page))
      pickAt(page, figure, pane, local(event));
    pane = undefined;
  };
  root.addEventListener("pointerup", release);
  root.addEventListener("pointercancel", release);
  root.addEventListener("contextmenu", (event) => event.preventDefault());
  root.addEventListener("dblclick", () => resetCamera(page));
  root.addEventListener(
    "wheel",
    (event) => {
      const at = local(event);
      const under = paneAt(at);
      if (!under) return;
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 20 : 1;
      zoom(page, under, wheelFactor ** (-event.deltaY * lines), at);
    },
    { passive: false },
  );
}

/** Puts the cursor where something is seen in space. */
function pickAt(
  page: Page,
  figure: Figure,
  pane: PanePlace,
  { x, y }: { x: number; y: number },
): void {
  const { left, top, width, height } = pane.plot;
  const index = figure.plan.panes.findIndex(({ plot }) => plot.left === left && plot.top === top);
  if (index < 0) return;
  const across = (2 * (x - left)) / width - 1;
  const found = pick(page, figure, index, across, 1 - (2 * (y - top)) / height);
  const { field } = page.session.store.current.a;
  if (!found || !field) return;
  const [z, yy, xx] = found.map((place, axis) => place * field.every[axis]);
  page.view.change({ cursor: [z, yy, xx] });
}

function isFlat({ view, session }: Page): boolean {
  return shownMode(view.current, session.store.current) === "slice";
}

export function turn({ view }: Page, across: number, up: number): void {
  const { camera } = view.current;
  const tilt = Math.max(-89, Math.min(89, camera.tilt + up));
  view.change({ camera: { ...camera, turn: (((camera.turn - across) % 360) + 360) % 360, tilt } });
}

export function resetCamera({ view }: Page): void {
  view.change({ camera: { ...view.current.camera, zoom: 1, shift: [0, 0] } });
}

/** Zooms about a place of the figure, or about the middle of the pane. */
export function zoom(
  page: Page,
  { plot }: PanePlace,
  factor: number,
  at?: { x: number; y: number },
): void {
  const { camera } = page.view.current;
  const to = Math.max(zooms[0], Math.min(zooms[1], camera.zoom * factor));
  const by = to / camera.zoom;
  // What lies under the pointer stays there.
  const point = at ?? { x: plot.left + plot.width / 2, y: plot.top + plot.height / 2 };
  const across = (point.x - plot.left) / plot.width - 0.5;
  const up = 0.5 - (point.y - plot.top) / plot.height;
  const [sx, sy] = camera.shift;
  const shift: [number, number] = isFlat(page)
    ? [sx + across / to - across / camera.zoom, sy + up / to - up / camera.zoom]
    : [
        (across * plot.width) / plot.height + (sx - (across * plot.width) / plot.height) * by,
        up + (sy - up) * by,
      ];
  page.view.change({ camera: { ...camera, zoom: to, shift } });
}

function pan(page: Page, { plot }: PanePlace, dx: number, dy: number): void {
  const { camera } = page.view.current;
  const [sx, sy] = camera.shift;
  const shift: [number, number] = isFlat(page)
    ? [sx + dx / plot.width / camera.zoom, sy - dy / plot.height / camera.zoom]
    : [sx + dx / plot.height, sy - dy / plot.height];
  page.view.change({ camera: { ...camera, shift } });
}

function placeCursor(page: Page, { plot }: PanePlace, at: { x: number; y: number }): void {
  const { field } = page.session.store.current.a;
  const view = page.view.current;
  if (!field) return;
  const axes = sliceAxes(sliceAxis(view, field));
  const window = sliceWindow(view.camera);
  const across =
    window.across[0] + ((at.x - plot.left) / plot.width) * (window.across[1] - window.across[0]);
  const up = window.up[1] - ((at.y - plot.top) / plot.height) * (window.up[1] - window.up[0]);
  const cursor = cursorIn(view, field).map((place, axis) => place * field.every[axis]);
  const put = (axis: 0 | 1 | 2, share: number) => {
    const { size } = field.layout.space[axis];
    cursor[axis] = Math.max(0, Math.min(size - 1, Math.floor(share * size)));
  };
  put(axes.across, across);
  put(axes.up, up);
  page.view.change({ cursor: [cursor[0], cursor[1], cursor[2]] });
}
