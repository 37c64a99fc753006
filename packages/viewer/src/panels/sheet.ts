import { element } from "../dom/element.js";

export interface SheetPart {
  readonly name: string;
  readonly content: HTMLElement;
  /** Where there is room it stands elsewhere, and only else behind a tab. */
  readonly isElsewhere?: boolean;
}

/** The panels beside the figure: one below the other where there is room, else one at a time behind tabs. */
export function sheet(parts: readonly SheetPart[]): HTMLElement {
  const tabs = element("div", { className: "tabs", role: "tablist", "aria-label": "Panels" });
  const sections = parts.map(({ name, content, isElsewhere }) => {
    const title = element("h2", { className: "panel-title" }, name);
    const section = isElsewhere
      ? content
      : element("section", { "aria-label": name }, title, content);
    section.id = `panel-${name.toLowerCase()}`;
    section.classList.add("panel");
    return section;
  });
  const buttons = parts.map(({ name }, k) =>
    element(
      "button",
      {
        role: "tab",
        "aria-controls": sections[k].id,
        onclick: () => choose(k),
        onkeydown: (event: KeyboardEvent) => {
          const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          if (by === 0) return;
          event.stopPropagation();
          const next = (k + by + parts.length) % parts.length;
          choose(next);
          buttons[next].focus();
        },
      },
      name,
    ),
  );
  const choose = (chosen: number) => {
    buttons.forEach((button, k) => {
      button.setAttribute("aria-selected", String(k === chosen));
      button.tabIndex = k === chosen ? 0 : -1;
      sections[k].classList.toggle("chosen", k === chosen);
    });
  };
  choose(0);
  tabs.append(...buttons);
  return element(
    "aside",
    { className: "sheet", "aria-label": "Settings and measures" },
    tabs,
    ...sections.filter((_, k) => !parts[k].isElsewhere),
  );
}
