import { type Camera, cameraOf } from "./camera.js";
import { type Field, planeOf } from "./field.js";
import { edgesOf } from "./field-layout.js";
import { opacityFor } from "./opacity-for.js";
import type { PictureView } from "./picture-view.js";
import { createCaster } from "./ray-caster.js";
import { cursorIn, sliceAxes, sliceAxis, sliceWindow } from "./slices.js";
import { TABLE_SIZE, type TransferFunction, transferTable } from "./transfer-function.js";
import { type ValueScale, valueScale } from "./value-scale.js";

/** A colour, each part 0 to 255. */
type Ground = readonly [red: number, green: number, blue: number];

export interface PictureLook {
  readonly view: Pick<
    PictureView,
    "mode" | "axis" | "cursor" | "surface" | "shaded" | "smooth" | "camera"
  >;
  readonly scale: Pick<ValueScale, "name" | "range">;
  readonly transfer: TransferFunction;
  /** Behind everything. */
  readonly ground: Ground;
  /** Of a slice where there is no value. */
  readonly absent: Ground;
}

interface Look extends PictureLook {
  readonly scale: ValueScale;
}

/** What a picture is drawn of: plain data, so that a worker can draw it. */
export type PictureField = Pick<Field, "values" | "shape" | "every"> & {
  readonly layout: Pick<Field["layout"], "space">;
};

/** Colours and opacity of a view for a field: its own opacity curve, else one that suits the values. */
export function transferFor(
  { map, reversed, opacity }: Pick<PictureView, "map" | "reversed" | "opacity">,
  field: Pick<Field, "values">,
  scale: ValueScale,
): TransferFunction {
  return { map, reversed, opacity: opacity ?? opacityFor(field, scale) };
}

/**
 * The picture of a field as RGBA bytes, opaque, row after row from the top: a slice, a volume or a surface, as the viewer
 * draws them. A field of one plane has only slices. `planes` are a volume's middle: not drawn here, a RangeError.
 */
export function drawPicture(
  field: PictureField,
  width: number,
  height: number,
  plain: PictureLook,
): Uint8Array {
  const look: Look = { ...plain, scale: valueScale(plain.scale.name, plain.scale.range) };
  const mode = field.shape[0] === 1 ? "slice" : look.view.mode;
  if (mode === "slice") return drawSlice(field, width, height, look);
  if (mode === "planes") throw new RangeError("three planes are drawn by the viewer alone");
  const edges = edgesOf(field.layout.space);
  const camera = cameraOf(look.view.camera, edges, width / height);
  const colourAt = mode === "volume" ? emission : surface;
  return drawRays(width, height, look.ground, colourAt(field, camera, look, edges));
}

type ColourAt = (across: number, up: number) => readonly [number, number, number, number];

function emission(
  { values, shape }: PictureField,
  camera: Camera,
  { scale, transfer, view: { shaded } }: Look,
  edges: Camera["eye"],
): ColourAt {
  const caster = createCaster(
    { values, shape, edges },
    camera,
    { scale, transfer, shaded },
    "many",
  );
  return (across, up) => caster.cast(across, up).colour;
}

function surface(
  { values, shape }: PictureField,
  camera: Camera,
  { scale, transfer, view }: Look,
  edges: Camera["eye"],
): ColourAt {
  const { shaded } = view;
  const caster = createCaster(
    { values, shape, edges },
    camera,
    { scale, transfer, shaded },
    "many",
  );
  const colour = colourOf(transferTable(transfer), view.surface);
  return (across, up) => {
    const point = caster.meet(across, up, view.surface);
    if (!point) return [0, 0, 0, 0];
    const [lit, gloss] = caster.shadeAt(point, across, up);
    const [red, green, blue] = colour.map((part) => Math.min(1, (part / 255) * lit + gloss));
    return [red, green, blue, 1];
  };
}

function drawRays(width: number, height: number, ground: Ground, colourAt: ColourAt): Uint8Array {
  const picture = new Uint8Array(4 * width * height).fill(255);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const across = (2 * (column + 0.5)) / width - 1;
      const up = 1 - (2 * (row + 0.5)) / height;
      const colour = colourAt(across, up);
      const at = 4 * (row * width + column);
      for (let part = 0; part < 3; part++) {
        const behind = (1 - colour[3]) * ground[part];
        picture[at + part] = Math.round(255 * colour[part] + behind);
      }
    }
  }
  return picture;
}

function drawSlice(
  field: PictureField,
  width: number,
  height: number,
  { view, scale, transfer, ground, absent }: Look,
): Uint8Array {
  const axis = sliceAxis(view, field);
  const plane = planeOf(field, axis, cursorIn(view, field)[axis]);
  const window = sliceWindow(view.camera);
  const table = transferTable(transfer);
  const picture = new Uint8Array(4 * width * height).fill(255);
  for (let row = 0; row < height; row++) {
    const y = along(window.up, 1 - (row + 0.5) / height);
    for (let column = 0; column < width; column++) {
      const x = along(window.across, (column + 0.5) / width);
      const isInside = x >= 0 && x <= 1 && y >= 0 && y <= 1;
      const value = valueIn(plane, x * plane.columns, y * plane.rows, view.smooth);
      const place = scale.place(value);
      const colour = !isInside
        ? ground
        : Number.isFinite(value)
          ? colourOf(table, Number.isNaN(place) ? 0 : place)
          : absent;
      picture.set(colour.map(Math.round), 4 * (row * width + column));
    }
  }
  return picture;
}

/** The same as a task of a pool: plain data in, plain data out. */
export interface DrawPictureTask {
  readonly field: PictureField;
  readonly width: number;
  readonly height: number;
  readonly look: PictureLook;
}

export function drawPictureTask({ field, width, height, look }: DrawPictureTask): Uint8Array {
  return drawPicture(field, width, height, look);
}

/** The lengths, across and up, of a slice against each other. */
export function sliceExtents(
  view: Pick<PictureView, "axis">,
  field: PictureField,
): [number, number] {
  const { across, up } = sliceAxes(sliceAxis(view, field));
  const [x, y, z] = edgesOf(field.layout.space);
  const edges = [z, y, x];
  return [edges[across], edges[up]];
}

function along([low, high]: readonly [number, number], share: number): number {
  return low + (high - low) * share;
}

/** The value at a place counted in cells: that of the cell, or `smooth` between four of them, where all are there. */
function valueIn(
  { values, rows, columns }: ReturnType<typeof planeOf>,
  x: number,
  y: number,
  smooth: boolean,
): number {
  const at = (column: number, row: number) =>
    values[
      Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column))
    ];
  const nearest = at(Math.floor(x), Math.floor(y));
  if (!smooth) return nearest;
  const [left, low] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [px, py] = [x - 0.5 - left, y - 0.5 - low];
  const row = (k: number) => at(left, k) * (1 - px) + at(left + 1, k) * px;
  const mixed = row(low) * (1 - py) + row(low + 1) * py;
  return Number.isFinite(mixed) ? mixed : nearest;
}

/** The colour of a place on the bar, between the entries of a table. */
function colourOf(table: Uint8Array, place: number): [number, number, number] {
  const entry = Math.min(1, Math.max(0, place)) * (TABLE_SIZE - 1);
  const low = Math.min(TABLE_SIZE - 2, Math.floor(entry));
  const part = entry - low;
  const channel = (k: number) => {
    const [a, b] = [table[4 * low + k], table[4 * (low + 1) + k]];
    return a + (b - a) * part;
  };
  return [channel(0), channel(1), channel(2)];
}
