import { textWidth } from "./svg.js";

/** A point with a text beside it. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface PlacedLabel extends LabelledPoint {
  /** Where the text is anchored, and its base line. */
  readonly textX: number;
  readonly textY: number;
  /** The side of the text that faces the point: that one is where it is, whatever the font. */
  readonly anchor: "start" | "middle" | "end";
  /** Whether it lies so far off that a line must lead to it. */
  readonly far: boolean;
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const pointRadius = 7;
const directions = [0, 180, -45, 45, -135, 135, -90, 90, -20, 20, -160, 160, -70, 70, -110, 110];
const distances = [11, 17, 26, 38, 54, 74, 98];

/**
 * Places every text where it meets no other text and no point, as near to its own point as that goes.
 * Whoever comes first takes the best place, so several orders are tried and the best one kept; the first
 * `fixed` points come first in all of them.
 */
export function placeLabels(
  points: readonly LabelledPoint[],
  inside: Area,
  size: number,
  fixed = 0,
): PlacedLabel[] {
  const order = points.map((_, k) => k);
  let best = placeInOrder(points, order, inside, size);
  let seed = 1;
  for (let attempt = 0; attempt < 80 && points.length > fixed; attempt++) {
    for (let k = points.length - 1; k > fixed; k--) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const other = fixed + Math.floor((seed / 2 ** 32) * (k - fixed + 1));
      [order[k], order[other]] = [order[other], order[k]];
    }
    const next = placeInOrder(points, order, inside, size);
    if (next.cost < best.cost) best = next;
  }
  return best.labels;
}

function placeInOrder(
  points: readonly LabelledPoint[],
  order: readonly number[],
  inside: Area,
  size: number,
): { labels: PlacedLabel[]; cost: number } {
  const taken: Area[] = points.map(({ x, y }) => around(x, y, pointRadius));
  const labels: PlacedLabel[] = new Array(points.length);
  let total = 0;
  for (const self of order) {
    const point = points[self];
    let best: { area: Area; distance: number; cost: number } | undefined;
    for (const distance of distances) {
      for (const direction of directions) {
        const area = areaOf(point, direction, distance, size);
        const cost =
          overlap(taken, area, self) +
          4 * outside(area, inside) +
          ambiguity(points, area, self) +
          distance / 1000;
        if (!best || cost < best.cost) best = { area, distance, cost };
      }
      if (best && best.cost < 0.5) break;
    }
    const { area, distance, cost } = best!;
    taken.push(area);
    total += cost;
    const textY = area.bottom - 0.24 * size;
    const middle = (area.left + area.right) / 2;
    const side = snap((middle - point.x) / (area.right - area.left));
    const anchor = side > 0 ? "start" : side < 0 ? "end" : "middle";
    const textX = side > 0 ? area.left : side < 0 ? area.right : middle;
    labels[self] = { ...point, textX, textY, anchor, far: distance > distances[0] };
  }
  return { labels, cost: total };
}

/** Where a text lies that is seen from the point in a direction (degrees, clockwise from the right). */
function areaOf({ x, y, text }: LabelledPoint, degrees: number, distance: number, size: number) {
  const width = textWidth(text, size);
  const height = size * 1.15;
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const centreX = x + cos * distance + (width / 2) * snap(cos);
  const centreY = y + sin * distance + (height / 2) * snap(sin) * 0.6;
  return {
    left: centreX - width / 2,
    right: centreX + width / 2,
    top: centreY - height / 2,
    bottom: centreY + height / 2,
  };
}

/** A text to the side ends or starts there; one above or below is centred. */
function snap(part: number): number {
  return Math.abs(part) < 0.2 ? 0 : Math.sign(part);
}

function around(x: number, y: number, radius: number): Area {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

function overlap(taken: readonly Area[], area: Area, self: number): number {
  let sum = 0;
  taken.forEach((other, k) => {
    const width = Math.min(area.right, other.right) - Math.max(area.left, other.left);
    const height = Math.min(area.bottom, other.bottom) - Math.max(area.top, other.top);
    if (width > 0 && height > 0 && k !== self) sum += width * height;
  });
  return sum;
}

/** A text that lies as near to another point as to its own may be read as that one's. */
function ambiguity(points: readonly LabelledPoint[], area: Area, self: number): number {
  const own = distanceTo(area, points[self]);
  const nearer = points.filter((other, k) => k !== self && distanceTo(area, other) < own + 3);
  return 12 * nearer.length;
}

function distanceTo({ left, top, right, bottom }: Area, { x, y }: LabelledPoint): number {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}

function outside(area: Area, inside: Area): number {
  const beyond =
    Math.max(0, inside.left - area.left) +
    Math.max(0, area.right - inside.right) +
    Math.max(0, inside.top - area.top) +
    Math.max(0, area.bottom - inside.bottom);
  return beyond * 10;
}
