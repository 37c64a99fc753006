import {
  type ColourMapName,
  type TransferFunction,
  usableRange,
  type ValueRange,
  type ValueScale,
  valueScale,
} from "@fieldzip/core/render";
import type { Field } from "../data/field.js";
import type { Session } from "../data/session.js";
import { opacityFor } from "./opacity-for.js";
import type { ViewState } from "./view-state.js";

// What follows from the view and from what is here: each decided in one place.

export type PaneKind = "a" | "b" | "difference";

/** A picture of the figure. */
export interface PaneContent {
  readonly kind: PaneKind;
  readonly field?: Field;
}

/** The pictures that are shown, in their order. */
export function panesOf(view: ViewState, session: Session): PaneContent[] {
  const { a, b, difference, noDifference } = session;
  const panes: PaneContent[] = [{ kind: "a", field: a.field }];
  if (view.b !== undefined) {
    panes.push({ kind: "b", field: b.field });
    // Its place is kept while it is made.
    const isComing = a.field !== undefined && b.field !== undefined && noDifference === undefined;
    if (view.showDifference && (difference || isComing))
      panes.push({ kind: "difference", field: difference });
  }
  return panes;
}

export function shownScale(view: ViewState, { range }: Session): ValueScale {
  return valueScale(view.scale, usableRange(view.scale, view.range ?? range));
}

export function transferOf(view: ViewState, session: Session): TransferFunction {
  const { map, reversed } = view;
  const opacity = view.opacity ?? opacityFor(session.a.field, shownScale(view, session));
  return { map, reversed, opacity };
}

export function differenceScale({ difference }: Session): ValueScale {
  const range: ValueRange = difference?.range ?? [0, 1];
  // Two equal fields differ by nothing: their bar still needs two ends.
  return valueScale(
    "linear",
    range[0] === range[1] ? [range[0] - (range[0] < 0 ? 1 : 0), 1] : range,
  );
}

export function differenceTransfer({ difference, map }: ViewState): TransferFunction {
  const sequential: ColourMapName = map === "inferno" ? "viridis" : "inferno";
  if (difference === "absolute") {
    const opacity = [
      { place: 0, opacity: 0 },
      { place: 0.1, opacity: 0.01 },
      { place: 1, opacity: 0.8 },
    ];
    return { map: sequential, reversed: false, opacity };
  }
  const opacity = [
    { place: 0, opacity: 0.8 },
    { place: 0.45, opacity: 0.01 },
    { place: 0.5, opacity: 0 },
    { place: 0.55, opacity: 0.01 },
    { place: 1, opacity: 0.8 },
  ];
  return { map: "balance", reversed: false, opacity };
}

/** The cursor as places z, y, x of the field that a pane shows. */
export function cursorIn(
  { cursor }: ViewState,
  { layout, shape, every }: Field,
): [number, number, number] {
  const at = [0, 1, 2].map((axis) => {
    const place = cursor?.[axis] ?? Math.floor(layout.space[axis].size / 2);
    return Math.min(shape[axis] - 1, Math.max(0, Math.floor(place / every[axis])));
  });
  return at as [number, number, number];
}

/** The axes that run across and up in a slice. */
export function sliceAxes(axis: 0 | 1 | 2): { across: 0 | 1 | 2; up: 0 | 1 | 2 } {
  if (axis === 0) return { across: 2, up: 1 };
  return axis === 1 ? { across: 2, up: 0 } : { across: 1, up: 0 };
}

/** The axis a slice stands across: a field of two axes has only one way. */
export function sliceAxis({ axis }: ViewState, { shape }: Pick<Field, "shape">): 0 | 1 | 2 {
  return shape[0] === 1 ? 0 : axis;
}

/** The mode in which a field can be shown: one of two axes has no depth. */
export function shownMode({ mode }: ViewState, { a }: Session): ViewState["mode"] {
  return a.layout && a.layout.space[0].size < 2 ? "slice" : mode;
}
