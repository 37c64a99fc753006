import type { Geometry, JointSource } from "@fieldzip/kernels";
import { sourcesOf } from "../geometry.js";

/** Rows of other fields that are tried, at most. */
const MOST_ROWS = 40;

/**
 * The rows of other fields that rows of a kind may be predicted from: those around the place itself, and
 * all that the own ones are, so that what stencils miss of the other field is seen; of fields that find no room
 * for so many only the nearest.
 */
export function jointSourcesOf(
  geometry: Geometry,
  kind: number,
  fields: readonly number[],
): JointSource[] {
  const own = sourcesOf(geometry, kind);
  const near = [{ dt: 0, dz: 0, dy: 0 }];
  const ahead = [
    ...(geometry.height > 1 ? [{ dt: 0, dz: 0, dy: 1 }] : []),
    ...(geometry.depth > 1 ? [{ dt: 0, dz: 1, dy: 0 }] : []),
    ...(geometry.outer > 1 ? [{ dt: 1, dz: 0, dy: 0 }] : []),
  ];
  const nearest = own.filter(({ dt, dz, dy }) => Math.abs(dt) + Math.abs(dz) + Math.abs(dy) === 1);
  const second = own.filter(
    ({ dt, dz, dy }) => dt === 0 && (dz === 0 ? dy === -2 : dz === -2 && dy === 0),
  );
  const few = [...near, ...ahead, ...nearest, ...second];
  const many = [...near, ...ahead, ...own];
  const sources: JointSource[] = [];
  let room = MOST_ROWS;
  fields.forEach((field, k) => {
    const others = fields.length - 1 - k;
    const wanted = many.length + others * few.length <= room ? many : few;
    if (wanted.length > room) return;
    room -= wanted.length;
    sources.push(...wanted.map((source) => ({ ...source, field })));
  });
  return sources;
}
