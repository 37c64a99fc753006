import { element } from "../dom/element.js";
import type { Rectangle } from "./layout.js";

/** What a screen reader finds in the place of each picture. */
export class PaneLabels {
  private readonly labels: HTMLElement[] = [];

  constructor(private readonly root: HTMLElement) {}

  update(panes: readonly { readonly place: Rectangle; readonly label: string }[]): void {
    while (this.labels.length > panes.length) this.labels.pop()?.remove();
    panes.forEach(({ place, label }, k) => {
      let shown = this.labels[k];
      if (!shown) {
        shown = element("div", { className: "pane", role: "img" });
        this.labels.push(shown);
        this.root.append(shown);
      }
      if (shown.getAttribute("aria-label") !== label) shown.setAttribute("aria-label", label);
      const { left, top, width, height } = place;
      const box = { left, top, width, height };
      for (const [key, value] of Object.entries(box)) {
        shown.style.setProperty(key, `${value}px`);
      }
    });
  }
}
