import { usualNeighbours } from "../../mixing/reference/parameters.js";
import {
  accumulate,
  addWeighted,
  copySums,
  decayAdd,
  emptySums,
  product,
  solve,
} from "../../mixing/reference/regression.js";

/** What symbols are expected to be: `parameters/kernel/neighbours.ts` in plain loops. */

export interface Expectation {
  /** Whether what other features were off by counts by its square root. */
  readonly rooted: boolean;
  /**
   * Of feature `f` at a node, in coding order: its prediction, what it was off by near there, and on which sides
   * its neighbours were off. `mean` is the feature's mean error, `errors` that of all symbols before.
   */
  at(
    node: number,
    f: number,
    mean: number,
    errors: Float32Array,
  ): { predicted: number; near: number; sides: number };
  learn(f: number, symbol: number): void;
}

/** 0, 1, 2: below, as, above what was predicted. */
function sideOf(error: number | undefined): number {
  return 1 + Math.sign(error ?? 0);
}

export function expectOthers(shape: readonly number[]): Expectation {
  const features = shape.at(-1)!;
  return {
    rooted: false,
    at(node, f, mean, errors) {
      const i = node * features + f;
      const left = sideOf(f > 0 ? errors[i - 1] : undefined);
      const above = sideOf(node > 0 ? errors[i - features] : undefined);
      return { predicted: 0, near: mean, sides: 3 * left + above };
    },
    learn() {},
  };
}

const MEAN = 3;
const TURN = 16;

export function expectGrid(symbols: Int16Array, shape: readonly number[]): Expectation {
  const features = shape.at(-1)!;
  const axes = shape.length - 1;
  const [, depth, height, width] = [1, 1, 1, ...shape.slice(0, -1)].slice(-4);
  const count = 8 * axes - 4;
  const close = 4 * axes;
  const neighbours = usualNeighbours(axes).slice(0, count);
  const weights = neighbours.map((steps) =>
    steps.reduce((sum, step) => sum + Math.abs(step), 0) === 1 ? 2 : 1,
  );
  const sums = Array.from({ length: features }, () => emptySums(count));
  const coefficients = sums.map(() => new Float64Array(count));
  let turn = 0;
  /** Number of the first feature's symbol at every neighbour of the node. */
  let places: (number | undefined)[] = [];
  let x: number[] = [];

  /** Weighs the neighbours anew, and lets what was learned fade. */
  function solveAll(): void {
    const all = emptySums(count);
    for (const own of sums) addWeighted(all, own, 1);
    sums.forEach((own, f) => {
      const mixture = copySums(own);
      addWeighted(mixture, all, 0.1);
      solve(mixture, count, 1 / 256, coefficients[f]);
      decayAdd(own, emptySums(count), 0.98);
    });
  }

  function openNode(node: number): void {
    const [x, row] = [node % width, Math.floor(node / width)];
    const [y, slice] = [row % height, Math.floor(row / height)];
    const [z, t] = [slice % depth, Math.floor(slice / depth)];
    if (x === 0) {
      if (turn >= TURN) {
        solveAll();
        turn = 0;
      }
      turn += width;
    }
    places = neighbours.map(([dt, dz, dy, dx]) => {
      const inside =
        t + dt >= 0 &&
        z + dz >= 0 &&
        z + dz < depth &&
        y + dy >= 0 &&
        y + dy < height &&
        x + dx >= 0 &&
        x + dx < width;
      return inside
        ? (node + ((dt * depth + dz) * height + dy) * width + dx) * features
        : undefined;
    });
  }

  return {
    rooted: true,
    at(node, f, mean, errors) {
      if (f === 0) openNode(node);
      x = places.map((place) => (place === undefined ? 0 : symbols[place + f]));
      const predicted = product(coefficients[f], x, count);
      let sum = MEAN * mean;
      let weight = MEAN;
      let sides = 0;
      places.slice(0, close).forEach((place, k) => {
        const error = place === undefined ? undefined : errors[place + f];
        if (k < 3) sides = 3 * sides + sideOf(error);
        if (error === undefined) return;
        sum += weights[k] * Math.abs(error);
        weight += weights[k];
      });
      return {
        predicted: Math.abs(predicted) <= 32767 ? predicted : 0,
        near: sum / weight,
        sides,
      };
    },
    learn(f, symbol) {
      accumulate(sums[f], x, symbol);
    },
  };
}
