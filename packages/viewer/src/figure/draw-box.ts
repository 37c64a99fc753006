import {
  type Axis,
  type Camera,
  edgesOf,
  project,
  tickLabel,
  type Vector,
} from "@fieldzip/core/render";
import { axisTitle, coordinateAt } from "./axis-places.js";
import type { Inks } from "./inks.js";
import type { Rectangle } from "./layout.js";

interface Edge {
  readonly from: Vector;
  readonly to: Vector;
  /** 0 is x. */
  readonly axis: 0 | 1 | 2;
  readonly isBehind: boolean;
}

/** Draws the edges of the box that lie behind what is in it, or those in front with names and ends of the axes. */
export function drawBox(
  context: CanvasRenderingContext2D,
  plot: Rectangle,
  camera: Camera,
  space: readonly [Axis, Axis, Axis],
  cursor: readonly [number, number, number],
  inks: Inks,
  part: "behind" | "before",
): void {
  const edges = edgesOf(space);
  const [half, sides] = [
    edges.map((edge) => edge / 2) as unknown as Vector,
    allEdges(edges, camera),
  ];
  const place = (point: Vector): [number, number] => {
    const [across, up] = project(camera, point);
    return [plot.left + ((across + 1) / 2) * plot.width, plot.top + ((1 - up) / 2) * plot.height];
  };
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.width, plot.height);
  context.clip();
  context.lineWidth = 1;
  context.strokeStyle = part === "behind" ? inks.line : inks.faint;
  for (const edge of sides.filter(({ isBehind }) => isBehind === (part === "behind"))) {
    line(context, place(edge.from), place(edge.to));
  }
  if (part === "before") {
    drawCursor(context, place, half, space, cursor, inks);
    drawNames(context, place, sides, space, plot, inks);
  }
  context.restore();
}

function allEdges(edges: Vector, camera: Camera): Edge[] {
  const found: Edge[] = [];
  for (const axis of [0, 1, 2] as const) {
    const [one, other] = ([0, 1, 2] as const).filter((k) => k !== axis);
    for (const a of [-0.5, 0.5]) {
      for (const b of [-0.5, 0.5]) {
        const point = (along: number): Vector => {
          const made = [0, 0, 0];
          made[axis] = along * edges[axis];
          made[one] = a * edges[one];
          made[other] = b * edges[other];
          return made as unknown as Vector;
        };
        // An edge is behind where both faces that meet in it look away.
        const looksAway = (k: 0 | 1 | 2, side: number) =>
          Math.sign(side) * (camera.eye[k] - side * edges[k]) < 0;
        const isBehind = looksAway(one, a) && looksAway(other, b);
        found.push({ from: point(-0.5), to: point(0.5), axis, isBehind });
      }
    }
  }
  return found;
}

/** A small cross in space where the cursor stands. */
function drawCursor(
  context: CanvasRenderingContext2D,
  place: (point: Vector) => [number, number],
  half: Vector,
  space: readonly [Axis, Axis, Axis],
  cursor: readonly [number, number, number],
  inks: Inks,
): void {
  const at = [2, 1, 0].map((k, axis) => (((cursor[k] + 0.5) / space[k].size) * 2 - 1) * half[axis]);
  for (const [colour, width] of [
    [inks.paper, 3],
    [inks.accent, 1.4],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    for (let axis = 0; axis < 3; axis++) {
      const shifted = (by: number) =>
        at.map((value, k) => (k === axis ? value + by : value)) as unknown as Vector;
      line(context, place(shifted(-0.035)), place(shifted(0.035)));
    }
  }
  context.lineWidth = 1;
}

/** The name of each axis and its ends, along the edge of the outline that lies lowest. */
function drawNames(
  context: CanvasRenderingContext2D,
  place: (point: Vector) => [number, number],
  sides: readonly Edge[],
  space: readonly [Axis, Axis, Axis],
  plot: Rectangle,
  inks: Inks,
): void {
  const [cx, cy] = place([0, 0, 0]);
  for (const axis of [0, 1, 2] as const) {
    const shown = space[2 - axis];
    if (shown.name === "") continue;
    const outer = sides
      .filter((side) => side.axis === axis && !side.isBehind)
      .map((side) => ({ from: place(side.from), to: place(side.to) }))
      .map((side) => ({
        ...side,
        middle: [(side.from[0] + side.to[0]) / 2, (side.from[1] + side.to[1]) / 2],
      }))
      // The upright axis at the left, the others below.
      .sort((a, b) => (axis === 2 ? a.middle[0] - b.middle[0] : b.middle[1] - a.middle[1]))[0];
    if (!outer) continue;
    const away = Math.hypot(outer.middle[0] - cx, outer.middle[1] - cy) || 1;
    const out = [(outer.middle[0] - cx) / away, (outer.middle[1] - cy) / away];
    const write = (text: string, [x, y]: readonly number[], distance: number) => {
      context.textAlign = out[0] < -0.35 ? "right" : out[0] > 0.35 ? "left" : "center";
      context.textBaseline = "middle";
      const inside = Math.min(
        plot.top + plot.height - 7,
        Math.max(plot.top + 7, y + out[1] * distance),
      );
      // Beyond the pane it would be cut off.
      const wide = context.measureText(text).width;
      const before = { left: 0, center: 0.5, right: 1 }[context.textAlign as "left"] * wide;
      const low = plot.left + 1 + before;
      const high = plot.left + plot.width - 1 - wide + before;
      context.fillText(text, Math.min(high, Math.max(low, x + out[0] * distance)), inside);
    };
    context.fillStyle = inks.faint;
    context.font = `11px ${inks.sans}`;
    const between = (share: number) => [
      outer.from[0] + (outer.to[0] - outer.from[0]) * share,
      outer.from[1] + (outer.to[1] - outer.from[1]) * share,
    ];
    const span = Math.abs(coordinateAt(shown, 1) - coordinateAt(shown, 0));
    const number = (share: number) => {
      const value = coordinateAt(shown, share);
      // What rounding left of a 0.
      const clean = Math.abs(value) < 1e-9 * span ? 0 : Number(value.toPrecision(4));
      return tickLabel(clean).replace("-", "−");
    };
    // In a small picture numbers would cover what it shows.
    if (plot.width >= 170) {
      write(number(0), between(0.06), 11);
      write(number(1), between(0.94), 11);
    }
    context.fillStyle = inks.ink;
    context.font = `italic 13px ${inks.serif}`;
    write(axisTitle(shown), between(0.5), 15);
  }
}

function line(
  context: CanvasRenderingContext2D,
  from: readonly number[],
  to: readonly number[],
): void {
  context.beginPath();
  context.moveTo(from[0], from[1]);
  context.lineTo(to[0], to[1]);
  context.stroke();
}
