import { type Camera, dot, type Vector } from "./camera.js";

// How light falls on a volume: the same numbers in the shaders of the viewer and in the ray caster of the command line.

/** The opacity of the transfer function is that of a layer this thick; the longest edge of the box is 1. */
export const OPACITY_LENGTH = 1 / 32;
/** Steps of a ray, in edges of a value's cell. */
export const STEP_IN_CELLS = 0.7;
/** A ray ends where less than this share of what lies behind would be seen. */
export const OPAQUE = 0.985;

export const light = {
  /** Share of the colour without any light. */
  ambient: 0.42,
  diffuse: 0.6,
  specular: 0.22,
  shininess: 20,
  /** Change of the place on the bar from cell to cell under which a surface begins to be one. */
  edge: 0.02,
} as const;

/** Where the light stands: near the eye, above it and to its left, so that shapes throw shades. */
export function lightDirection({ forward, right, above }: Camera): Vector {
  const towards = [0, 1, 2].map((k) => -forward[k] + 0.45 * above[k] - 0.35 * right[k]);
  const length = Math.hypot(...towards);
  const [x, y, z] = towards.map((part) => part / length);
  return [x, y, z];
}

/** What opacity a step has whose layer is thinner or thicker than that of the transfer function. */
export function stepOpacity(opacity: number, step: number): number {
  return 1 - (1 - Math.min(opacity, 0.9999)) ** (step / OPACITY_LENGTH);
}

/**
 * Shade and gloss of a surface with this gradient (places on the bar a cell; any length) seen along `ray`: the colour is
 * multiplied by the one, the other added. Both sides of a surface are lit.
 */
export function shade(gradient: Vector, ray: Vector, towardsLight: Vector): [number, number] {
  const length = lengthOf(gradient);
  if (!(length > 1e-6)) return [1, 0];
  const strength = Math.min(1, length / light.edge);
  const normal: Vector = [gradient[0] / length, gradient[1] / length, gradient[2] / length];
  const half: Vector = [
    towardsLight[0] - ray[0],
    towardsLight[1] - ray[1],
    towardsLight[2] - ray[2],
  ];
  const diffuse = Math.abs(dot(normal, towardsLight));
  const gloss = Math.abs(dot(normal, half)) / lengthOf(half);
  const lit = light.ambient + light.diffuse * diffuse;
  return [1 + (lit - 1) * strength, light.specular * gloss ** light.shininess * strength];
}

/** Not by hypot, which takes most of the time of a ray to guard against numbers that do not occur here. */
function lengthOf(vector: Vector): number {
  return Math.sqrt(dot(vector, vector));
}
