/**
 * The network in plain loops: the truth that the kernels are held to. In `single` precision every
 * operation is rounded as the strict kernels round it, so that the bits are theirs; in `double` the
 * same formulas serve to check gradients against finite differences.
 */
import { sineCosine32Reference } from "../sine32/reference.js";
import { type GridLevel, type NetworkShape, parametersOf } from "./shape.js";
import type { Penalty } from "./trainer.js";

export interface NetworkReference {
  /** Outputs at a point. */
  evaluate(point: ArrayLike<number>): number[];
  /** Derivatives of the outputs along every coordinate. */
  derivatives(point: ArrayLike<number>): number[][];
  /** Gradients of sum of factor_v / 2 * error_v^2 over the samples, and sums of squares by output. */
  gradients(
    points: readonly ArrayLike<number>[],
    targets: readonly ArrayLike<number>[],
    factors: readonly number[],
  ): { gradients: Float32Array | Float64Array; errors: number[] };
}

/** Rows that the kernels take together: their squares are added in single precision. */
const TILE = 64;

interface Corner {
  /** First feature of the node among the level's values. */
  readonly at: number;
  readonly weight: number;
}

/** What the way there leaves for the way back. */
interface Trace {
  readonly corners: readonly Corner[][];
  readonly inputs: number[][];
  readonly derivatives: number[][];
  readonly outputs: number[];
}

export function networkReference(
  shape: NetworkShape,
  parameters: ArrayLike<number>,
  precision: "single" | "double" = "single",
): NetworkReference {
  const f = precision === "single" ? Math.fround : (x: number) => x;
  const sineCosine =
    precision === "single"
      ? sineCosine32Reference
      : (t: number) => ({ sine: Math.sin(2 * Math.PI * t), cosine: Math.cos(2 * Math.PI * t) });
  const twoPi = f(6.283185307179586);
  const { dimensions, outputs, frequencies } = shape;
  let count = 0;
  const arrays = new Map<string, number>();
  for (const array of parametersOf(shape)) {
    arrays.set(array.name, count);
    count += array.shape.reduce((product, length) => product * length, 1);
  }
  const mapped = shape.mapping !== "off" && frequencies > 0;
  const gridsAt = shape.levels.map((_, level) => arrays.get(`grid${level}`)!);
  const frequenciesAt = arrays.get("frequencies") ?? 0;
  const phasesAt = arrays.get("phases") ?? 0;
  const widths = [...shape.widths, outputs];
  const layers = widths.map((width, l) => ({
    width,
    weights: arrays.get(`weights${l}`)!,
    bias: arrays.get(`bias${l}`),
  }));

  function activate(z: number): { value: number; derivative: number } {
    if (shape.activation === "relu")
      return z > 0 ? { value: z, derivative: 1 } : { value: 0, derivative: 0 };
    if (shape.activation === "sine") {
      const { sine, cosine } = sineCosine(f(z * f(0.15915494309189535)));
      return { value: sine, derivative: cosine };
    }
    const gate = f(z / f(Math.sqrt(f(f(1.5707963267948966) + f(z * z)))));
    const open = f(0.5 * f(1 + gate));
    const slope = f(f(0.5 * gate) * f(1 - f(gate * gate)));
    return { value: f(z * open), derivative: f(open + slope) };
  }

  function forward(point: ArrayLike<number>): Trace {
    const features: number[] = [];
    const corners = shape.levels.map((level, number) => {
      const found = cornersOf(level, point, f);
      for (let i = 0; i < level.features; i++) {
        let sum = 0;
        for (const { at, weight } of found) {
          sum = f(sum + f(weight * parameters[gridsAt[number] + at + i]));
        }
        features.push(sum);
      }
      return found;
    });
    if (shape.mapping === "off") features.push(...Array.from(point));
    if (mapped) {
      const angles = Array.from({ length: frequencies }, (_, i) => {
        let turns = parameters[phasesAt + i];
        for (let axis = 0; axis < dimensions; axis++) {
          const frequency = parameters[frequenciesAt + i * dimensions + axis];
          turns = f(turns + f(point[axis] * frequency));
        }
        return sineCosine(turns);
      });
      features.push(...angles.map(({ sine }) => sine), ...angles.map(({ cosine }) => cosine));
    }
    const inputs = [features];
    const derivatives: number[][] = [];
    for (const [l, { width, weights, bias }] of layers.entries()) {
      const sums = Array.from({ length: width }, (_, j) =>
        inputs[l].reduce(
          (sum, x, i) => f(sum + f(x * parameters[weights + i * width + j])),
          bias === undefined ? 0 : parameters[bias + j],
        ),
      );
      if (l === layers.length - 1) return { corners, inputs, derivatives, outputs: sums };
      const activated = sums.map(activate);
      inputs.push(activated.map(({ value }) => value));
      derivatives.push(activated.map(({ derivative }) => derivative));
    }
    throw new Error("a network has layers");
  }

  function backward(
    point: ArrayLike<number>,
    { corners, inputs, derivatives }: Trace,
    outputDeltas: readonly number[],
    gradients: Float32Array | Float64Array,
  ): void {
    const add = (at: number, value: number) => {
      gradients[at] = f(gradients[at] + value);
    };
    let deltas = outputDeltas;
    for (let l = layers.length - 1; l >= 0; l--) {
      const { width, weights, bias } = layers[l];
      for (let j = 0; j < width; j++) {
        if (bias !== undefined) add(bias + j, deltas[j]);
        inputs[l].forEach((x, i) => {
          add(weights + i * width + j, f(x * deltas[j]));
        });
      }
      const before = inputs[l].map((_, i) =>
        deltas.reduce(
          (sum, delta, j) => f(sum + f(delta * parameters[weights + i * width + j])),
          0,
        ),
      );
      deltas = l > 0 ? before.map((delta, i) => f(delta * derivatives[l - 1][i])) : before;
    }
    let column = 0;
    shape.levels.forEach(({ features }, level) => {
      for (const { at, weight } of corners[level]) {
        for (let i = 0; i < features; i++) {
          add(gridsAt[level] + at + i, f(weight * deltas[column + i]));
        }
      }
      column += features;
    });
    if (shape.mapping !== "learned") return;
    for (let i = 0; i < frequencies; i++) {
      const ascent = f(deltas[column + i] * inputs[0][column + frequencies + i]);
      const descent = f(deltas[column + frequencies + i] * inputs[0][column + i]);
      const turns = f(twoPi * f(ascent - descent));
      for (let axis = 0; axis < dimensions; axis++) {
        add(frequenciesAt + i * dimensions + axis, f(point[axis] * turns));
      }
      add(phasesAt + i, turns);
    }
  }

  function derivative(point: ArrayLike<number>, trace: Trace, along: number): number[] {
    let tangents: number[] = [];
    shape.levels.forEach((level, number) => {
      const found = cornersOf(level, point, f, along);
      for (let i = 0; i < level.features; i++) {
        let sum = 0;
        for (const { at, weight } of found) {
          sum = f(sum + f(weight * parameters[gridsAt[number] + at + i]));
        }
        tangents.push(sum);
      }
    });
    const column = tangents.length;
    if (shape.mapping === "off") {
      for (let axis = 0; axis < dimensions; axis++) tangents.push(axis === along ? 1 : 0);
    }
    if (mapped) {
      const slope = (i: number) => f(twoPi * parameters[frequenciesAt + i * dimensions + along]);
      const feature = (i: number) => trace.inputs[0][column + i];
      for (let i = 0; i < frequencies; i++) tangents.push(f(slope(i) * feature(frequencies + i)));
      for (let i = 0; i < frequencies; i++) tangents.push(-f(slope(i) * feature(i)));
    }
    for (const [l, { width, weights }] of layers.entries()) {
      const sums = Array.from({ length: width }, (_, j) =>
        tangents.reduce((sum, x, i) => f(sum + f(x * parameters[weights + i * width + j])), 0),
      );
      tangents =
        l < layers.length - 1 ? sums.map((sum, j) => f(sum * trace.derivatives[l][j])) : sums;
    }
    return tangents;
  }

  return {
    evaluate: (point) => forward(point).outputs,
    derivatives(point) {
      const trace = forward(point);
      return Array.from({ length: dimensions }, (_, axis) => derivative(point, trace, axis));
    },
    gradients(points, targets, factors) {
      const gradients = precision === "single" ? new Float32Array(count) : new Float64Array(count);
      const errors = new Array<number>(outputs).fill(0);
      let tile = new Array<number>(outputs).fill(0);
      points.forEach((point, row) => {
        const trace = forward(point);
        const deltas = trace.outputs.map((output, v) => {
          const target = targets[row][v];
          const difference = Number.isFinite(target) ? f(output - target) : 0;
          tile[v] = f(tile[v] + f(difference * difference));
          return f(difference * factors[v]);
        });
        backward(point, trace, deltas, gradients);
        if (row % TILE === TILE - 1 || row === points.length - 1) {
          for (let v = 0; v < outputs; v++) errors[v] += tile[v];
          tile = tile.map(() => 0);
        }
      });
      return { gradients, errors };
    },
  };
}

/**
 * The nodes around a point with their weights, or what these have as derivatives along an axis; those
 * further along the last axis behind.
 */
function cornersOf(
  { nodes, features }: GridLevel,
  point: ArrayLike<number>,
  f: (x: number) => number,
  along = -1,
): Corner[] {
  let corners: Corner[] = [{ at: 0, weight: 1 }];
  let step = features;
  for (let axis = nodes.length - 1; axis >= 0; axis--) {
    const last = nodes[axis] - 1;
    const free = f(f(f(point[axis] + 1) * 0.5) * last);
    const place = Math.min(Math.max(free, 0), last);
    const nearest = Math.min(Math.floor(f(place + 0.5)), last);
    const t = f(place - nearest);
    const [a, b] = [f(0.5 - t), f(0.5 + t)];
    const slope = free === place ? 0.5 * last : 0;
    const weights =
      axis === along
        ? [-f(a * slope), -f(f(t + t) * slope), f(b * slope)]
        : [f(f(0.5 * a) * a), f(0.75 - f(t * t)), f(f(0.5 * b) * b)];
    corners = weights.flatMap((own, k) => {
      const from = Math.min(Math.max(nearest + k - 1, 0), last) * step;
      return corners.map(({ at, weight }) => ({ at: at + from, weight: f(weight * own) }));
    });
    step *= nodes[axis];
  }
  return corners;
}

/** A step of Adam over all parameters, in single precision; changes the arrays. */
export function adamReference(
  parameters: Float32Array,
  first: Float32Array,
  second: Float32Array,
  gradients: Float32Array,
  options: {
    rate: number;
    first: number;
    second: number;
    epsilon: number;
    step: number;
    penalty?: Penalty;
  },
): void {
  const f = Math.fround;
  const [a, b] = [f(options.first), f(options.second)];
  const rate = f(options.rate * (1 / (1 - options.first ** options.step)));
  const correction = f(1 / (1 - options.second ** options.step));
  const epsilon = f(options.epsilon);
  const [weight, width] = [f(options.penalty?.weight ?? 0), f(options.penalty?.width ?? 1)];
  for (let i = 0; i < parameters.length; i++) {
    const w = parameters[i];
    const g = f(gradients[i] + f(f(weight * w) / f(f(w * w) + width)));
    first[i] = f(f(a * first[i]) + f(f(1 - a) * g));
    second[i] = f(f(b * second[i]) + f(f(1 - b) * f(g * g)));
    const root = f(f(Math.sqrt(f(correction * second[i]))) + epsilon);
    parameters[i] = f(parameters[i] - f(f(rate * first[i]) / root));
  }
}
