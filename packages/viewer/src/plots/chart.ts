// The only file that imports uPlot.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { tickLabel } from "@fieldzip/core/render";
import { element } from "../dom/element.js";
import { inksOf } from "../figure/inks.js";

export interface ChartLine {
  readonly label: string;
  readonly values: ArrayLike<number>;
}

export interface ChartContent {
  /** In words, for those who do not see it. */
  readonly label: string;
  /** Name of the axis across. */
  readonly across: string;
  readonly x: ArrayLike<number>;
  readonly lines: readonly ChartLine[];
  /** Where the cursor stands. */
  readonly marked: number;
  /** Same for all charts that show the same values. */
  readonly range?: readonly [number, number];
}

/** A line plot; a click chooses a place on the axis across. */
export class Chart {
  readonly root = element("div", { className: "chart", role: "img" });
  private plot?: uPlot;
  private kind = "";
  private content?: ChartContent;

  constructor(private readonly onPick: (index: number) => void) {
    new ResizeObserver(() => {
      const { clientWidth, clientHeight } = this.root;
      if (clientWidth > 0) this.plot?.setSize({ width: clientWidth, height: clientHeight });
    }).observe(this.root);
  }

  show(content: ChartContent): void {
    this.content = content;
    this.root.setAttribute("aria-label", content.label);
    const { clientWidth, clientHeight } = this.root;
    if (clientWidth === 0) return;
    const data = [content.x, ...content.lines.map(({ values }) => values)].map((list) =>
      // What is not finite is a gap.
      Array.from(list, (value) => (Number.isFinite(value) ? value : null)),
    ) as uPlot.AlignedData;
    const inks = inksOf(document.documentElement);
    const kind = [content.lines.length, content.across, ...Object.values(inks)].join();
    if (this.plot && kind === this.kind) {
      this.plot.setData(data);
      return;
    }
    this.kind = kind;
    this.plot?.destroy();
    const axis = {
      stroke: inks.faint,
      font: `11px ${inks.sans}`,
      grid: { stroke: inks.line, width: 0.5 },
      ticks: { stroke: inks.line, width: 0.5, size: 3 },
      values: (_: uPlot, ticks: number[]) => ticks.map((tick) => tickLabel(tick).replace("-", "−")),
    };
    this.plot = new uPlot(
      {
        width: clientWidth,
        height: clientHeight,
        legend: { show: false },
        padding: [8, 10, 0, 0],
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        scales: { x: { time: false }, y: { range: (_, low, high) => this.rangeFor(low, high) } },
        axes: [
          {
            ...axis,
            size: 22,
            gap: 2,
            label: content.across,
            labelSize: 16,
            labelGap: 0,
            labelFont: `italic 12px ${inks.serif}`,
          },
          { ...axis, size: 46, gap: 2 },
        ],
        series: [
          {},
          ...content.lines.map((_, k) => ({
            stroke: k === 0 ? inks.ink : inks.accent,
            width: k === 0 ? 1.2 : 1.6,
            dash: k === 0 ? undefined : [4, 3],
            points: { show: content.x.length < 12, size: 4 },
          })),
        ],
        hooks: { draw: [(plot) => this.drawMark(plot)] },
      },
      data,
      this.root,
    );
    this.plot.over.addEventListener("click", () => {
      const index = this.plot?.cursor.idx;
      if (index != null) this.onPick(index);
    });
  }

  private rangeFor(low: number | null, high: number | null): [number, number] {
    const [from, to] = this.content?.range ?? [low ?? 0, high ?? 1];
    const room = (to - from || Math.abs(to) || 1) * 0.05;
    return [from - room, to + room];
  }

  private drawMark(plot: uPlot): void {
    const { marked } = this.content ?? {};
    if (marked === undefined || !Number.isFinite(marked)) return;
    const x = plot.valToPos(marked, "x", true);
    const { left, top, width, height } = plot.bbox;
    if (x < left - 1 || x > left + width + 1) return;
    const { ctx } = plot;
    ctx.save();
    ctx.strokeStyle = inksOf(document.documentElement).faint;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.restore();
  }
}
