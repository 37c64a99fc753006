import { cameraOf, transferTable } from "@fieldzip/core/render";
import { type Axis, lengthsOf } from "../data/axes.js";
import { valueAt } from "../data/field.js";
import { element } from "../dom/element.js";
import type { Page } from "../page.js";
import type { Stage } from "../scene/stage.js";
import {
  cursorIn,
  differenceScale,
  differenceTransfer,
  type PaneContent,
  panesOf,
  shownMode,
  shownScale,
  sliceAxes,
  sliceAxis,
  transferOf,
} from "../state/derived.js";
import { drawColourBar } from "./draw-bar.js";
import { drawBox, edgesOf } from "./draw-box.js";
import { drawSliceAxes, sliceWindow } from "./draw-slice.js";
import { drawTitle } from "./draw-title.js";
import { type Inks, inksOf, partsOf } from "./inks.js";
import { type FigurePlan, planFigure } from "./layout.js";
import { paneTitle } from "./words.js";

/** The figure: panes drawn by the GPU between two drawings of lines and text. */
export class Figure {
  readonly root = element("div", { className: "stage" });
  /** Where things lie now; changes with size, panes and mode. */
  plan: FigurePlan = { panes: [], bars: [], barsBelow: false };
  private readonly under = element("canvas", { "aria-hidden": "true" });
  private readonly over = element("canvas", { "aria-hidden": "true" });
  private stage?: Stage;
  private inks: Inks;
  private isQueued = false;

  constructor(private readonly page: Page) {
    this.root.append(this.under, this.over);
    this.inks = inksOf(document.documentElement);
    page.view.watch(
      (state) => state,
      () => this.draw(),
    );
    page.session.store.watch(
      (session) => session,
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
    this.draw();
  }

  /** Draws soon, once for all that changes until then. */
  draw(): void {
    if (this.isQueued) return;
    this.isQueued = true;
    requestAnimationFrame(() => {
      this.isQueued = false;
      this.drawNow();
    });
  }

  private drawNow(): void {
    const { width, height } = this.root.getBoundingClientRect();
    if (width < 10 || height < 10) return;
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    this.inks = inksOf(document.documentElement);
    const panes = panesOf(view, session);
    this.plan = this.planNow(width, height, panes);
    this.drawStage(width, height, panes);
    const ratio = devicePixelRatio;
    const under = sized(this.under, width, height, ratio);
    const over = sized(this.over, width, height, ratio);
    this.drawLines(under, over, panes);
    document.documentElement.dataset.drawn = this.stage ? "still" : "waiting";
  }

  private planNow(width: number, height: number, panes: readonly PaneContent[]): FigurePlan {
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    const isFlat = shownMode(view, session) === "slice";
    return planFigure(width, height, {
      panes: panes.length,
      hasDifference: panes.some(({ kind }) => kind === "difference"),
      aspect: isFlat ? this.sliceAspect() : undefined,
      hasAxes: isFlat,
    });
  }

  private sliceAspect(): number {
    const { layout, field } = this.page.session.store.current.a;
    if (!layout || !field) return 1;
    const { across, up } = sliceAxes(sliceAxis(this.page.view.current, field));
    const [wide, high] = lengthsOf([layout.space[across], layout.space[up]]);
    return wide / high;
  }

  private drawStage(width: number, height: number, panes: readonly PaneContent[]): void {
    const { stage, inks } = this;
    if (!stage) return;
    const [view, session] = [this.page.view.current, this.page.session.store.current];
    stage.setPanes(panes.length);
    stage.resize(width, height, devicePixelRatio);
    const window = sliceWindow(view.camera);
    const common = { absent: partsOf(inks.absent), smooth: view.smooth };
    panes.forEach(({ kind, field }, k) => {
      if (!field || field.values.length === 0) {
        stage.panes[k].hide();
        return;
      }
      const isDifference = kind === "difference";
      const look = {
        ...common,
        scale: isDifference ? differenceScale(session) : shownScale(view, session),
        table: transferTable(isDifference ? differenceTransfer(view) : transferOf(view)),
      };
      const axis = sliceAxis(view, field);
      stage.panes[k].showSlice(field, axis, cursorIn(view, field)[axis], window, look);
    });
    stage.draw(this.plan.panes.map(({ plot }) => plot));
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
      const { plot, outer } = plan.panes[k];
      drawTitle(over, outer, plot, k, paneTitle(kind, view, session), inks);
      if (!field) return;
      const { layout, shape } = field;
      const at = cursorIn(view, field);
      if (isFlat) {
        const { across, up } = sliceAxes(sliceAxis(view, field));
        const axes: [Axis, Axis] = [layout.space[across], layout.space[up]];
        const cursor = [across, up].map((axis) => (at[axis] + 0.5) / shape[axis]);
        drawSliceAxes(over, plot, axes, sliceWindow(view.camera), [cursor[0], cursor[1]], inks);
      } else {
        const camera = cameraOf(view.camera, edgesOf(layout.space), plot.width / plot.height);
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
        table: transferTable(transferOf(view)),
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
