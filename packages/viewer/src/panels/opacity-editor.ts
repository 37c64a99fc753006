import {
  type OpacityPoint,
  opacityAt,
  transferTable,
  type ValueScale,
} from "@fieldzip/core/render";
import { type Histogram, histogramOf } from "../data/histogram.js";
import { element, svgElement } from "../dom/element.js";
import { formatNumber } from "../dom/format.js";
import type { Page } from "../page.js";
import { shownMode, shownScale, transferOf } from "../state/derived.js";

const [width, height] = [288, 116];
const radius = 5;
/** How many points a curve may have. */
const mostPoints = 16;

/** Small opacities matter most: they get more room. */
const up = (opacity: number) => height * (1 - Math.sqrt(opacity));
const opacityOf = (y: number) => Math.min(1, Math.max(0, 1 - y / height)) ** 2;

/**
 * The opacity curve over the histogram of the values, in the colours of the map. Points are dragged, added by a click on
 * the curve's field, taken out by a double click; or worked by keys. For a surface it holds the value of the surface.
 */
export function opacityEditor(page: Page): HTMLElement {
  const { view, session } = page;
  const canvas = element("canvas", { className: "histogram", "aria-hidden": "true" });
  const drawing = svgElement("svg", {
    viewBox: `0 0 ${width} ${height}`,
    preserveAspectRatio: "none",
    class: "curve",
  });
  const line = svgElement("polyline", { class: "curve-line" });
  const handles = element("div", { className: "handles" });
  drawing.append(line);
  const root = element(
    "div",
    { className: "opacity-editor", role: "group", "aria-label": "Opacity along the colour bar" },
    canvas,
    drawing,
    handles,
  );
  let histogram: Histogram | undefined;
  let of: unknown;

  const pointsNow = () => transferOf(view.current, session.store.current).opacity;
  const change = (points: readonly OpacityPoint[]) => view.change({ opacity: points });
  const placeOf = (event: { clientX: number; clientY: number }): OpacityPoint => {
    const { left, top, width: w, height: h } = root.getBoundingClientRect();
    const x = Math.min(1, Math.max(0, (event.clientX - left) / w));
    return { place: round(x), opacity: round(opacityOf(((event.clientY - top) / h) * height)) };
  };

  /** Moves a point, between its neighbours. */
  const move = (index: number, { place, opacity }: OpacityPoint) => {
    const points = pointsNow();
    const low = points[index - 1]?.place ?? 0;
    const high = points[index + 1]?.place ?? 1;
    const held = {
      place: Math.min(high, Math.max(low, place)),
      opacity: Math.min(1, Math.max(0, opacity)),
    };
    change(points.map((point, k) => (k === index ? held : point)));
  };
  const remove = (index: number) => {
    const points = pointsNow();
    if (points.length > 2) change(points.filter((_, k) => k !== index));
  };

  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const isSurface = shownMode(view.current, session.store.current) === "surface";
    const at = placeOf(event);
    let index = -1;
    if (!isSurface) {
      const { points, chosen } = withPoint(pointsNow(), at, root);
      index = chosen;
      change(points);
      (handles.children[index] as HTMLElement | undefined)?.focus();
    } else view.change({ surface: at.place });
    root.setPointerCapture(event.pointerId);
    const follow = (moved: PointerEvent) => {
      const to = placeOf(moved);
      if (isSurface) view.change({ surface: to.place });
      else move(index, to);
    };
    const end = () => {
      root.removeEventListener("pointermove", follow);
      root.removeEventListener("pointerup", end);
      root.removeEventListener("pointercancel", end);
    };
    root.addEventListener("pointermove", follow);
    root.addEventListener("pointerup", end);
    root.addEventListener("pointercancel", end);
  });
  root.addEventListener("dblclick", (event) => {
    if (shownMode(view.current, session.store.current) === "surface") return;
    const index = nearest(pointsNow(), placeOf(event), root);
    if (index >= 0) remove(index);
  });

  const keys = (index: number) => (event: KeyboardEvent) => {
    const by = event.shiftKey ? 0.05 : 0.01;
    const across = event.key === "ArrowRight" ? by : event.key === "ArrowLeft" ? -by : 0;
    const higher = event.key === "ArrowUp" ? by : event.key === "ArrowDown" ? -by : 0;
    const isSurface = index < 0;
    if (across !== 0 || higher !== 0) {
      if (isSurface) {
        const to = view.current.surface + across + higher;
        view.change({ surface: round(Math.min(1, Math.max(0, to))) });
      } else {
        const { place, opacity } = pointsNow()[index];
        const root = Math.sqrt(opacity) + higher;
        move(index, { place: round(place + across), opacity: round(Math.max(0, root) ** 2) });
      }
    } else if (event.key === "Delete" || event.key === "Backspace") remove(index);
    else if (event.key === "Insert" || event.key === "Enter") {
      const points = pointsNow();
      const [a, b] = [points[index], points[index + 1] ?? points[index - 1]];
      const place = round((a.place + b.place) / 2);
      const added = { place, opacity: round(opacityAt(points, place)) };
      if (points.length < mostPoints) change([...points, added].sort((p, q) => p.place - q.place));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const draw = () => {
    const { current } = view;
    const scale = shownScale(current, session.store.current);
    const { field } = session.store.current.a;
    const key = [field?.values, field?.version, scale.name, ...scale.range];
    if (field && !sameList(of, key)) {
      histogram = histogramOf(field, scale);
      of = key;
    }
    if (histogram && field)
      drawHistogram(canvas, histogram, transferTable(transferOf(current, session.store.current)));
    const isSurface = shownMode(current, session.store.current) === "surface";
    const points = pointsNow();
    const x = (place: number) => place * width;
    const corners = isSurface
      ? [
          [x(current.surface), 0],
          [x(current.surface), height],
        ]
      : [
          [0, up(points[0].opacity)],
          ...points.map(({ place, opacity }) => [x(place), up(opacity)]),
          [width, up(points[points.length - 1].opacity)],
        ];
    line.setAttribute("points", corners.map((corner) => corner.join()).join(" "));
    const shown = isSurface ? [{ place: current.surface, opacity: 0.25 }] : points;
    drawHandles(handles, shown, scale, isSurface, keys);
  };
  view.watch(
    ({ opacity, surface, map, reversed, scale, range, mode }) => [
      opacity,
      surface,
      map,
      reversed,
      scale,
      range,
      mode,
    ],
    draw,
  );
  session.store.watch(({ a, range }) => [a.field, range], draw);
  return root;
}

/** The points with one at this place: the one that is near, else a new one. */
function withPoint(points: readonly OpacityPoint[], at: OpacityPoint, root: HTMLElement) {
  const near = nearest(points, at, root);
  if (near >= 0 || points.length >= mostPoints) return { points, chosen: Math.max(0, near) };
  const added = [...points, at].sort((one, other) => one.place - other.place);
  return { points: added, chosen: added.indexOf(at) };
}

function nearest(points: readonly OpacityPoint[], at: OpacityPoint, root: HTMLElement): number {
  const box = root.getBoundingClientRect();
  const distances = points.map(({ place, opacity }) =>
    Math.hypot(
      (place - at.place) * box.width,
      ((up(opacity) - up(at.opacity)) / height) * box.height,
    ),
  );
  const least = Math.min(...distances);
  return least < 3 * radius ? distances.indexOf(least) : -1;
}

function drawHandles(
  root: HTMLElement,
  points: readonly OpacityPoint[],
  scale: ValueScale,
  isSurface: boolean,
  keys: (index: number) => (event: KeyboardEvent) => void,
): void {
  while (root.children.length > points.length) root.lastElementChild?.remove();
  points.forEach(({ place, opacity }, k) => {
    let handle = root.children[k] as HTMLElement | undefined;
    if (!handle) {
      handle = element("span", {
        className: "handle",
        role: "slider",
        tabIndex: 0,
        "data-own-keys": "",
      });
      root.append(handle);
    }
    handle.onkeydown = keys(isSurface ? -1 : k);
    handle.style.left = `${place * 100}%`;
    handle.style.top = `${(up(opacity) / height) * 100}%`;
    const value = formatNumber(scale.value(place));
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", "1");
    handle.setAttribute("aria-valuenow", String(isSurface ? place : opacity));
    handle.setAttribute(
      "aria-label",
      isSurface ? "Value of the surface" : `Opacity, point ${k + 1} of ${points.length}`,
    );
    handle.setAttribute(
      "aria-valuetext",
      isSurface ? value : `${Math.round(opacity * 100)} % at ${value}`,
    );
    handle.title = isSurface ? value : `${value}: ${formatNumber(opacity, 2)}`;
  });
}

/** Bars in the colours of the map; the square root of how often, so that what is rare is seen. */
function drawHistogram(canvas: HTMLCanvasElement, { shares }: Histogram, table: Uint8Array): void {
  const ratio = devicePixelRatio;
  const [w, h] = [
    Math.round((canvas.clientWidth || width) * ratio),
    Math.round((canvas.clientHeight || height) * ratio),
  ];
  canvas.width = w;
  canvas.height = h;
  const context = canvas.getContext("2d")!;
  const most = Math.sqrt(Math.max(...shares)) || 1;
  shares.forEach((share, k) => {
    const entry = 4 * Math.round(((k + 0.5) / shares.length) * 255);
    context.fillStyle = `rgb(${table[entry]} ${table[entry + 1]} ${table[entry + 2]})`;
    const bar = (Math.sqrt(share) / most) * (h - 6 * ratio);
    const [from, to] = [
      Math.floor((k * w) / shares.length),
      Math.floor(((k + 1) * w) / shares.length),
    ];
    context.fillRect(from, h - bar, to - from, bar);
  });
}

function round(value: number): number {
  return Math.round(value * 10000) / 10000;
}

function sameList(one: unknown, other: readonly unknown[]): boolean {
  return (
    Array.isArray(one) &&
    one.length === other.length &&
    one.every((part, k) => Object.is(part, other[k]))
  );
}
