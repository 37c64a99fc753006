import { element, setText } from "../dom/element.js";
import { onKey } from "../dom/keys.js";
import { filmFrames, saveFilm } from "../export/film.js";
import { savePicture } from "../export/picture.js";
import type { Figure } from "../figure/figure.js";
import { keyHelp } from "../figure/keyboard.js";
import type { Page } from "../page.js";
import { addressOf } from "../state/follow-link.js";
import { themes } from "../state/view-state.js";

/** What can be done with the figure as a whole: link to it, save it, film it. */
export function tools(page: Page, figure: Figure): HTMLElement[] {
  return [
    linkButton(page),
    pictureButton(page, figure),
    filmButton(page, figure),
    themeButton(page),
    helpButton(),
  ];
}

function plain(text: string, title: string, act: () => void): HTMLButtonElement {
  return element("button", { className: "plain", title, onclick: act }, text);
}

function linkButton(page: Page): HTMLElement {
  const copy = async () => {
    const address = addressOf(page.view.current);
    try {
      await navigator.clipboard.writeText(address);
      page.announce("The link to this view is copied.");
    } catch {
      page.announce("The address bar holds the link to this view.");
    }
  };
  onKey(["l"], () => void copy());
  return plain("Link", "Copy the link to this view (l)", () => void copy());
}

function pictureButton(page: Page, figure: Figure): HTMLElement {
  onKey(["s"], () => void savePicture(page, figure));
  return plain("Picture", "Save the figure as PNG (s)", () => void savePicture(page, figure));
}

function filmButton(page: Page, figure: Figure): HTMLElement {
  let running: AbortController | undefined;
  const button = plain("Film", "", () => void record());
  const rest = () => {
    setText(button, "Film");
    button.title = `Save a film of ${filmFrames(page).about} as WebM (f)`;
  };
  const record = async () => {
    if (running) return running.abort();
    running = new AbortController();
    setText(button, "Stop");
    try {
      await saveFilm(page, figure, running.signal, (share) =>
        setText(button, `Stop ${Math.round(share * 100)} %`),
      );
    } finally {
      running = undefined;
      rest();
    }
  };
  onKey(["f"], () => void record());
  button.onpointerenter = () => running ?? rest();
  rest();
  return button;
}

function themeButton({ view }: Page): HTMLElement {
  const next = () => {
    const at = themes.indexOf(view.current.theme);
    view.change({ theme: themes[(at + 1) % themes.length] });
  };
  const button = plain("", "Light or dark (t)", next);
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

function helpButton(): HTMLElement {
  const dialog = element(
    "dialog",
    { className: "help", "aria-label": "Keys" },
    element("h2", { className: "help-title" }, "Keys"),
    element(
      "dl",
      { className: "facts" },
      ...keyHelp.map(([keys, does]) =>
        element("div", {}, element("dt", {}, element("kbd", {}, keys)), element("dd", {}, does)),
      ),
    ),
    element(
      "p",
      { className: "faint" },
      "The wheel or two fingers zoom, Shift and dragging shifts. A click in space puts the cursor where something is seen.",
    ),
    element("form", { method: "dialog" }, element("button", {}, "Close")),
  );
  document.body.append(dialog);
  onKey(["?"], () => dialog.showModal());
  return plain("?", "Keys (?)", () => dialog.showModal());
}
