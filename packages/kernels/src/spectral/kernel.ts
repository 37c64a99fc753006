/**
 * The solver of `mechanism-solve`: L u = f on a periodic section, in the frequency domain. The operator
 * is C, nine whole numbers as f64, row by row: C(k, l) weighs u(y + k, x + l), k and l from -1 to 1. Its
 * symbol at frequency (a, b) of a `height x width` section is
 *
 *   B(a, b) = sum of C(k, l) e^(2 pi i (k a / height + l b / width))
 *
 * Frequencies whose symbol is 0 or nearly so (`GUARD`) cannot be had from f: (0, 0) comes from the
 * section's level, the others are given apart, each pair of mirrored ones once.
 */
import { cosine, sine, sineCosine } from "../sine/kernel";

/** A symbol B counts as 0 where |B|^2 <= GUARD * (sum of |C|)^2. */
const GUARD: f64 = 9.094947017729282e-13; // 2^-40

/** angles[b] = cosine and sine of 2 pi b / width. */
export function fillAngles(angles: usize, width: i32): void {
  for (let b = 0; b < width; b++, angles += 16) {
    sineCosine(b, width);
    store<f64>(angles, cosine);
    store<f64>(angles, sine, 8);
  }
}

/**
 * Turns the spectrum of f in `data` (re, im) into that of u over height * width, with its parts swapped,
 * so that a forward transform makes u, in the imaginary parts. `apart` holds re, im of the spectrum of u
 * where it is given; returns where the next would be, or 0 where there are fewer than needed.
 * With `collect` the spectrum in `data` is that of u itself, and what belongs there is written to `apart`.
 */
export function divideBySymbol(
  data: usize, height: i32, width: i32, operator: usize, level: f64, angles: usize, apart: usize, end: usize, collect: bool,
): usize {
  let sum: f64 = 0;
  for (let k: usize = 0; k < 72; k += 8) sum += abs<f64>(load<f64>(operator + k));
  const guard = GUARD * (sum * sum);
  const share = 1.0 / (<f64>height * <f64>width);
  for (let a = 0; a < height; a++) {
    sineCosine(a, height);
    const ca = cosine, sa = sine;
    // The three columns of C, each summed over its rows.
    const leftR = column(operator, 0, ca), leftI = columnImaginary(operator, 0, sa);
    const middleR = column(operator, 8, ca), middleI = columnImaginary(operator, 8, sa);
    const rightR = column(operator, 16, ca), rightI = columnImaginary(operator, 16, sa);
    const plusR = rightR + leftR, plusI = rightI + leftI, minusR = rightR - leftR, minusI = rightI - leftI;
    const mirrorRow = a ? height - a : 0;
    for (let b = 0; b < width; b++) {
      const at = data + 16 * (<usize>a * <usize>width + <usize>b);
      const cb = load<f64>(angles + 16 * <usize>b), sb = load<f64>(angles + 16 * <usize>b, 8);
      const re = middleR + (plusR * cb - minusI * sb);
      const im = middleI + (plusI * cb + minusR * sb);
      const square = re * re + im * im;
      if (a == 0 && b == 0) {
        store<f64>(at, 0);
        store<f64>(at, level, 8);
      } else if (square <= guard) {
        const mirror = data + 16 * (<usize>mirrorRow * <usize>width + <usize>(b ? width - b : 0));
        if (mirror < at) continue;
        if (collect) {
          store<f64>(apart, load<f64>(at));
          store<f64>(apart, load<f64>(at, 8), 8);
        } else {
          if (end - apart < 16) return 0;
          const givenR = load<f64>(apart) * share, givenI = load<f64>(apart, 8) * share;
          store<f64>(mirror, -givenI);
          store<f64>(mirror, givenR, 8);
          store<f64>(at, givenI);
          store<f64>(at, givenR, 8);
        }
        apart += 16;
      } else if (!collect) {
        const factor = share / square;
        const fr = load<f64>(at), fi = load<f64>(at, 8);
        store<f64>(at, (fi * re - fr * im) * factor);
        store<f64>(at, (fr * re + fi * im) * factor, 8);
      }
    }
  }
  return apart;
}

// @ts-ignore: decorator
@inline
function column(operator: usize, at: usize, ca: f64): f64 {
  return load<f64>(operator + at + 24) + (load<f64>(operator + at + 48) + load<f64>(operator + at)) * ca;
}

// @ts-ignore: decorator
@inline
function columnImaginary(operator: usize, at: usize, sa: f64): f64 {
  return (load<f64>(operator + at + 48) - load<f64>(operator + at)) * sa;
}

/** A value of the solution, in steps, as a prediction: the nearest whole number of steps (never -0) from the origin. */
// @ts-ignore: decorator
@inline
export function snap(solved: f64, origin: f64, step: f64): f64 {
  return origin + (nearest<f64>(solved) + 0.0) * step;
}

/** Values on the outermost rows and columns of a section: where f is the boundary data. */
export function ringLength(height: i32, width: i32): i32 {
  return 2 * (height + width) - 4;
}

/**
 * Place in its section of the value number k of the ring: the first row and the last one, from left to
 * right, then the first column and the last one, from top to bottom, without corners.
 */
// @ts-ignore: decorator
@inline
export function ringPlace(k: i32, height: i32, width: i32): usize {
  if (k < width) return k;
  k -= width;
  if (k < width) return <usize>(height - 1) * <usize>width + <usize>k;
  k -= width;
  const rows = height - 2;
  return k < rows ? <usize>(k + 1) * <usize>width : <usize>(k - rows + 2) * <usize>width - 1;
}
