import {
  type Axis,
  cameraOf,
  cursorIn,
  edgesOf,
  type Field,
  lengthsOf,
  sliceAxes,
  sliceAxis,
  sliceWindow,
  transferTable,
  valueAt,
} from "@fieldzip/core/render";
import { element } from "../dom/element.js";
import type { Page } from "../page.js";
import type { Fineness } from "../scene/pace.js";
import type { PaneLook } from "../scene/pane.js";
import type { Stage } from "../scene/stage.js";
import {
  differenceScale,
  differenceTransfer,
  type PaneContent,
  panesOf,
  shownMode,
  shownScale,
  transferOf,
} from "../state/derived.js";
import { drawColourBar } from "./draw-bar.js";
import { drawBox } from "./draw-box.js";
import { drawSliceAxes } from "./draw-slice.js";
import { drawTitle } from "./draw-title.js";
import { FrameLoop } from "./frame-loop.js";
import { type Inks, inksOf, partsOf } from "./inks.js";
import { type FigurePlan, planFigure, type Rectangle } from "./layout.js";
import { PaneLabels } from "./pane-labels.js";
import { paneLabel, paneTitle } from "./words.js";

/** Width through height of a pane that shows a box. */
const boxAspect = 1;

/** Pixels across a picture that is measured. */
const capturedWidth = 384;

export interface Captured {
  /** RGBA bytes. */
  readonly one: Uint8Array;
  readonly other: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The figure: panes drawn by the GPU between two drawings of lines and text. */
export class Figure {
  readonly root = element("div", {
    className: "stage",
    role: "group",
    tabIndex: 0,
    "aria-label": "Pictures. Arrow keys move the cursor or turn; press ? for all keys.",
  });
  /** Where things lie now; changes with size, panes and mode. */
  plan: FigurePlan = { panes: [], bars: [] };
  private readonly under = element("canvas", { "aria-hidden": "true" });
  private readonly over = element("canvas", { "aria-hidden": "true" });
  private readonly labels = new PaneLabels(this.root);
  private stage?: Stage;
  private isSeen = false;
  private inks: Inks;
  private readonly loop: FrameLoop;

  constructor(private readonly page: Page) {
    this.root.append(this.under, this.over);
    this.inks = inksOf(document.documentElement);
    const ratio = Number(new URLSearchParams(location.search).get("ratio"));
    this.loop = new FrameLoop(
      {
        draw: (fineness) => this.drawNow(fineness),
        done: async () => {
          await this.stage?.done();
          this.markFirst();
        },
        onState: (state) => {
          const isReady = this.stage?.panes.every((pane) => pane.isReady) ?? false;
          document.documentElement.dataset.drawn = isReady ? state : "waiting";
          if (isReady && state === "still") this.onStill();
        },
      },
      ratio > 0 && ratio <= 1 ? { scale: ratio, coarseness: 1 } : undefined,
    );
    page.view.watch(
      (state) => state,
      () => this.draw(),
    );
    page.session.store.watch(
      (session) => session,
      () => this.draw(),
    );
    page.measurer.store.watch(
      ({ stored }) => stored,
      () => this.draw(),
    );
    new ResizeObserver(() => this.draw()).observe(this.root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** Takes the stage once it is there. */
  setStage(stage: Stage): void {
    this.stage = stage;
    stage.canvas.setAttribute("aria-hidden", "true");
    this.under.after(stage.canvas);
    stage.onReady = () => this.draw();
    this.draw();
  }

  /** Draws soon, once for all that changes until then. */
  draw(): void {
    this.loop.request();
  }

  /** Resolves when what is asked for now is drawn as finely as it will be. */
  whenStill(): Promise<void> {
    return this.loop.whenStill();
  }

  /** Calls back whenever a frame came to rest. */
  onStill: () => void = () => {};

  /** The figure as it stands, on its paper, with so many pixels for one of the page. */
  compose(ratio: number): HTMLCanvasElement {
    const { width, height } = this.root.getBoundingClientRect();
    const canvas = element("canvas", {});
    const context = sized(canvas, width, height, ratio);
    context.fillStyle = this.inks.paper;
    context.fillRect(0, 0, width, height);
    const panes = panesOf(this.page.view.current, this.page.session.store.current);
    const under = sized(element("canvas", {}), width, height, ratio);
    const over = sized(element("canvas", {}), width, height, ratio);
    this.drawLines(under, over, panes);
    context.drawImage(under.canvas, 0, 0, width, height);
    if (this.stage) {
      // A canvas of the GPU can be read in the moment in which it was drawn, and not later.
      this.drawStage(width, height, panes, { scale: ratio / devicePixelRatio, coarseness: 1 });
      context.drawImage(this.stage.canvas, 0, 0, width, height);
    }
    context.drawImage(over.canvas, 0, 0, width, height);
    this.draw();
    return canvas;
  }

  /** The pictures of a and b as they are measured: without lines and text, of one size. */
  async capture(): Promise<Captured | undefined> {
    const panes = panesOf(this.page.view.current, this.page.session.store.current);
    const { stage, plan } = this;
    // What the panes hold must be what was asked for.
    if (!this.loop.isStill) return undefined;
    const [a, b] = ["a", "b"].map((kind) => panes.findIndex((pane) => pane.kind === kind));
    if (!stage || a < 0 || b < 0 || !panes[a].field || !panes[b].field || !plan.panes[a]) {
      return undefined;
    }
    const { plot } = plan.panes[a];
    const height = Math.max(16, Math.round((capturedWidth * plot.height) / plot.width));
    const ground = partsOf(this.inks.paper);
    const [one, other] = await stage.capture([a, b], capturedWidth, height, ground);
    return { one, other, width: capturedWidth, height };
  }

  /** Notes when there was something to see, for whoever measures the page. */
  private markFirst(): void {
    if (this.isSeen || !this.stage?.panes.some((pane) => pane.isSeen)) return;
    this.isSeen = true;
    performance.mark("first-picture");
  }

  private drawNow(fineness: Fineness): boolean {
    const { width, height } = this.root.getBoundingClientRect();
    if (width < 10 || height < 10) return false;
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    this.inks = inksOf(document.documentElement);
    const panes = panesOf(view, session);
    this.plan = this.planNow(width, height, panes);
    this.page.session.setPlaces(this.placesSeen());
    const isHeavy = this.drawStage(width, height, panes, fineness);
    const under = sized(this.under, width, height, devicePixelRatio);
    const over = sized(this.over, width, height, devicePixelRatio);
    this.drawLines(under, over, panes);
    this.labels.update(
      this.plan.panes.map(({ plot }, k) => ({
        place: plot,
        label: paneLabel(panes[k].kind, k, view, session, this.page.measurer.store.current),
      })),
    );
    return isHeavy;
  }

  private planNow(width: number, height: number, panes: readonly PaneContent[]): FigurePlan {
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    const isFlat = shownMode(view, session) === "slice";
    return planFigure(width, height, {
      panes: panes.length,
      hasDifference: panes.some(({ kind }) => kind === "difference"),
      aspect: isFlat ? this.sliceAspect() : boxAspect,
      hasAxes: isFlat,
    });
  }

  /** Places along the longest axis of a field that can be told apart: half as many as pixels, between which values are mixed. */
  private placesSeen(): number {
    const pixels = Math.max(
      ...this.plan.panes.map(({ plot }) => Math.max(plot.width, plot.height)),
    );
    return (pixels * devicePixelRatio * Math.max(1, this.page.view.current.camera.zoom)) / 2;
  }

  private sliceAspect(): number {
    const { layout, field } = this.page.session.store.current.a;
    if (!layout || !field) return 1;
    const { across, up } = sliceAxes(sliceAxis(this.page.view.current, field));
    const [wide, high] = lengthsOf([layout.space[across], layout.space[up]]);
    return wide / high;
  }

  /** Draws what the GPU draws; whether that was a volume or a surface. */
  private drawStage(
    width: number,
    height: number,
    panes: readonly PaneContent[],
    { scale, coarseness }: Fineness,
  ): boolean {
    const { stage } = this;
    if (!stage) return false;
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    const mode = shownMode(view, session);
    const isHeavy = mode === "volume" || mode === "surface";
    stage.setPanes(panes.length);
    stage.resize(width, height, devicePixelRatio * (isHeavy || scale > 1 ? scale : 1));
    panes.forEach(({ kind, field }, k) => {
      const pane = stage.panes[k];
      if (!field || field.values.length === 0) {
        pane.hide();
        return;
      }
      const isDifference = kind === "difference";
      const look = this.lookOf(isDifference);
      const at = cursorIn(view, field);
      if (mode === "slice") {
        const axis = sliceAxis(view, field);
        pane.showSlice(field, axis, at[axis], sliceWindow(view.camera), look);
        return;
      }
      const space = { ...this.spaceOf(field, this.plan.panes[k].plot), coarseness };
      if (mode === "planes") pane.showPlanes(field, at, space, look);
      else if (mode === "volume") pane.showVolume(field, "volume", space, look);
      else if (isDifference && session.a.field) {
        // The surface of a in the colours of how far b is from it there.
        const shape = { ...this.lookOf(false), transfer: look.transfer };
        const tint = { field, scale: look.scale };
        pane.showVolume(session.a.field, "surface", space, shape, tint);
      } else pane.showVolume(field, "surface", space, look);
    });
    stage.draw(this.plan.panes.map(({ plot }) => plot));
    return isHeavy;
  }

  private lookOf(isDifference: boolean): PaneLook {
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    return {
      scale: isDifference ? differenceScale(session) : shownScale(view, session),
      transfer: isDifference ? differenceTransfer(view) : transferOf(view, session),
      absent: partsOf(this.inks.absent),
      smooth: view.smooth,
      shaded: view.shaded,
      surface: view.surface,
    };
  }

  /** The box of a field in space and the eye that looks at it, in a picture of this shape. */
  spaceOf({ layout }: Field, { width, height }: Rectangle) {
    const edges = edgesOf(layout.space);
    return { edges, camera: cameraOf(this.page.view.current.camera, edges, width / height) };
  }

  private drawLines(
    under: CanvasRenderingContext2D,
    over: CanvasRenderingContext2D,
    panes: readonly PaneContent[],
  ): void {
    const { inks, plan } = this;
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    const isFlat = shownMode(view, session) === "slice";
    panes.forEach(({ kind, field }, k) => {
      const { plot, isFirst } = plan.panes[k];
      drawTitle(
        over,
        plot,
        k,
        paneTitle(kind, view, session, this.page.measurer.store.current),
        inks,
      );
      if (!field) return;
      const { layout, shape } = field;
      const at = cursorIn(view, field);
      if (isFlat) {
        const { across, up } = sliceAxes(sliceAxis(view, field));
        const axes: [Axis, Axis] = [layout.space[across], layout.space[up]];
        const cursor = [across, up].map((axis) => (at[axis] + 0.5) / shape[axis]);
        drawSliceAxes(
          over,
          plot,
          axes,
          sliceWindow(view.camera),
          [cursor[0], cursor[1]],
          inks,
          isFirst,
        );
      } else {
        const { camera } = this.spaceOf(field, plot);
        drawBox(under, plot, camera, layout.space, at, inks, "behind");
        drawBox(over, plot, camera, layout.space, at, inks, "before");
      }
    });
    const main = panes[0].field;
    if (!main) return;
    const units = main.layout.units ? ` / ${main.layout.units}` : "";
    const bars = [
      {
        scale: shownScale(view, session),
        table: transferTable(transferOf(view, session)),
        title: `${main.layout.variable.name}${units}`,
        marked: valueAt(main, cursorIn(view, main)),
      },
    ];
    const last = panes.at(-1);
    if (last?.kind === "difference" && last.field) {
      bars.push({
        scale: differenceScale(session),
        table: transferTable(differenceTransfer(view)),
        title: view.difference === "signed" ? `b − a${units}` : `|b − a|${units}`,
        marked: valueAt(last.field, cursorIn(view, last.field)),
      });
    }
    bars.forEach((bar, k) => {
      if (plan.bars[k]) drawColourBar(over, plan.bars[k], bar, inks);
    });
  }
}

/** The canvas at this size, cleared, in CSS pixels. */
function sized(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  ratio: number,
): CanvasRenderingContext2D {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
