/** A coordinate network as the kernels see it: features of the coordinates, then dense layers. */
export interface NetworkShape {
  /** Coordinates of a point, 1 to 4: [t, z, y, x] or fewer. */
  readonly dimensions: number;
  /** Values at a point: one a variable. */
  readonly outputs: number;
  /** Learned feature grids; their features come first. */
  readonly levels: readonly GridLevel[];
  /**
   * `off`: the coordinates themselves are features. `fixed` and `learned`: sines and cosines of
   * 2 pi (B v + p), whose B and p stay as they are or learn.
   */
  readonly mapping: "off" | "fixed" | "learned";
  /** Rows of B; 0 for none (not with `off`, where the number means nothing). */
  readonly frequencies: number;
  /** Outputs of the hidden layers; at least one. */
  readonly widths: readonly number[];
  /** Whether the first layer has a bias; all others have one. */
  readonly firstBias: boolean;
  readonly activation: Activation;
}

export type Activation = "relu" | "sine" | "smooth";

export interface GridLevel {
  /** Features at a node. */
  readonly features: number;
  /** Nodes along every axis, at least 1. */
  readonly nodes: readonly number[];
}

/** One array of parameters. They stand one after another, in the order of `parametersOf`. */
export interface ParameterArray {
  readonly name: string;
  readonly role: "grid" | "frequencies" | "phases" | "weights" | "bias";
  /** C order: [..nodes, features], [frequencies, dimensions], [frequencies], [inputs, outputs], [outputs]. */
  readonly shape: readonly number[];
}

/** Whether parameters of the one mean the same in the other. */
export function isSameShape(one: NetworkShape, other: NetworkShape): boolean {
  const key = (shape: NetworkShape) =>
    JSON.stringify([shape.dimensions, shape.mapping, shape.activation, parametersOf(shape)]);
  return key(one) === key(other);
}

/** The parameter arrays of a network: grids, B, p, then weights and bias layer by layer. */
export function parametersOf(shape: NetworkShape): ParameterArray[] {
  const arrays: ParameterArray[] = shape.levels.map(({ nodes, features }, level) => ({
    name: `grid${level}`,
    role: "grid",
    shape: [...nodes, features],
  }));
  const { frequencies, dimensions, outputs } = shape;
  if (shape.mapping !== "off" && frequencies > 0) {
    arrays.push({ name: "frequencies", role: "frequencies", shape: [frequencies, dimensions] });
    arrays.push({ name: "phases", role: "phases", shape: [frequencies] });
  }
  let inputs = featuresOf(shape);
  [...shape.widths, outputs].forEach((width, layer) => {
    arrays.push({ name: `weights${layer}`, role: "weights", shape: [inputs, width] });
    if (layer > 0 || shape.firstBias) {
      arrays.push({ name: `bias${layer}`, role: "bias", shape: [width] });
    }
    inputs = width;
  });
  return arrays;
}

/** Inputs of the first layer. */
export function featuresOf({ levels, mapping, frequencies, dimensions }: NetworkShape): number {
  const mapped = mapping === "off" ? dimensions : 2 * frequencies;
  return levels.reduce((sum, { features }) => sum + features, mapped);
}

export function countOfArray({ shape }: Pick<ParameterArray, "shape">): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Throws RangeError where a number of the shape makes no sense. */
export function checkShape(shape: NetworkShape): void {
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  const fail = (what: string, found: unknown) => {
    throw new RangeError(`network: ${what} expected, ${found} found`);
  };
  const { dimensions, outputs, levels, mapping, frequencies, widths } = shape;
  if (!whole(dimensions, 1, 4)) fail("1 to 4 dimensions", dimensions);
  if (!whole(outputs, 1, 4096)) fail("1 to 4096 outputs", outputs);
  if (mapping !== "off" && !whole(frequencies, 0, 65536))
    fail("0 to 65536 frequencies", frequencies);
  if (widths.length === 0) fail("at least one hidden layer", 0);
  for (const width of widths) if (!whole(width, 1, 65536)) fail("widths of 1 to 65536", width);
  for (const { features, nodes } of levels) {
    if (!whole(features, 1, 64)) fail("1 to 64 features at a node", features);
    if (nodes.length !== dimensions) fail(`${dimensions} axes of a grid`, nodes.length);
    for (const count of nodes) if (!whole(count, 1, 2 ** 24)) fail("1 to 2^24 nodes", count);
  }
  if (featuresOf(shape) === 0) fail("grids, frequencies or coordinates as features", "none");
}
