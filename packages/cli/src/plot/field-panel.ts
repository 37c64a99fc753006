import type { ColourMapName } from "@fieldzip/core/render";
import type { SliceAxis } from "./middle-slice.js";
import { colourBar, type Grid, type Place, type Range, raster } from "./raster.js";
import { linearTicks, svgText, tickLabel } from "./svg.js";

export interface FieldPanel {
  readonly axes: readonly [rows: SliceAxis, columns: SliceAxis];
  readonly grid: Grid;
  readonly range: Range;
  /** Of the field itself; title, ticks and colour bar stand around it. */
  readonly place: Place;
  /** Unique on the page. */
  readonly id: string;
  /** Above the colour bar. */
  readonly unit: string;
  readonly title: string;
  readonly map?: ColourMapName;
}

/** Room around a field: for its rows' ticks, title, columns' ticks, colour bar. */
export const fieldMargins = { left: 62, top: 42, bottom: 44, right: 92 } as const;

/** A field in colours, with axes, colour bar and title. */
export function fieldPanel({
  axes,
  grid,
  range,
  place,
  id,
  unit,
  title,
  map,
}: FieldPanel): string[] {
  const [rows, columns] = axes;
  const { left, top: panelTop, width: w, height: h } = place;
  const parts = [
    svgText(left, panelTop - 24, title, { size: 14, weight: "bold" }),
    raster(grid, range, place, [rows.falling, columns.falling], map),
    ...colourBar(
      `colours-${id}`,
      range,
      { left: left + w + 16, top: panelTop, width: 16, height: h },
      unit,
      map,
    ),
  ];
  for (const tick of linearTicks(columns.start, columns.start + grid.width - 1, 5)) {
    const share = (tick - columns.start + 0.5) / grid.width;
    const x = left + w * (columns.falling ? 1 - share : share);
    parts.push(svgText(x, panelTop + h + 16, tickLabel(tick), { size: 11.5, anchor: "middle" }));
  }
  for (const tick of linearTicks(rows.start, rows.start + grid.height - 1, 5)) {
    const share = (tick - rows.start + 0.5) / grid.height;
    const y = panelTop + h * (rows.falling ? share : 1 - share);
    parts.push(svgText(left - 6, y + 4, tickLabel(tick), { size: 11.5, anchor: "end" }));
  }
  parts.push(
    svgText(left + w / 2, panelTop + h + 35, columns.name, { size: 12.5, anchor: "middle" }),
    svgText(left - 46, panelTop + h / 2, rows.name, { size: 12.5, anchor: "middle", turn: -90 }),
  );
  return parts;
}

/**
 * From the least to the greatest number; where a thousandth of them stretches that by far, without
 * the thousandth at either end.
 */
export function rangeOf(values: Float64Array | Float32Array): Range {
  const sorted = Float64Array.from(values)
    .filter((value) => Number.isFinite(value))
    .sort();
  if (sorted.length === 0) return [0, 1];
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const cut = Math.floor(sorted.length / 1000);
  const [inner, outer] = [sorted[cut], sorted[sorted.length - 1 - cut]];
  if (outer > inner && high - low > 2 * (outer - inner)) return [inner, outer];
  return [low, high];
}
