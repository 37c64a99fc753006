import { type Camera, rayThrough, type Vector } from "./camera.js";
import {
  lightDirection,
  OPACITY_LENGTH,
  OPAQUE,
  STEP_IN_CELLS,
  shade,
  stepOpacity,
} from "./shading.js";
import {
  opacityAt,
  TABLE_SIZE,
  type TransferFunction,
  transferTable,
} from "./transfer-function.js";
import type { ValueScale } from "./value-scale.js";

/** Values in a box: C order along z, y, x; what is not finite is not there. */
export interface Volume {
  readonly values: ArrayLike<number>;
  readonly shape: readonly [number, number, number];
  /** Edges x, y, z of the box in the world; its middle is 0. */
  readonly edges: Vector;
}

export interface RayLook {
  readonly scale: ValueScale;
  readonly transfer: TransferFunction;
  readonly shaded: boolean;
}

/**
 * The picture of a volume by emission and absorption along rays (Max, IEEE TVCG 1(2), 1995), shaded by its gradient: RGBA,
 * row after row from the top, colours multiplied by their opacity. Plain TypeScript: what the shaders of the viewer do.
 */
export function castVolume(
  volume: Volume,
  camera: Camera,
  width: number,
  height: number,
  look: RayLook,
): Float32Array {
  const caster = createCaster(volume, camera, look, "many");
  const picture = new Float32Array(4 * width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const across = (2 * (column + 0.5)) / width - 1;
      const up = 1 - (2 * (row + 0.5)) / height;
      picture.set(caster.cast(across, up).colour, 4 * (row * width + column));
    }
  }
  return picture;
}

/** What a ray met. */
export interface RayResult {
  /** Red, green, blue multiplied by the opacity, and that: 0 to 1. */
  readonly colour: readonly [number, number, number, number];
  /** The point, x, y, z from 0 to 1 in the box, that gives most to the colour; undefined where nothing does. */
  readonly point?: Vector;
}

/** `many` rays are worth a copy of all values as places on the colour bar; for `few` only those are looked up that they meet. */
export function createCaster(
  volume: Volume,
  camera: Camera,
  look: RayLook,
  rays: "few" | "many" = "few",
) {
  const { shape, edges } = volume;
  const table = transferTable(look.transfer);
  const step = STEP_IN_CELLS * cellEdge(volume);
  const opacities = Float64Array.from({ length: TABLE_SIZE }, (_, k) =>
    stepOpacity(opacityAt(look.transfer.opacity, k / (TABLE_SIZE - 1)), step),
  );
  const sample = sampler(volume, look.scale, rays);
  const towardsLight = lightDirection(camera);
  const cell: Vector = [1 / shape[2], 1 / shape[1], 1 / shape[0]];

  function gradient([x, y, z]: Vector): Vector {
    const along = (dx: number, dy: number, dz: number) => {
      const [low, high] = [sample(x - dx, y - dy, z - dz), sample(x + dx, y + dy, z + dz)];
      return Number.isNaN(low) || Number.isNaN(high) ? 0 : (high - low) / 2;
    };
    const g = [along(cell[0], 0, 0), along(0, cell[1], 0), along(0, 0, cell[2])];
    // From changes a cell to a direction in the world, in the units of its smallest cell.
    const smallest = cellEdge(volume);
    const [gx, gy, gz] = g.map((change, k) => (change * smallest) / (cell[k] * edges[k]));
    return [gx, gy, gz];
  }

  function cast(across: number, up: number): RayResult {
    const ray = rayThrough(camera, across, up);
    const [near, far] = boxHit(camera.eye, ray, edges);
    let [red, green, blue, alpha] = [0, 0, 0, 0];
    let most = 0;
    let point: Vector | undefined;
    for (let k = Math.ceil(near / step); k * step <= far && alpha < OPAQUE; k++) {
      const at = [0, 1, 2].map(
        (axis) => (camera.eye[axis] + ray[axis] * k * step) / edges[axis] + 0.5,
      );
      const place = sample(at[0], at[1], at[2]);
      if (Number.isNaN(place)) continue;
      const entry = place * (TABLE_SIZE - 1);
      const low = Math.min(TABLE_SIZE - 2, Math.floor(entry));
      const part = entry - low;
      const opacity = opacities[low] + (opacities[low + 1] - opacities[low]) * part;
      if (opacity <= 0) continue;
      const seen = opacity * (1 - alpha);
      const position: Vector = [at[0], at[1], at[2]];
      const [lit, gloss] = look.shaded ? shade(gradient(position), ray, towardsLight) : [1, 0];
      const colour = (channel: number) => {
        const a = table[4 * low + channel] / 255;
        const b = table[4 * (low + 1) + channel] / 255;
        return Math.min(1, (a + (b - a) * part) * lit + gloss);
      };
      red += colour(0) * seen;
      green += colour(1) * seen;
      blue += colour(2) * seen;
      alpha += seen;
      if (seen > most) {
        most = seen;
        point = position;
      }
    }
    return { colour: [red, green, blue, alpha], point };
  }

  /** Where a ray first meets the surface of a place on the colour bar, x, y, z from 0 to 1 in the box. */
  function meet(across: number, up: number, surface: number): Vector | undefined {
    const ray = rayThrough(camera, across, up);
    const [near, far] = boxHit(camera.eye, ray, edges);
    const pointAt = (distance: number): Vector => {
      const at = (axis: 0 | 1 | 2) => (camera.eye[axis] + ray[axis] * distance) / edges[axis] + 0.5;
      return [at(0), at(1), at(2)];
    };
    const heightAt = (distance: number) => sample(...pointAt(distance)) - surface;
    let before = Number.NaN;
    for (let k = Math.ceil(near / step); k * step <= far; k++) {
      const height = heightAt(k * step);
      if (before * height < 0) {
        let [low, high] = [(k - 1) * step, k * step];
        for (let halving = 0; halving < 6; halving++) {
          const middle = (low + high) / 2;
          if (heightAt(middle) * before > 0) low = middle;
          else high = middle;
        }
        return pointAt((low + high) / 2);
      }
      before = height;
    }
    return undefined;
  }
  /** Shade and gloss of the surface at such a point, seen along the ray through a place of the picture. */
  function shadeAt(point: Vector, across: number, up: number): [number, number] {
    if (!look.shaded) return [1, 0];
    return shade(gradient(point), rayThrough(camera, across, up), towardsLight);
  }
  return { cast, meet, shadeAt };
}

/** The shortest edge of a value's cell in the world, along axes of more than one value. */
export function cellEdge({ shape, edges }: Pick<Volume, "shape" | "edges">): number {
  const [nz, ny, nx] = shape;
  const cells = [nx, ny, nz].map((count, k) =>
    count > 1 ? edges[k] / count : Number.POSITIVE_INFINITY,
  );
  const least = Math.min(...cells);
  return Number.isFinite(least) ? least : OPACITY_LENGTH;
}

/** Distances at which a ray enters and leaves the box about 0; the first is larger where it misses. */
export function boxHit(eye: Vector, ray: Vector, edges: Vector): [number, number] {
  let near = 0;
  let far = Number.POSITIVE_INFINITY;
  for (let axis = 0; axis < 3; axis++) {
    const [a, b] = [-0.5, 0.5].map((side) => (side * edges[axis] - eye[axis]) / ray[axis]);
    near = Math.max(near, Math.min(a, b));
    far = Math.min(far, Math.max(a, b));
  }
  return [near, far];
}

/** Reads places on the colour bar, 0 to 1, between values; NaN where a value that would count is absent. */
function sampler({ values, shape }: Volume, scale: ValueScale, rays: "few" | "many") {
  const [nz, ny, nx] = shape;
  const placeOf = (i: number): number => {
    const value = values[i];
    if (!Number.isFinite(value)) return Number.NaN;
    const place = scale.place(value);
    // A value that a logarithmic scale has no place for lies below all others.
    return Number.isNaN(place) ? 0 : Math.min(1, Math.max(0, place));
  };
  const places =
    rays === "many" ? Float32Array.from({ length: nz * ny * nx }, (_, i) => placeOf(i)) : undefined;
  const at = places ? (i: number) => places[i] : placeOf;
  const split = (share: number, count: number): [number, number, number] => {
    const place = Math.min(count - 1, Math.max(0, share * count - 0.5));
    const low = Math.min(Math.max(0, count - 2), Math.floor(place));
    return [low, Math.min(count - 1, low + 1), place - low];
  };
  return (x: number, y: number, z: number): number => {
    const [x0, x1, px] = split(x, nx);
    const [y0, y1, py] = split(y, ny);
    const [z0, z1, pz] = split(z, nz);
    const row = (zi: number, yi: number) => {
      const from = (zi * ny + yi) * nx;
      return at(from + x0) * (1 - px) + at(from + x1) * px;
    };
    const plane = (zi: number) => row(zi, y0) * (1 - py) + row(zi, y1) * py;
    return plane(z0) * (1 - pz) + plane(z1) * pz;
  };
}
