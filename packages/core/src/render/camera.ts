/** A point or direction x, y, z. */
export type Vector = readonly [x: number, y: number, z: number];

/** How one looks at a box: angles in degrees, magnification, shift of the picture in shares of its height. */
export interface View {
  /** About the z axis; 0 looks along y. */
  readonly turn: number;
  /** Up from the plane of x and y, -90 to 90. */
  readonly tilt: number;
  readonly zoom: number;
  readonly shift: readonly [across: number, up: number];
}

/**
 * An eye that looks at the middle of a box whose longest edge is 1 and whose middle is 0; z is up. A ray through the picture
 * at across, up (-1 to 1) is `forward + across * tangents[0] * right + up * tangents[1] * above`, shifted.
 */
export interface Camera {
  readonly eye: Vector;
  readonly forward: Vector;
  readonly right: Vector;
  readonly above: Vector;
  /** Tangents of half the angles that the picture spans, across and up. */
  readonly tangents: readonly [number, number];
  /** Where the middle of the box lies in the picture, -1 to 1. */
  readonly middle: readonly [number, number];
}

/** Angle that a picture spans at zoom 1, in degrees: small, so that parallel edges look parallel. */
export const FIELD_OF_VIEW = 22;

/** Edges of the box in the world: the longest is 1. Edges shorter than a 20th of it are drawn that long. */
export function boxEdges(extents: readonly [number, number, number]): Vector {
  const longest = Math.max(...extents) || 1;
  const [x, y, z] = extents.map((extent) => Math.max(0.05, extent / longest));
  return [x, y, z];
}

/** The camera under which a box with these edges just fills a picture of this aspect (width / height) at zoom 1. */
export function cameraOf(view: View, edges: Vector, aspect: number): Camera {
  const [turn, tilt] = [view.turn, Math.max(-89.9, Math.min(89.9, view.tilt))].map(
    (degrees) => (degrees * Math.PI) / 180,
  );
  const out: Vector = [
    Math.cos(tilt) * Math.sin(turn),
    -Math.cos(tilt) * Math.cos(turn),
    Math.sin(tilt),
  ];
  const right: Vector = [Math.cos(turn), Math.sin(turn), 0];
  const above = cross(out, right);
  const half = Math.hypot(...edges) / 2;
  const angle = (FIELD_OF_VIEW * Math.PI) / 360;
  const distance = half / Math.sin(angle);
  // A narrow picture must hold the box across, too.
  const tangent = Math.tan(angle) / view.zoom / Math.min(1, aspect);
  return {
    eye: scaled(out, distance),
    forward: scaled(out, -1),
    right,
    above,
    tangents: [tangent * aspect, tangent],
    middle: [(2 * view.shift[0]) / aspect, 2 * view.shift[1]],
  };
}

/** Where a point of the world lies in the picture (-1 to 1, up is positive), and how far from the eye. */
export function project(camera: Camera, point: Vector): Vector {
  const { eye, forward, right, above, tangents, middle } = camera;
  const from: Vector = [point[0] - eye[0], point[1] - eye[1], point[2] - eye[2]];
  const depth = dot(from, forward);
  return [
    dot(from, right) / (depth * tangents[0]) + middle[0],
    dot(from, above) / (depth * tangents[1]) + middle[1],
    depth,
  ];
}

/** The direction, of length 1, in which the eye sees a place of the picture. */
export function rayThrough(camera: Camera, across: number, up: number): Vector {
  const { forward, right, above, tangents, middle } = camera;
  const [a, b] = [(across - middle[0]) * tangents[0], (up - middle[1]) * tangents[1]];
  const ray: Vector = [
    forward[0] + a * right[0] + b * above[0],
    forward[1] + a * right[1] + b * above[1],
    forward[2] + a * right[2] + b * above[2],
  ];
  return scaled(ray, 1 / Math.sqrt(dot(ray, ray)));
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function scaled([x, y, z]: Vector, by: number): Vector {
  return [x * by, y * by, z * by];
}
