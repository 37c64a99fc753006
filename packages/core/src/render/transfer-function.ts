import { type ColourMapName, colourAt } from "./colour-maps.js";

/** A point of the opacity curve: a place on the colour bar and how opaque a unit of depth is there, both 0 to 1. */
export interface OpacityPoint {
  readonly place: number;
  readonly opacity: number;
}

/** Colour and opacity of every place on the colour bar. */
export interface TransferFunction {
  readonly map: ColourMapName;
  readonly reversed: boolean;
  /** In the order of their places; linear between them, constant beyond the ends. */
  readonly opacity: readonly OpacityPoint[];
}

/** Entries of a table; enough that neighbours differ by less than a screen shows. */
export const TABLE_SIZE = 256;

export function opacityAt(points: readonly OpacityPoint[], place: number): number {
  if (points.length === 0) return 0;
  const above = points.findIndex((point) => point.place >= place);
  if (above < 0) return points[points.length - 1].opacity;
  if (above === 0) return points[0].opacity;
  const [a, b] = [points[above - 1], points[above]];
  const width = b.place - a.place;
  if (width <= 0) return b.opacity;
  return a.opacity + ((b.opacity - a.opacity) * (place - a.place)) / width;
}

/** The transfer function as RGBA bytes, one entry for each of `TABLE_SIZE` places from 0 to 1; colours not premultiplied. */
export function transferTable({ map, reversed, opacity }: TransferFunction): Uint8Array {
  const table = new Uint8Array(4 * TABLE_SIZE);
  for (let k = 0; k < TABLE_SIZE; k++) {
    const place = k / (TABLE_SIZE - 1);
    const colour = colourAt(map, reversed ? 1 - place : place);
    for (let part = 0; part < 3; part++) table[4 * k + part] = Math.round(colour[part]);
    table[4 * k + 3] = Math.round(255 * Math.min(1, Math.max(0, opacityAt(opacity, place))));
  }
  return table;
}
