import type { Field } from "./field.js";
import type { PictureView } from "./picture-view.js";

/** The part of a slice that is seen, in shares of its axes. */
export interface SliceWindow {
  readonly across: readonly [number, number];
  readonly up: readonly [number, number];
}

export function sliceWindow(camera: {
  zoom: number;
  shift: readonly [number, number];
}): SliceWindow {
  const half = 0.5 / camera.zoom;
  const [x, y] = [0.5 - camera.shift[0], 0.5 - camera.shift[1]];
  return { across: [x - half, x + half], up: [y - half, y + half] };
}

/** The cursor as places z, y, x of the field that a pane shows. */
export function cursorIn(
  { cursor }: Pick<PictureView, "cursor">,
  {
    layout,
    shape,
    every,
  }: Pick<Field, "shape" | "every"> & { readonly layout: Pick<Field["layout"], "space"> },
): [number, number, number] {
  const at = [0, 1, 2].map((axis) => {
    const place = cursor?.[axis] ?? Math.floor(layout.space[axis].size / 2);
    return Math.min(shape[axis] - 1, Math.max(0, Math.floor(place / every[axis])));
  });
  return at as [number, number, number];
}

/** The axes that run across and up in a slice. */
export function sliceAxes(axis: 0 | 1 | 2): { across: 0 | 1 | 2; up: 0 | 1 | 2 } {
  if (axis === 0) return { across: 2, up: 1 };
  return axis === 1 ? { across: 2, up: 0 } : { across: 1, up: 0 };
}

/** The axis a slice stands across: a field of two axes has only one way. */
export function sliceAxis(
  { axis }: Pick<PictureView, "axis">,
  { shape }: Pick<Field, "shape">,
): 0 | 1 | 2 {
  return shape[0] === 1 ? 0 : axis;
}
