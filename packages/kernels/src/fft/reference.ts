/** The discrete Fourier transform in plain loops, operation by operation as in `kernel.ts`: the truth that it is held to. */
import { sineCosineReference } from "../sine/reference.js";

/** Complex numbers: real and imaginary parts apart. */
export interface ComplexArray {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const LARGEST_PRIME = 61;

/** e^(-2 pi i k / n) */
function root(k: number, n: number): [number, number] {
  const { sine, cosine } = sineCosineReference(k, n);
  return [cosine, -sine];
}

function product(a: readonly number[], b: readonly number[]): [number, number] {
  return [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
}

/** The radices of a length, in the order they are used; undefined where a prime factor is too large. */
function factorsOf(n: number): number[] | undefined {
  const factors: number[] = [];
  let rest = n;
  while (rest > 1) {
    let factor = 3;
    if (rest % 4 === 0) factor = 4;
    else if (rest % 2 === 0) factor = 2;
    else while (factor <= LARGEST_PRIME && rest % factor !== 0) factor += 2;
    if (factor > LARGEST_PRIME) return undefined;
    factors.push(factor);
    rest /= factor;
  }
  return factors;
}

/** X(k) = sum over j of x(j) e^(-2 pi i j k / n), not scaled. */
export function transformReference({ re, im }: ComplexArray): ComplexArray {
  const n = re.length;
  const factors = factorsOf(n);
  if (!factors) return bluestein({ re, im });
  let x: [number, number][] = Array.from(re, (value, k) => [value, im[k]]);
  let stride = 1;
  let rest = n;
  for (const radix of factors) {
    const parts = rest / radix;
    const y: [number, number][] = new Array(n);
    for (let p = 0; p < parts; p++) {
      for (let q = 0; q < stride; q++) {
        const values = Array.from({ length: radix }, (_, k) => x[q + stride * (p + parts * k)]);
        butterfly(values).forEach((value, j) => {
          y[q + stride * (radix * p + j)] = j === 0 ? value : product(value, root(p * j, rest));
        });
      }
    }
    x = y;
    stride *= radix;
    rest = parts;
  }
  return {
    re: Float64Array.from(x, ([value]) => value),
    im: Float64Array.from(x, ([, value]) => value),
  };
}

/** The transform of 2, 4 or an odd number of values. */
function butterfly(z: readonly (readonly [number, number])[]): [number, number][] {
  const radix = z.length;
  if (radix === 2) {
    const [a, b] = z;
    return [
      [a[0] + b[0], a[1] + b[1]],
      [a[0] - b[0], a[1] - b[1]],
    ];
  }
  if (radix === 4) {
    const [a, b, c, d] = z;
    const t0 = [a[0] + c[0], a[1] + c[1]];
    const t1 = [a[0] - c[0], a[1] - c[1]];
    const t2 = [b[0] + d[0], b[1] + d[1]];
    const t3 = [b[0] - d[0], b[1] - d[1]];
    return [
      [t0[0] + t2[0], t0[1] + t2[1]],
      [t1[0] + t3[1], t1[1] - t3[0]],
      [t0[0] - t2[0], t0[1] - t2[1]],
      [t1[0] - t3[1], t1[1] + t3[0]],
    ];
  }
  const half = (radix - 1) / 2;
  const result: [number, number][] = new Array(radix);
  const sum: [number, number] = [z[0][0], z[0][1]];
  for (let k = 1; k <= half; k++) {
    sum[0] += z[k][0] + z[radix - k][0];
    sum[1] += z[k][1] + z[radix - k][1];
  }
  result[0] = sum;
  for (let j = 1; j <= half; j++) {
    const even = [z[0][0], z[0][1]];
    const odd = [0, 0];
    for (let k = 1; k <= half; k++) {
      const [c, s] = root((j * k) % radix, radix);
      even[0] += (z[k][0] + z[radix - k][0]) * c;
      even[1] += (z[k][1] + z[radix - k][1]) * c;
      odd[0] += (z[k][0] - z[radix - k][0]) * s;
      odd[1] += (z[k][1] - z[radix - k][1]) * s;
    }
    result[j] = [even[0] - odd[1], even[1] + odd[0]];
    result[radix - j] = [even[0] + odd[1], even[1] - odd[0]];
  }
  return result;
}

/** Lengths with a large prime factor, as a convolution with a chirp. */
function bluestein({ re, im }: ComplexArray): ComplexArray {
  const n = re.length;
  let length = 1;
  while (length < 2 * n - 1) length *= 2;
  const chirp = Array.from({ length: n }, (_, k) => root((k * k) % (2 * n), 2 * n));
  const kernel = { re: new Float64Array(length), im: new Float64Array(length) };
  const input = { re: new Float64Array(length), im: new Float64Array(length) };
  chirp.forEach((factor, k) => {
    const mirror = k === 0 ? 0 : length - k;
    kernel.re[k] = kernel.re[mirror] = factor[0];
    kernel.im[k] = kernel.im[mirror] = -factor[1];
    [input.re[k], input.im[k]] = product([re[k], im[k]], factor);
  });
  const spectrum = transformReference(kernel);
  const transformed = transformReference(input);
  // Parts swapped: the second transform is an inverse one.
  const swapped = { re: new Float64Array(length), im: new Float64Array(length) };
  for (let k = 0; k < length; k++) {
    [swapped.im[k], swapped.re[k]] = product(
      [transformed.re[k], transformed.im[k]],
      [spectrum.re[k] / length, spectrum.im[k] / length],
    );
  }
  const back = transformReference(swapped);
  const result = { re: new Float64Array(n), im: new Float64Array(n) };
  chirp.forEach((factor, k) => {
    [result.re[k], result.im[k]] = product([back.im[k], back.re[k]], factor);
  });
  return result;
}

/** Rows, then columns, of a `height x width` array. */
export function transform2Reference(
  array: ComplexArray,
  height: number,
  width: number,
): ComplexArray {
  const result = { re: array.re.slice(), im: array.im.slice() };
  const along = (start: number, step: number, count: number) => {
    const places = Array.from({ length: count }, (_, k) => start + step * k);
    const line = transformReference({
      re: Float64Array.from(places, (at) => result.re[at]),
      im: Float64Array.from(places, (at) => result.im[at]),
    });
    places.forEach((at, k) => {
      result.re[at] = line.re[k];
      result.im[at] = line.im[k];
    });
  };
  for (let y = 0; y < height; y++) along(y * width, 1, width);
  for (let x = 0; x < width; x++) along(x, width, height);
  return result;
}
