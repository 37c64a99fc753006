import type { SideName } from "../data/session.js";
import { element, setText } from "../dom/element.js";
import type { Page } from "../page.js";
import { chooseFile } from "./drop.js";

/** The page's head: what is looked at, and what can be done with the whole of it. */
export function masthead(page: Page, tools: readonly HTMLElement[]): HTMLElement {
  return element(
    "header",
    { className: "masthead" },
    element("h1", {}, "fieldzip"),
    element("div", { className: "sources" }, sourceLabel(page, "a"), sourceLabel(page, "b")),
    element("div", { className: "tools" }, ...tools),
  );
}

function sourceLabel(page: Page, side: SideName): HTMLElement {
  const name = element("span", { className: "source-name" });
  const close = element("button", {
    className: "plain",
    title: "Close it",
    "aria-label": `Close ${side}`,
    onclick: () =>
      page.view.change(side === "a" ? { a: undefined, b: undefined } : { b: undefined }),
  });
  close.textContent = "×";
  const open = element("button", {
    className: "plain",
    onclick: () => chooseFile(page, side),
  });
  open.textContent = side === "a" ? "Open…" : "Compare with…";
  const root = element("span", { className: "source" }, element("b", {}, side), name, close, open);
  const update = () => {
    const { source, isOpening, error } = page.session.store.current[side];
    const location = page.view.current[side];
    setText(name, source?.name ?? (isOpening ? "opening…" : error ? "not open" : ""));
    name.title = location ?? "";
    name.hidden = location === undefined;
    close.hidden = location === undefined;
    open.hidden = location !== undefined;
    root.hidden = side === "b" && page.view.current.a === undefined;
  };
  page.session.store.watch((session) => session[side], update);
  page.view.watch(({ a, b }) => [a, b], update);
  return root;
}
