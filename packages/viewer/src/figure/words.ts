import { thinnedOut } from "@fieldzip/core/render";
import { type Measures, ratioOf } from "../data/measures.js";
import type { Session } from "../data/session.js";
import { formatNumber, formatRatio } from "../dom/format.js";
import { differenceScale, type PaneKind, shownMode, shownScale } from "../state/derived.js";
import type { ViewState } from "../state/view-state.js";
import type { PaneTitle } from "./draw-title.js";

/** What stands above a pane. */
export function paneTitle(
  kind: PaneKind,
  view: ViewState,
  session: Session,
  measures: Measures,
): PaneTitle {
  if (kind === "difference") {
    const { difference } = session;
    const most = difference ? Math.max(difference.range[1], -difference.range[0]) : Number.NaN;
    const note = Number.isFinite(most)
      ? most === 0
        ? "every value equal"
        : `at most ${formatNumber(most)}`
      : "";
    return { name: view.difference === "signed" ? "b − a" : "|b − a|", note };
  }
  const side = session[kind];
  const variable = kind === "b" && view.other !== "" ? view.other : view.variable;
  const name = side.source ? `${variable}, ${side.source.name}` : "";
  const ratio = formatRatio(ratioOf(session, kind, variable, measures));
  const every = side.field ? thinnedOut(side.field) : "";
  const notes = [ratio && `${ratio} : 1`, every].filter(Boolean);
  return { name, note: side.error ? "" : notes.join(", ") };
}

/** A pane in words: what a picture shows, to people who do not see it. */
export function paneLabel(
  kind: PaneKind,
  index: number,
  view: ViewState,
  session: Session,
  measures: Measures,
): string {
  const { name, note } = paneTitle(kind, view, session, measures);
  const [low, high] = (kind === "difference" ? differenceScale(session) : shownScale(view, session))
    .range;
  const ends = `colours from ${formatNumber(low)} to ${formatNumber(high)}`;
  return `Picture ${"abc"[index]}: ${[name, note, shownMode(view, session), ends].filter(Boolean).join(", ")}`;
}
