import type { SideName } from "../data/session.js";
import { element, setText } from "../dom/element.js";
import { onKey } from "../dom/keys.js";
import type { Page } from "../page.js";
import { themes } from "../state/view-state.js";
import { chooseFile } from "./drop.js";

/** The page's head: what is looked at, and what can be done with the whole of it. */
export function masthead(page: Page): HTMLElement {
  const tools = element("div", { className: "tools" }, themeButton(page));
  return element(
    "header",
    { className: "masthead" },
    element("h1", {}, "fieldzip"),
    element("div", { className: "sources" }, sourceLabel(page, "a"), sourceLabel(page, "b")),
    tools,
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

function themeButton({ view }: Page): HTMLElement {
  const button = element("button", { className: "plain", title: "Light or dark (t)" });
  const next = () => {
    const at = themes.indexOf(view.current.theme);
    view.change({ theme: themes[(at + 1) % themes.length] });
  };
  button.onclick = next;
  view.watch(
    (state) => state.theme,
    (theme) => {
      const words = { auto: "as the system", light: "light", dark: "dark" };
      setText(button, { auto: "◐", light: "○", dark: "●" }[theme]);
      button.setAttribute("aria-label", `Theme: ${words[theme]}`);
    },
  );
  onKey(["t"], next);
  return button;
}
