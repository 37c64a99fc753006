import { createCaster, cursorIn, type Field, rayThrough, type Vector } from "@fieldzip/core/render";
import type { Page } from "../page.js";
import { shownMode, shownScale, transferOf } from "../state/derived.js";
import type { Figure } from "./figure.js";

/** The places z, y, x of the field that are seen at a place of a picture in space (-1 to 1); undefined where nothing is. */
export function pick(
  page: Page,
  figure: Figure,
  index: number,
  across: number,
  up: number,
): [number, number, number] | undefined {
  const [view, session] = [page.view.current, page.session.store.current];
  const { field } = session.a;
  if (!field) return undefined;
  const { camera, edges } = figure.spaceOf(field, figure.plan.panes[index].plot);
  const mode = shownMode(view, session);
  let point: Vector | undefined;
  if (mode === "planes") {
    point = onPlanes(
      field,
      cursorIn(view, field),
      camera.eye,
      rayThrough(camera, across, up),
      edges,
    );
  } else {
    const look = {
      scale: shownScale(view, session),
      transfer: transferOf(view, session),
      shaded: false,
    };
    const caster = createCaster({ values: field.values, shape: field.shape, edges }, camera, look);
    point =
      mode === "surface" ? caster.meet(across, up, view.surface) : caster.cast(across, up).point;
  }
  if (!point) return undefined;
  const [x, y, z] = point;
  const held = [z, y, x].map((share, axis) =>
    Math.min(field.shape[axis] - 1, Math.max(0, Math.floor(share * field.shape[axis]))),
  );
  return [held[0], held[1], held[2]];
}

/** The first of the three planes through the cursor that a ray meets, in shares of the box. */
function onPlanes(
  { shape }: Field,
  cursor: readonly number[],
  eye: Vector,
  ray: Vector,
  edges: Vector,
): Vector | undefined {
  let best: { distance: number; point: Vector } | undefined;
  for (const axis of [0, 1, 2] as const) {
    const place = (cursor[2 - axis] + 0.5) / shape[2 - axis];
    const distance = ((place - 0.5) * edges[axis] - eye[axis]) / ray[axis];
    if (!(distance > 0) || (best && distance >= best.distance)) continue;
    const at = [0, 1, 2].map((k) => (eye[k] + ray[k] * distance) / edges[k] + 0.5);
    const isInside = at.every((share, k) => k === axis || (share >= 0 && share <= 1));
    if (isInside) best = { distance, point: [at[0], at[1], at[2]] };
  }
  return best?.point;
}
