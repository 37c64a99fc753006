import { type Mode, modes } from "@fieldzip/core/render";
import { element } from "../dom/element.js";
import type { Page } from "../page.js";
import { shownMode } from "../state/derived.js";

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
    differenceChoice(page),
  );
}

/** Which difference is shown, if any. */
function differenceChoice({ view, session }: Page): HTMLElement {
  const choices = [
    {
      title: "|b − a|",
      label: "magnitude of the difference",
      parts: { showDifference: true, difference: "absolute" },
    },
    {
      title: "b − a",
      label: "difference with its sign",
      parts: { showDifference: true, difference: "signed" },
    },
    { title: "none", label: "no difference", parts: { showDifference: false } },
  ] as const;
  const buttons = choices.map(({ title, label, parts }) =>
    element(
      "button",
      {
        title: `Show ${label} (d)`,
        // What is seen belongs to what is heard, so that it can be asked for by voice.
        "aria-label": title === "none" ? `${title}: ${label}` : `${title}, ${label}`,
        onclick: () => view.change(parts),
      },
      title,
    ),
  );
  const note = element("span", { className: "faint" });
  const group = element(
    "div",
    { className: "choices", role: "group", "aria-label": "Difference" },
    ...buttons,
  );
  const root = element("div", { className: "difference-choice" }, group, note);
  const update = () => {
    const { showDifference, difference, b } = view.current;
    const now = showDifference ? (difference === "absolute" ? 0 : 1) : 2;
    buttons.forEach((button, k) => {
      button.setAttribute("aria-pressed", String(k === now));
    });
    const { noDifference } = session.store.current;
    group.hidden = noDifference !== undefined;
    note.textContent = noDifference ?? "";
    root.hidden = b === undefined;
  };
  view.watch(({ showDifference, difference, b }) => [showDifference, difference, b], update);
  session.store.watch(({ noDifference }) => noDifference, update);
  return root;
}
