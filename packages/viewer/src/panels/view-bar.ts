import { element } from "../dom/element.js";
import type { Page } from "../page.js";
import { shownMode } from "../state/derived.js";
import { type Mode, modes } from "../state/view-state.js";

const titles: Readonly<Record<Mode, string>> = {
  slice: "Slice",
  planes: "Planes",
  volume: "Volume",
  surface: "Surface",
};

/** How the field is drawn, above the figure. */
export function viewBar(page: Page): HTMLElement {
  const { view, session } = page;
  const buttons = modes.map((mode, k) =>
    element(
      "button",
      { onclick: () => view.change({ mode }), title: `${titles[mode]} (${k + 1})` },
      titles[mode],
    ),
  );
  const axes = element("div", {
    className: "choices",
    role: "group",
    "aria-label": "Slice across",
  });
  const update = () => {
    const now = shownMode(view.current, session.store.current);
    const { layout } = session.store.current.a;
    const isDeep = layout !== undefined && layout.space[0].size > 1;
    modes.forEach((mode, k) => {
      buttons[k].setAttribute("aria-pressed", String(mode === now));
      buttons[k].disabled = mode !== "slice" && !isDeep;
    });
    axes.hidden = now !== "slice" || !isDeep;
    if (!layout) return;
    axes.replaceChildren(
      ...([0, 1, 2] as const).map((axis) =>
        element(
          "button",
          {
            "aria-pressed": String(view.current.axis === axis),
            onclick: () => view.change({ axis }),
            title: `Slice across ${layout.space[axis].name} (${"zyx"[axis]})`,
          },
          layout.space[axis].name,
        ),
      ),
    );
  };
  view.watch(({ mode, axis }) => [mode, axis], update);
  session.store.watch(({ a }) => a.layout, update);
  return element(
    "div",
    { className: "view-bar" },
    element("div", { className: "choices", role: "group", "aria-label": "Drawn as" }, ...buttons),
    axes,
  );
}
