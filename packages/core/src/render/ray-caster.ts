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

  // From changes a cell to a direction in the world, in the units of its smallest cell.
  const smallest = cellEdge(volume);
  const stretch = cell.map((size, k) => smallest / (size * edges[k]));

  function gradient([x, y, z]: Vector): Vector {
    const gx = change(sample(x - cell[0], y, z), sample(x + cell[0], y, z));
    const gy = change(sample(x, y - cell[1], z), sample(x, y + cell[1], z));
    const gz = change(sample(x, y, z - cell[2]), sample(x, y, z + cell[2]));
    return [gx * stretch[0], gy * stretch[1], gz * stretch[2]];
  }

  /** A channel of the table between two entries, lit, from 0 to 1. */
  function colourIn(channel: number, part: number, lit: number, gloss: number): number {
    const a = table[channel] / 255;
    const b = table[channel + 4] / 255;
    return Math.min(1, (a + (b - a) * part) * lit + gloss);
  }

  function cast(across: number, up: number): RayResult {
    const ray = rayThrough(camera, across, up);
    const [near, far] = boxHit(camera.eye, ray, edges);
    let [red, green, blue, alpha] = [0, 0, 0, 0];
    let most = 0;
    let point: Vector | undefined;
    const [eyeX, eyeY, eyeZ] = camera.eye;
    const [rayX, rayY, rayZ] = ray;
    const [edgeX, edgeY, edgeZ] = edges;
    for (let k = Math.ceil(near / step); k * step <= far && alpha < OPAQUE; k++) {
      const x = (eyeX + rayX * k * step) / edgeX + 0.5;
      const y = (eyeY + rayY * k * step) / edgeY + 0.5;
      const z = (eyeZ + rayZ * k * step) / edgeZ + 0.5;
      const place = sample(x, y, z);
      if (Number.isNaN(place)) continue;
      const entry = place * (TABLE_SIZE - 1);
      const low = Math.min(TABLE_SIZE - 2, Math.floor(entry));
      const part = entry - low;
      const opacity = opacities[low] + (opacities[low + 1] - opacities[low]) * part;
      if (opacity <= 0) continue;
      const seen = opacity * (1 - alpha);
      let lit = 1;
      let gloss = 0;
      if (look.shaded) [lit, gloss] = shade(gradient([x, y, z]), ray, towardsLight);
      red += colourIn(4 * low, part, lit, gloss) * seen;
      green += colourIn(4 * low + 1, part, lit, gloss) * seen;
      blue += colourIn(4 * low + 2, part, lit, gloss) * seen;
      alpha += seen;
      if (seen > most) {
        most = seen;
        point = [x, y, z];
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

/** Half of the way from one place to another; a missing neighbour gives no slope. */
function change(low: number, high: number): number {
  return Number.isNaN(low) || Number.isNaN(high) ? 0 : (high - low) / 2;
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
  // To the next value along each axis; an axis of one value has no next one.
  const aside = nx > 1 ? 1 : 0;
  const higher = ny > 1 ? nx : 0;
  const deeper = nz > 1 ? nx * ny : 0;
  const at = places ? (i: number) => places[i] : placeOf;
  // Scalars alone: this runs some hundred times for every pixel, and lists would be most of its time.
  return (x: number, y: number, z: number): number => {
    const px = Math.min(nx - 1, Math.max(0, x * nx - 0.5));
    const py = Math.min(ny - 1, Math.max(0, y * ny - 0.5));
    const pz = Math.min(nz - 1, Math.max(0, z * nz - 0.5));
    const x0 = Math.min(Math.max(0, nx - 2), Math.floor(px));
    const y0 = Math.min(Math.max(0, ny - 2), Math.floor(py));
    const z0 = Math.min(Math.max(0, nz - 2), Math.floor(pz));
    const fx = px - x0;
    const fy = py - y0;
    const fz = pz - z0;
    const i = (z0 * ny + y0) * nx + x0;
    const j = i + deeper;
    const near =
      (at(i) * (1 - fx) + at(i + aside) * fx) * (1 - fy) +
      (at(i + higher) * (1 - fx) + at(i + higher + aside) * fx) * fy;
    const far =
      (at(j) * (1 - fx) + at(j + aside) * fx) * (1 - fy) +
      (at(j + higher) * (1 - fx) + at(j + higher + aside) * fx) * fy;
    return near * (1 - fz) + far * fz;
  };
}
