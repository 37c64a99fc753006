import { solvePositive } from "../mechanism/solve.js";

/**
 * The 3 x 3 operator of a section: sum of C(k, l) u(y + k, x + l) = f(y, x), k and l from -1 to 1. As an
 * array it goes row by row: C(-1,-1), C(-1,0), C(-1,1), C(0,-1), … C(1,1).
 */
export type Operator = readonly number[];

/** Neighbours of the centre, in the array's order. */
const NEIGHBOURS = [0, 1, 2, 3, 5, 6, 7, 8];
const CENTRE = 4;
const ROUNDS = 16;
/** Statistics of the 3 x 3 windows inside a section. */
export interface Moments {
  /** Covariances of every two values of a window, times the windows: lower triangle of 9 x 9. */
  readonly products: Float64Array;
  /** Means of the nine values, less the mean that was given. */
  readonly means: Float64Array;
}

/**
 * Moments of a section with this mean. Covariances, not products: a constant in f costs nothing, since the
 * section's level is stored apart.
 */
export function momentsOf(
  field: Float64Array,
  height: number,
  width: number,
  mean: number,
): Moments {
  const products = new Float64Array(81);
  const means = new Float64Array(9);
  const window = new Float64Array(9);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let k = 0;
      for (let row = (y - 1) * width + x; row <= (y + 1) * width + x; row += width) {
        window[k++] = field[row - 1] - mean;
        window[k++] = field[row] - mean;
        window[k++] = field[row + 1] - mean;
      }
      for (let i = 0; i < 9; i++) {
        const factor = window[i];
        means[i] += factor;
        for (let j = 0; j <= i; j++) products[9 * i + j] += factor * window[j];
      }
    }
  }
  const count = (height - 2) * (width - 2);
  for (let i = 0; i < 9; i++) means[i] /= count;
  for (let i = 0; i < 9; i++)
    for (let j = 0; j <= i; j++) products[9 * i + j] -= count * means[i] * means[j];
  return { products, means };
}

/**
 * The operator whose f varies least, in the sense of squares, with 1 at the centre: the centre is the
 * regressand, so the minimiser is unique. Where there is nothing to learn from, the mean of the four
 * nearest is taken off.
 */
export function fitOperator({ products }: Pick<Moments, "products">): Operator {
  const product = (i: number, j: number) => products[9 * Math.max(i, j) + Math.min(i, j)];
  const unknowns = NEIGHBOURS.length;
  const columns = unknowns + 1;
  const sums = new Float64Array(columns * columns);
  const order = [...NEIGHBOURS, CENTRE];
  for (let i = 0; i < columns; i++)
    for (let j = 0; j <= i; j++) sums[i * columns + j] = product(order[i], order[j]);
  const weights = new Float64Array(unknowns);
  // The solver has a little ridge (1e-9); solving again for what is left over takes its effect away.
  const remainder = sums.slice();
  for (let round = 0; round < ROUNDS; round++) {
    const change = solvePositive(remainder, columns, unknowns);
    if (!change) break;
    for (let k = 0; k < unknowns; k++) weights[k] += change[k];
    for (let i = 0; i < unknowns; i++) {
      let left = product(CENTRE, order[i]);
      for (let j = 0; j < unknowns; j++) left -= weights[j] * product(order[i], order[j]);
      remainder[unknowns * columns + i] = left;
    }
  }
  const operator = new Array<number>(9).fill(0);
  operator[CENTRE] = 1;
  const learned = weights.some((weight) => weight !== 0);
  NEIGHBOURS.forEach((at, k) => {
    operator[at] = learned ? -weights[k] : at % 2 === 1 ? -0.25 : 0;
  });
  return operator;
}

/**
 * The operator in whole numbers of 2^-bits, over their greatest common divisor. The sum keeps its
 * rounded value, since what the operator makes of a constant weighs most.
 */
export function roundOperator(operator: Operator, bits: number): number[] {
  const scale = 2 ** bits;
  const exact = operator.map((weight) => weight * scale);
  const rounded = exact.map((weight) => Math.round(weight));
  const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
  let missing = Math.round(sumOf(exact)) - sumOf(rounded);
  for (; missing !== 0; missing -= Math.sign(missing)) {
    // Where the next whole number in this direction is nearest.
    let best = NEIGHBOURS[0];
    for (const k of NEIGHBOURS) {
      const gain = (at: number) => (exact[at] - rounded[at]) * Math.sign(missing);
      if (gain(k) > gain(best)) best = k;
    }
    rounded[best] += Math.sign(missing);
  }
  const divisor = rounded.reduce(greatestCommonDivisor, 0);
  return rounded.map((weight) => weight / divisor + 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}

/** The whole number nearest the mean of f inside a section, u being in steps. */
export function offsetOf(operator: Operator, { means }: Moments, step: number): number {
  let sum = 0;
  operator.forEach((weight, k) => {
    sum += weight * means[k];
  });
  return Math.round(sum / step);
}

/** f of a section that repeats itself in both directions, over whole numbers: exact below 2^53. */
export function applyOperator(
  operator: Operator,
  field: Float64Array,
  height: number,
  width: number,
): Float64Array {
  const [a, b, c, d, e, f, g, h, i] = operator;
  const result = new Float64Array(field.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const above = (y === 0 ? height - 1 : y - 1) * width;
    const below = (y === height - 1 ? 0 : y + 1) * width;
    for (let x = 0; x < width; x++) {
      const left = x === 0 ? width - 1 : x - 1;
      const right = x === width - 1 ? 0 : x + 1;
      result[row + x] =
        a * field[above + left] +
        b * field[above + x] +
        c * field[above + right] +
        d * field[row + left] +
        e * field[row + x] +
        f * field[row + right] +
        g * field[below + left] +
        h * field[below + x] +
        i * field[below + right];
    }
  }
  return result;
}
