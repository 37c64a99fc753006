import { coordinateOf, cursorIn, sliceAxis, thinnedOut, valueAt } from "@fieldzip/core/render";
import { element, setText } from "../dom/element.js";
import { formatNumber } from "../dom/format.js";
import type { Page } from "../page.js";
import { shownMode } from "../state/derived.js";

/** The figure in words: what it shows, and the values at the cursor. Read out when it comes to rest. */
export function caption(page: Page): HTMLElement {
  const what = element("span", {});
  const at = element("span", { className: "values" });
  const root = element(
    "p",
    { className: "caption", role: "status", "aria-live": "polite" },
    what,
    " ",
    at,
  );
  const update = () => {
    const [view, session] = [page.view.current, page.session.store.current];
    const { a, b, difference } = session;
    if (!a.field || !a.layout) {
      setText(what, "");
      setText(at, "");
      return;
    }
    const { space, time, title, units } = a.layout;
    const cursor = cursorIn(view, a.field);
    const place = (axis: 0 | 1 | 2) =>
      formatNumber(coordinateOf(space[axis], cursor[axis] * a.field!.every[axis]), 4);
    const mode = shownMode(view, session);
    const axis = sliceAxis(view, a.field);
    const where =
      mode === "slice" && space[axis].size > 1 ? ` at ${space[axis].name} = ${place(axis)}` : "";
    const when = time && time.size > 1 ? `, ${time.name} ${a.field.step}` : "";
    const known = title && title !== view.variable ? ` (${title})` : "";
    const thinned = a.field.done === 1 ? thinnedOut(a.field) : "";
    const shown = thinned && ` Of ${thinned} along each axis.`;
    setText(what, `${view.variable}${known}${where}${when}.${shown}`);
    const names = space
      .map(({ name }, k) => (name ? `${name} ${place(k as 0)}` : ""))
      .filter(Boolean);
    const unit = units && units !== "1" ? ` ${units}` : "";
    const values = [`a ${formatNumber(valueAt(a.field, cursor), 6)}${unit}`];
    if (b.field)
      values.push(`b ${formatNumber(valueAt(b.field, cursorIn(view, b.field)), 6)}${unit}`);
    if (difference) {
      const value = valueAt(difference, cursor);
      values.push(
        `${view.difference === "signed" ? "b − a" : "|b − a|"} ${formatNumber(value, 3)}`,
      );
    }
    setText(at, `At ${names.reverse().join(", ")}: ${values.join(", ")}.`);
  };
  page.view.watch((state) => state, update);
  page.session.store.watch((session) => session, update);
  return root;
}
