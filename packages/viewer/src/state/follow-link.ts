import { linkOf, stateOf } from "./deep-link.js";
import type { Store } from "./store.js";
import type { ViewState } from "./view-state.js";

/** Milliseconds between two entries into the address bar: browsers refuse more than some a second. */
const everyMs = 300;
/** Parameters of the page that are no part of the view and stay as they are. */
const kept = ["webgl", "ratio", "brick"];

/** Keeps the address bar at the link to the view, and the view at the link when it is edited. */
export function followLink(view: Store<ViewState>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    timer = undefined;
    const address = addressOf(view.current);
    if (address !== location.href) history.replaceState(null, "", address);
  };
  view.watch(
    (state) => state,
    () => {
      if (timer === undefined) timer = setTimeout(write, everyMs);
    },
  );
  addEventListener("hashchange", () => {
    view.change(stateOf(location.search, location.hash));
  });
}

/** The whole link to a view. */
export function addressOf(state: ViewState): string {
  const { query, fragment } = linkOf(state);
  const url = new URL(location.href);
  const others = kept
    .filter((name) => url.searchParams.has(name))
    .map((name) => `${name}=${url.searchParams.get(name) ?? ""}`);
  url.search = [query, ...others].filter(Boolean).join("&");
  url.hash = fragment;
  return url.href;
}
