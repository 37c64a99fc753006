import type { FieldzipError } from "@fieldzip/core";
import { element, setText } from "../dom/element.js";
import type { Page } from "../page.js";
import { chooseFile, show } from "./drop.js";

/** What is shown in the place of a picture: how to begin, and what went wrong and what to do. */
export function notices(page: Page): HTMLElement {
  const root = element("div", { className: "notices" });
  const progress = element("progress", { max: 1, "aria-label": "Loading" });
  const update = () => {
    const { a, b } = page.session.store.current;
    const { a: location } = page.view.current;
    const parts: HTMLElement[] = [];
    for (const side of [a, b]) if (side.error) parts.push(errorNotice(page, side.error));
    if (location === undefined) parts.push(beginning(page));
    root.replaceChildren(...parts);
    root.hidden = parts.length === 0;
    document.documentElement.dataset.open = String(a.source !== undefined || a.isOpening);
    const shares = [a, b].flatMap((side) => {
      if (side.isOpening) return [0];
      return side.field && side.field.done < 1 ? [side.field.done] : [];
    });
    const isBusy = shares.length > 0 || (a.source !== undefined && !a.field && !a.error);
    progress.classList.toggle("busy", isBusy);
    if (isBusy)
      progress.value = shares.reduce((sum, share) => sum + share, 0) / (shares.length || 1);
    document.documentElement.dataset.loaded = String(!isBusy && a.field !== undefined);
  };
  page.session.store.watch((session) => session, update);
  page.view.watch((state) => state.a, update);
  return element("div", { className: "over-stage" }, progress, root);
}

function errorNotice(page: Page, error: FieldzipError): HTMLElement {
  const { where, expected, found, remedy } = error.details;
  const line = (label: string, text: string | undefined) =>
    text ? element("div", {}, element("dt", {}, label), element("dd", {}, text)) : undefined;
  return element(
    "section",
    { className: "notice", role: "alert" },
    element("h2", {}, "This could not be shown"),
    element("dl", {}, line("where", where), line("expected", expected), line("found", found)),
    element("p", {}, remedy ? `${remedy[0].toUpperCase()}${remedy.slice(1)}.` : ""),
    element("p", {}, element("button", { onclick: () => page.session.retry() }, "Try again")),
  );
}

function beginning(page: Page): HTMLElement {
  const url = element("input", {
    type: "url",
    className: "notice-address",
    placeholder: "https://…/run.zarr",
    "aria-label": "Address of an archive",
    required: true,
  });
  const form = element(
    "form",
    {
      onsubmit: (event: Event) => {
        event.preventDefault();
        show(page, url.value, "a");
      },
    },
    url,
    element("button", { type: "submit" }, "Open"),
  );
  const code = element("code", {});
  setText(code, "fieldzip view run.zarr original.nc");
  return element(
    "section",
    { className: "notice" },
    element("h2", {}, "Nothing is open yet"),
    element(
      "p",
      {},
      "Drop an archive on this page, a ",
      element("code", {}, ".zarr.zip"),
      " or the folder itself; it stays on this machine. A second one is compared with the first.",
    ),
    element("p", {}, element("button", { onclick: () => chooseFile(page, "a") }, "Choose a .zip")),
    element("p", {}, "Or open one behind an address, an archive or any other Zarr hierarchy:"),
    form,
    element("p", { className: "faint" }, "From a terminal, with files of any format: ", code),
  );
}
