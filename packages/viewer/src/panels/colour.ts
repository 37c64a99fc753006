import { type ColourMapName, colourMapNames } from "@fieldzip/core/render";
import { element } from "../dom/element.js";
import type { Page } from "../page.js";

/** Colour map, scale and range. */
export function colourPanel(page: Page): HTMLElement {
  const { view } = page;
  const map = element(
    "select",
    {
      "aria-label": "Colour map",
      onchange: () => view.change({ map: map.value as ColourMapName }),
    },
    ...colourMapNames.map((name) => element("option", { value: name }, name)),
  );
  view.watch(
    (state) => state.map,
    (name) => {
      map.value = name;
    },
  );
  document.body.addEventListener("key", (event) => {
    if ((event as CustomEvent).detail !== "c") return;
    event.preventDefault();
    const at = colourMapNames.indexOf(view.current.map);
    view.change({ map: colourMapNames[(at + 1) % colourMapNames.length] });
  });
  return element("div", {}, map);
}
