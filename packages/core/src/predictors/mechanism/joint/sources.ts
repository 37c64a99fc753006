import type { Geometry, JointSource } from "@fieldzip/kernels";
import { sourcesOf } from "../geometry.js";

/** Rows of other fields that a row may be predicted from, at most: each costs time. */
const MOST_ROWS = 26;
/** The same for edges, of which there are fewer samples. */
const MOST_EDGE_ROWS = 6;

/**
 * The rows that rows of a kind are predicted from, when other fields help: the own ones as ever; of the
 * first field those around the place itself and everything that the own ones are, so that what stencils
 * miss of it is seen; of further fields the nearest.
 */
export function jointSourcesOf(
  geometry: Geometry,
  kind: number,
  fields: readonly number[],
  edge: boolean,
): JointSource[] {
  const own = sourcesOf(geometry, kind);
  const near = [{ dt: 0, dz: 0, dy: 0 }];
  const add = (dt: number, dz: number, dy: number) => near.push({ dt, dz, dy });
  if (geometry.height > 1) add(0, 0, 1);
  if (geometry.depth > 1) add(0, 1, 0);
  if (geometry.outer > 1 && kind & 4) add(1, 0, 0);
  const nearest = own.filter(({ dt, dz, dy }) => Math.abs(dt) + Math.abs(dz) + Math.abs(dy) === 1);
  const second = own.filter(
    ({ dt, dz, dy }) => (dt === 0 && dz === 0 && dy === -2) || (dt === 0 && dz === -2 && dy === 0),
  );
  const sources: JointSource[] = own.map((source) => ({ ...source, field: 0 }));
  let rows = 0;
  fields.forEach((field, k) => {
    let wanted = k === 0 ? [...near, ...own] : [...near, ...nearest, ...second];
    if (edge) wanted = k === 0 ? [...near, ...nearest] : near.slice(0, 1);
    if (rows + wanted.length > (edge ? MOST_EDGE_ROWS : MOST_ROWS)) return;
    rows += wanted.length;
    sources.push(...wanted.map((source) => ({ ...source, field })));
  });
  return sources;
}
