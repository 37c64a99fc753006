import { Measurer } from "./data/measures.js";
import { browserPool } from "./data/pool.js";
import { SessionLoader } from "./data/session.js";
import { element, setText } from "./dom/element.js";
import { Figure } from "./figure/figure.js";
import { followKeys } from "./figure/keyboard.js";
import { followPointer } from "./figure/pointer.js";
import type { Page } from "./page.js";
import { aboutPanel } from "./panels/about.js";
import { caption } from "./panels/caption.js";
import { colourPanel } from "./panels/colour.js";
import { acceptDrops } from "./panels/drop.js";
import { masthead } from "./panels/masthead.js";
import { notices } from "./panels/notices.js";
import { sheet } from "./panels/sheet.js";
import { tools } from "./panels/tools.js";
import { transport } from "./panels/transport.js";
import { variablesPanel } from "./panels/variables.js";
import { viewBar } from "./panels/view-bar.js";
import { plots } from "./plots/plots.js";
import { stateOf } from "./state/deep-link.js";
import { followLink } from "./state/follow-link.js";
import { createStore } from "./state/store.js";

/** Bytes of fields kept, and values of one field: less where the device says that it has little memory. */
function limitsHere() {
  const gigabytes = Number(Reflect.get(navigator, "deviceMemory") ?? 4);
  const cacheBytes = Math.min(1024, Math.max(128, gigabytes * 128)) * 2 ** 20;
  return { cacheBytes, fieldValues: cacheBytes / 8, networkValues: cacheBytes / 32 };
}

/** What a link can ask of the renderer, for tests and for whoever looks for a fault. */
function stageOptions() {
  const asked = new URLSearchParams(location.search);
  const edge = Number(asked.get("brick"));
  return { forceWebGL: asked.has("webgl"), ...(edge >= 4 ? { brickEdge: edge } : {}) };
}

/** Shows messages for some seconds, and has them read out. */
function announcer(body: HTMLElement): (message: string) => void {
  const said = element("p", { className: "said", role: "status" });
  body.append(said);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (message) => {
    setText(said, message);
    said.classList.add("shown");
    clearTimeout(timer);
    timer = setTimeout(() => said.classList.remove("shown"), 4000);
  };
}

/** Builds the page and starts to fetch what its link asks for. */
export function startPage(body: HTMLElement): void {
  const view = createStore(stateOf(location.search, location.hash));
  const pool = browserPool();
  // Three quarters of the script are the renderer: it comes while the archive is opened.
  const stage = import("./scene/stage.js").then(({ Stage }) => Stage.open(pool, stageOptions()));
  const session = new SessionLoader(view, pool, limitsHere());
  const measurer = new Measurer(view, session, pool);
  const page: Page = {
    view,
    session,
    measurer,
    pool,
    announce: announcer(body),
  };
  followLink(view);
  view.watch(
    (state) => state.theme,
    (theme) => {
      document.documentElement.dataset.theme = theme;
    },
  );

  session.store.watch(
    ({ a, b }) => [a.source?.name, b.source?.name],
    (names) => {
      document.title = [[...new Set(names)].filter(Boolean).join(" | "), "fieldzip"]
        .filter(Boolean)
        .join(" · ");
    },
  );

  const figure = new Figure(page);
  const plotted = plots(page);
  const parts = [
    { name: "Variables", content: variablesPanel(page, figure) },
    { name: "Colour", content: colourPanel(page) },
    { name: "Plots", content: plotted, isElsewhere: true },
    { name: "About", content: aboutPanel(page) },
  ];
  const shown = element(
    "section",
    { className: "figure", "aria-label": "Figure" },
    viewBar(page),
    figure.root,
    notices(page),
    transport(page),
    caption(page),
  );
  body.append(
    masthead(page, tools(page, figure)),
    element("main", { className: "plate" }, shown, plotted, sheet(parts)),
  );
  followPointer(page, figure);
  followKeys(page, figure);
  acceptDrops(page, body);
  stage
    .then((opened) => {
      document.documentElement.dataset.backend = opened.backend;
      figure.setStage(opened);
    })
    .catch((error: unknown) => {
      const found = error instanceof Error ? error.message : String(error);
      document.documentElement.dataset.backend = "none";
      page.announce(`No picture: this browser offers neither WebGPU nor WebGL 2 (${found}).`);
    });
}
