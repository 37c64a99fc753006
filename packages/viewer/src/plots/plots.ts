import { coordinateOf, cursorIn, type Field, lineOf } from "@fieldzip/core/render";
import { element } from "../dom/element.js";
import { formatNumber } from "../dom/format.js";
import { axisTitle } from "../figure/axis-places.js";
import type { Page } from "../page.js";
import { Chart } from "./chart.js";
import { TimeSeries } from "./time-series.js";

/** Line plots through the cursor along each axis, and over time. */
export function plots(page: Page): HTMLElement {
  const { view, session } = page;
  const lines = ([2, 1, 0] as const).map((axis) => ({
    axis,
    chart: new Chart((index) => {
      const { field } = session.store.current.a;
      if (!field) return;
      const at = cursorIn(view.current, field);
      at[axis] = index;
      const [z, y, x] = at.map((place, k) => place * field.every[k]);
      view.change({ cursor: [z, y, x] });
    }),
  }));
  const time = new Chart((index) => view.change({ step: index }));
  const series = new TimeSeries(page, () => update());
  const root = element(
    "section",
    { className: "plots", "aria-label": "Plots through the cursor" },
    ...lines.map(({ chart }) => chart.root),
    time.root,
  );
  let isQueued = false;

  const draw = () => {
    isQueued = false;
    const { a, b } = session.store.current;
    if (!a.field || a.field.values.length === 0) return;
    const at = cursorIn(view.current, a.field);
    const other = b.field && b.field.shape.join() === a.field.shape.join() ? b.field : undefined;
    for (const { axis, chart } of lines) {
      const isShown = a.field.shape[axis] > 1;
      chart.root.hidden = !isShown;
      if (isShown) drawLine(chart, a.field, other, axis, at);
    }
    drawTime(time, a.field, series);
  };
  const update = () => {
    if (isQueued) return;
    isQueued = true;
    requestAnimationFrame(draw);
  };
  view.watch(({ cursor, step, theme }) => [cursor, step, theme], update);
  session.store.watch(({ a, b }) => [a.field, b.field], update);
  new ResizeObserver(update).observe(root);
  return root;
}

function drawLine(
  chart: Chart,
  a: Field,
  b: Field | undefined,
  axis: 0 | 1 | 2,
  at: readonly number[],
): void {
  const shown = a.layout.space[axis];
  const x = Float64Array.from({ length: a.shape[axis] }, (_, k) =>
    coordinateOf(shown, k * a.every[axis]),
  );
  const lines = [{ label: "a", values: lineOf(a, axis, at) }];
  if (b) lines.push({ label: "b", values: lineOf(b, axis, at) });
  const name = a.layout.variable.name;
  chart.show({
    label: `${name} along ${shown.name} through the cursor${b ? ", a and b" : ""}: ${spanOf(lines[0].values)}`,
    across: axisTitle(shown),
    x,
    lines,
    marked: x[at[axis]],
  });
}

function drawTime(chart: Chart, field: Field, series: TimeSeries): void {
  const { time } = field.layout;
  const { values } = series;
  chart.root.hidden = !time || time.size < 2 || values.length === 0;
  if (!time || chart.root.hidden) return;
  const x = Float64Array.from({ length: time.size }, (_, k) => coordinateOf(time, k));
  const lines = values.map((list, k) => ({ label: "ab"[k], values: list }));
  chart.show({
    label: `${field.layout.variable.name} over ${time.name} at the cursor: ${spanOf(lines[0].values)}`,
    across: axisTitle(time),
    x,
    lines,
    marked: x[field.step],
  });
}

function spanOf(values: ArrayLike<number>): string {
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) return "no values";
  return `from ${formatNumber(Math.min(...finite))} to ${formatNumber(Math.max(...finite))}`;
}
