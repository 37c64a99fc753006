import { textOf } from "../data/axes.js";
import { element } from "../dom/element.js";
import { onKey } from "../dom/keys.js";
import type { Page } from "../page.js";

/** The variables to choose from. */
export function variablesPanel(page: Page): HTMLElement {
  const { view, session } = page;
  const rows = element("tbody", {});
  const choose = (variable: string) => view.change({ variable, other: "", range: undefined });
  const update = () => {
    const { source } = session.store.current.a;
    rows.replaceChildren(
      ...(source?.variables ?? []).map(({ name, attributes, shape }) => {
        const isChosen = name === view.current.variable;
        const title = textOf(attributes, "long_name") || textOf(attributes, "standard_name");
        const button = element(
          "button",
          { "aria-pressed": String(isChosen), onclick: () => choose(name), title: title || name },
          name,
        );
        return element(
          "tr",
          { className: isChosen ? "chosen" : "" },
          element("th", { scope: "row" }, button),
          element("td", {}, textOf(attributes, "units")),
          element("td", { className: "number" }, shape.join(" × ")),
        );
      }),
    );
  };
  view.watch((state) => state.variable, update);
  session.store.watch(({ a }) => a.source, update);
  onKey(["v", "V"], (key) => {
    const names = session.store.current.a.source?.variables.map(({ name }) => name) ?? [];
    if (names.length === 0) return;
    const at = names.indexOf(view.current.variable) + (key === "v" ? 1 : -1);
    choose(names[(at + names.length) % names.length]);
  });
  const titles = ["name", "units", "shape"].map((title) => element("th", { scope: "col" }, title));
  const head = element("thead", {}, element("tr", {}, ...titles));
  return element("table", { className: "variables" }, head, rows);
}
