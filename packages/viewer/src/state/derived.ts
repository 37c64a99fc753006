import {
  type ColourMapName,
  type Field,
  type TransferFunction,
  usableRange,
  type ValueRange,
  type ValueScale,
  valueScale,
} from "@fieldzip/core/render";
import type { Session } from "../data/session.js";
import { keptOpacity } from "./kept-opacity.js";
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
  const opacity = view.opacity ?? keptOpacity(session.a.field, shownScale(view, session));
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

/** The mode in which a field can be shown: one of two axes has no depth. */
export function shownMode({ mode }: ViewState, { a }: Session): ViewState["mode"] {
  return a.layout && a.layout.space[0].size < 2 ? "slice" : mode;
}
