/** The solver of `mechanism-solve` in plain loops, operation by operation as in `kernel.ts`. */
import { transform2Reference } from "../fft/reference.js";
import { sineCosineReference } from "../sine/reference.js";

const GUARD = 2 ** -40;

/** f on a periodic section, the operator that made it, and what the spectrum of u is where that says nothing. */
export interface Section {
  readonly height: number;
  readonly width: number;
  /** Nine whole numbers, row by row: C(k, l) weighs u(y + k, x + l). */
  readonly operator: readonly number[];
  readonly source: Float64Array;
  readonly level: number;
  /** Takes the next frequency given apart: re, im. */
  readonly nextApart: () => readonly [number, number];
}

/** u in units of the step, before it is rounded. */
export function solveReference({
  height,
  width,
  operator,
  source,
  level,
  nextApart,
}: Section): Float64Array {
  const spectrum = transform2Reference(
    { re: source, im: new Float64Array(source.length) },
    height,
    width,
  );
  const swapped = { re: new Float64Array(source.length), im: new Float64Array(source.length) };
  let sum = 0;
  for (const weight of operator) sum += Math.abs(weight);
  const guard = GUARD * (sum * sum);
  const share = 1 / (height * width);
  for (let a = 0; a < height; a++) {
    for (let b = 0; b < width; b++) {
      const at = a * width + b;
      const mirror = ((height - a) % height) * width + ((width - b) % width);
      const [re, im] = symbol(
        operator,
        sineCosineReference(a, height),
        sineCosineReference(b, width),
      );
      const square = re * re + im * im;
      if (at === 0) {
        swapped.im[0] = level;
      } else if (square <= guard) {
        if (mirror < at) continue;
        const given = nextApart().map((part) => part * share);
        swapped.re[mirror] = -given[1];
        swapped.im[mirror] = given[0];
        swapped.re[at] = given[1];
        swapped.im[at] = given[0];
      } else {
        const factor = share / square;
        swapped.re[at] = (spectrum.im[at] * re - spectrum.re[at] * im) * factor;
        swapped.im[at] = (spectrum.re[at] * re + spectrum.im[at] * im) * factor;
      }
    }
  }
  return transform2Reference(swapped, height, width).im;
}

interface Angle {
  readonly sine: number;
  readonly cosine: number;
}

function symbol(operator: readonly number[], a: Angle, b: Angle): [number, number] {
  const [left, middle, right] = [0, 1, 2].map((l) => [
    operator[3 + l] + (operator[6 + l] + operator[l]) * a.cosine,
    (operator[6 + l] - operator[l]) * a.sine,
  ]);
  const plus = [right[0] + left[0], right[1] + left[1]];
  const minus = [right[0] - left[0], right[1] - left[1]];
  return [
    middle[0] + (plus[0] * b.cosine - minus[1] * b.sine),
    middle[1] + (plus[1] * b.cosine + minus[0] * b.sine),
  ];
}

/** A value of the solution as a number of steps: the nearest whole number, ties to even, never -0. */
export function snapReference(solved: number): number {
  if (!(Math.abs(solved) < 2 ** 52)) return solved;
  const rounded = solved < 0 ? solved - 2 ** 52 + 2 ** 52 : solved + 2 ** 52 - 2 ** 52;
  return rounded + 0;
}

/** Places of the ring's values in their section: first row, last row, then the columns without corners. */
export function ringPlacesReference(height: number, width: number): Int32Array {
  const places: number[] = [];
  for (let x = 0; x < width; x++) places.push(x);
  for (let x = 0; x < width; x++) places.push((height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) places.push(y * width);
  for (let y = 1; y < height - 1; y++) places.push((y + 1) * width - 1);
  return Int32Array.from(places);
}
