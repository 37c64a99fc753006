/** The discrete Fourier transform for the metrics: any length, double precision, O(n log n). */

/** Transforms `re` and `im` along one axis of a C-order array, in place. */
export function transformAxis(
  re: Float64Array,
  im: Float64Array,
  shape: readonly number[],
  axis: number,
): void {
  const length = shape[axis];
  const after = shape.slice(axis + 1).reduce((product, count) => product * count, 1);
  const transform = transformOf(length);
  const [lineRe, lineIm] = [new Float64Array(length), new Float64Array(length)];
  for (let block = 0; block < re.length; block += length * after) {
    for (let j = 0; j < after; j++) {
      for (let i = 0; i < length; i++) {
        lineRe[i] = re[block + j + i * after];
        lineIm[i] = im[block + j + i * after];
      }
      transform(lineRe, lineIm);
      for (let i = 0; i < length; i++) {
        re[block + j + i * after] = lineRe[i];
        im[block + j + i * after] = lineIm[i];
      }
    }
  }
}

type Transform = (re: Float64Array, im: Float64Array) => void;

function transformOf(length: number): Transform {
  return (length & (length - 1)) === 0 ? powerOfTwo(length) : bluestein(length);
}

function powerOfTwo(n: number): Transform {
  const cosines = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sines = Float64Array.from({ length: n / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / n));
  return (re, im) => {
    for (let i = 1, j = 0; i < n; i++) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        [re[i], re[j]] = [re[j], re[i]];
        [im[i], im[j]] = [im[j], im[i]];
      }
    }
    for (let half = 1; half < n; half *= 2) {
      const step = n / (2 * half);
      for (let start = 0; start < n; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [a, b] = [start + k, start + k + half];
          const [c, s] = [cosines[k * step], sines[k * step]];
          const r = re[b] * c + im[b] * s;
          const i = im[b] * c - re[b] * s;
          re[b] = re[a] - r;
          im[b] = im[a] - i;
          re[a] += r;
          im[a] += i;
        }
      }
    }
  };
}

/** Any length as a convolution of a power of two (Bluestein, 1970). */
function bluestein(n: number): Transform {
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const transform = powerOfTwo(size);
  // e^(-pi i k^2 / n); k^2 modulo 2 n keeps the angle small.
  const angle = (k: number) => (Math.PI * ((k * k) % (2 * n))) / n;
  const chirpRe = Float64Array.from({ length: n }, (_, k) => Math.cos(angle(k)));
  const chirpIm = Float64Array.from({ length: n }, (_, k) => -Math.sin(angle(k)));
  const [kernelRe, kernelIm] = [new Float64Array(size), new Float64Array(size)];
  for (let k = 0; k < n; k++) {
    const mirror = (size - k) % size;
    kernelRe[k] = kernelRe[mirror] = chirpRe[k];
    kernelIm[k] = kernelIm[mirror] = -chirpIm[k];
  }
  transform(kernelRe, kernelIm);
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  return (lineRe, lineIm) => {
    re.fill(0);
    im.fill(0);
    for (let k = 0; k < n; k++) {
      re[k] = lineRe[k] * chirpRe[k] - lineIm[k] * chirpIm[k];
      im[k] = lineRe[k] * chirpIm[k] + lineIm[k] * chirpRe[k];
    }
    transform(re, im);
    // Conjugated, so that the next forward transform is an inverse one.
    for (let k = 0; k < size; k++) {
      const r = re[k] * kernelRe[k] - im[k] * kernelIm[k];
      im[k] = -(re[k] * kernelIm[k] + im[k] * kernelRe[k]);
      re[k] = r;
    }
    transform(re, im);
    for (let k = 0; k < n; k++) {
      const [r, i] = [re[k] / size, -im[k] / size];
      lineRe[k] = r * chirpRe[k] - i * chirpIm[k];
      lineIm[k] = r * chirpIm[k] + i * chirpRe[k];
    }
  };
}
