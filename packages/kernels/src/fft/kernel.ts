/**
 * Discrete Fourier transform of complex f64 numbers, any length, to the same bits everywhere: + - *
 * in one written order, roots of unity from `sine/kernel.ts`. Stockham's autosort over the factors 4,
 * 2, 3, 5, 7, … (odd primes to 61); a length with a larger prime factor goes through Bluestein's
 * convolution of a power of two. Four lines at once: an element is re, im of lines 0 and 1, then re, im
 * of lines 2 and 3, 64 bytes.
 *
 *   X(k) = sum over j of x(j) e^(-2 pi i j k / n), not scaled
 *
 * Plan, PLAN_HEAD bytes and tables behind them: at 0 i32 n, at 4 i32 length that is transformed (n, or
 * Bluestein's), at 8 i32 number of factors, at 12 address of the chirp (0 without Bluestein), at 16
 * address of its kernel, at 20 address of the roots, then per factor i32 factor and address of its twiddles.
 */
import { cosine, sine, sineCosine } from "../sine/kernel";

const PLAN_HEAD: usize = 256;
const LARGEST_PRIME: i32 = 61;
/** Sums and differences of a butterfly's pairs: re and im of both, 64 bytes a pair. */
const PAIRS: usize = memory.data(30 * 64, 16);

/** The next factor of a length; what is above LARGEST_PRIME has no butterfly. */
function factorOf(n: i32): i32 {
  if (n % 4 == 0) return 4;
  if (n % 2 == 0) return 2;
  let factor = 3;
  while (factor <= LARGEST_PRIME && n % factor != 0) factor += 2;
  return factor;
}

/** The length that is really transformed. */
function lengthOf(n: i32): i32 {
  let rest = n;
  while (rest > 1) {
    const factor = factorOf(rest);
    if (factor > LARGEST_PRIME) {
      let power = 1;
      while (power < 2 * n - 1) power *= 2;
      return power;
    }
    rest /= factor;
  }
  return n;
}

/** Bytes of a plan for lines of `n`, a multiple of 64. n is at most 2^24. */
export function planBytes(n: i32): usize {
  const length = lengthOf(n);
  // Twiddles shrink by the factor from stage to stage: at most twice the length. Roots: one per length.
  const tables = 3 * <usize>length + (length != n ? <usize>n + <usize>length : 0);
  return (PLAN_HEAD + 16 * tables + 64 * 16 + 63) & ~63;
}

/** Bytes of work space for `transformLines`. */
export function workBytes(n: i32): usize {
  return 128 * <usize>lengthOf(n);
}

/** Lays out the plan of lines of `n`; `work` is workBytes(n) of scratch. */
export function makePlan(n: i32, plan: usize, work: usize): void {
  const length = lengthOf(n);
  let to = plan + PLAN_HEAD;
  store<i32>(plan, n);
  store<i32>(plan, length, 4);
  store<usize>(plan, 0, 12);
  let factors = 0;
  let rest = length;
  while (rest > 1) {
    const factor = factorOf(rest), parts = rest / factor;
    store<i32>(plan + 32 + 8 * <usize>factors, factor);
    store<usize>(plan + 32 + 8 * <usize>factors, to, 4);
    // Cosines and sines of the odd butterflies first.
    for (let k = 0; k < factor; k++) to = storeRoot(to, k, factor);
    for (let p = 0; p < parts; p++) for (let j = 1; j < factor; j++) to = storeRoot(to, p * j, rest);
    rest = parts;
    factors++;
  }
  store<i32>(plan, factors, 8);
  if (length == n) return;
  store<usize>(plan, to, 12);
  for (let k = 0; k < n; k++) to = storeRoot(to, <i64>k * k % (2 * n), 2 * n);
  store<usize>(plan, to, 16);
  makeChirpSpectrum(plan, n, length, work);
}

/** The transform of the conjugate chirp, wrapped around, divided by its length (a power of two: exact). */
function makeChirpSpectrum(plan: usize, n: i32, length: i32, work: usize): void {
  const chirp = load<usize>(plan, 12), spectrum = load<usize>(plan, 16);
  memory.fill(work, 0, 64 * <usize>length);
  for (let k: usize = 0; k < <usize>n; k++) {
    const re = f64x2.splat(load<f64>(chirp + 16 * k)), im = f64x2.splat(-load<f64>(chirp + 16 * k, 8));
    const mirror = k ? <usize>length - k : 0;
    v128.store(work + 64 * k, re);
    v128.store(work + 64 * k, im, 16);
    v128.store(work + 64 * mirror, re);
    v128.store(work + 64 * mirror, im, 16);
  }
  const from = stages(plan, work, work + 64 * <usize>length);
  for (let k: usize = 0; k < <usize>length; k++) {
    store<f64>(spectrum + 16 * k, load<f64>(from + 64 * k) / <f64>length);
    store<f64>(spectrum + 16 * k, load<f64>(from + 64 * k, 16) / <f64>length, 8);
  }
}

/** Stores e^(-2 pi i k / n). */
function storeRoot(to: usize, k: i64, n: i64): usize {
  sineCosine(k, n);
  store<f64>(to, cosine);
  store<f64>(to, -sine, 8);
  return to + 16;
}

// @ts-ignore: decorator
@inline
function storeProduct(to: usize, re: v128, im: v128, twiddle: usize): void {
  const wr = v128.load64_splat(twiddle), wi = v128.load64_splat(twiddle, 8);
  v128.store(to, f64x2.sub(f64x2.mul(re, wr), f64x2.mul(im, wi)));
  v128.store(to, f64x2.add(f64x2.mul(re, wi), f64x2.mul(im, wr)), 16);
}

/** `stride` is the bytes of a group that shares its twiddles. */
function radix2(x: usize, y: usize, parts: i32, stride: usize, twiddles: usize): void {
  const far = stride * <usize>parts;
  for (let p = 0; p < parts; p++, twiddles += 16, x += stride, y += 2 * stride) {
    for (let q: usize = 0; q < stride; q += 32) {
      const ar = v128.load(x + q), ai = v128.load(x + q, 16), b = x + far + q;
      const br = v128.load(b), bi = v128.load(b, 16);
      v128.store(y + q, f64x2.add(ar, br));
      v128.store(y + q, f64x2.add(ai, bi), 16);
      storeProduct(y + stride + q, f64x2.sub(ar, br), f64x2.sub(ai, bi), twiddles);
    }
  }
}

function radix4(x: usize, y: usize, parts: i32, stride: usize, twiddles: usize): void {
  const far = stride * <usize>parts;
  for (let p = 0; p < parts; p++, twiddles += 48, x += stride, y += 4 * stride) {
    for (let q: usize = 0; q < stride; q += 32) {
      const a = x + q, b = a + far, c = b + far, d = c + far, to = y + q;
      const ar = v128.load(a), ai = v128.load(a, 16), br = v128.load(b), bi = v128.load(b, 16);
      const cr = v128.load(c), ci = v128.load(c, 16), dr = v128.load(d), di = v128.load(d, 16);
      const t0r = f64x2.add(ar, cr), t0i = f64x2.add(ai, ci), t1r = f64x2.sub(ar, cr), t1i = f64x2.sub(ai, ci);
      const t2r = f64x2.add(br, dr), t2i = f64x2.add(bi, di), t3r = f64x2.sub(br, dr), t3i = f64x2.sub(bi, di);
      v128.store(to, f64x2.add(t0r, t2r));
      v128.store(to, f64x2.add(t0i, t2i), 16);
      storeProduct(to + stride, f64x2.add(t1r, t3i), f64x2.sub(t1i, t3r), twiddles);
      storeProduct(to + 2 * stride, f64x2.sub(t0r, t2r), f64x2.sub(t0i, t2i), twiddles + 16);
      storeProduct(to + 3 * stride, f64x2.sub(t1r, t3i), f64x2.add(t1i, t3r), twiddles + 32);
    }
  }
}

/** An odd radix: sums and differences of the values k and radix - k, then cosines and sines over them. */
function radixOdd(x: usize, y: usize, radix: i32, parts: i32, stride: usize, twiddles: usize): void {
  const far = stride * <usize>parts, half = (radix - 1) / 2;
  const roots = twiddles;
  twiddles += 16 * <usize>radix;
  const twiddleStride = 16 * <usize>(radix - 1);
  for (let p = 0; p < parts; p++, twiddles += twiddleStride, x += stride, y += <usize>radix * stride) {
    for (let q: usize = 0; q < stride; q += 32) {
      const zr = v128.load(x + q), zi = v128.load(x + q, 16);
      let sumR = zr, sumI = zi;
      for (let k = 1; k <= half; k++) {
        const a = x + q + <usize>k * far, b = x + q + <usize>(radix - k) * far, pair = PAIRS + 64 * <usize>(k - 1);
        const ar = v128.load(a), ai = v128.load(a, 16), br = v128.load(b), bi = v128.load(b, 16);
        const plusR = f64x2.add(ar, br), plusI = f64x2.add(ai, bi);
        v128.store(pair, plusR);
        v128.store(pair, plusI, 16);
        v128.store(pair, f64x2.sub(ar, br), 32);
        v128.store(pair, f64x2.sub(ai, bi), 48);
        sumR = f64x2.add(sumR, plusR);
        sumI = f64x2.add(sumI, plusI);
      }
      v128.store(y + q, sumR);
      v128.store(y + q, sumI, 16);
      for (let j = 1; j <= half; j++) {
        let evenR = zr, evenI = zi, oddR = f64x2.splat(0), oddI = f64x2.splat(0);
        let turn = 0;
        for (let k = 1; k <= half; k++) {
          turn += j;
          if (turn >= radix) turn -= radix;
          const root = roots + 16 * <usize>turn, pair = PAIRS + 64 * <usize>(k - 1);
          // The table holds minus the sine: `odd` is minus what it would be, and is taken off below.
          const c = v128.load64_splat(root), s = v128.load64_splat(root, 8);
          evenR = f64x2.add(evenR, f64x2.mul(v128.load(pair), c));
          evenI = f64x2.add(evenI, f64x2.mul(v128.load(pair, 16), c));
          oddR = f64x2.add(oddR, f64x2.mul(v128.load(pair, 32), s));
          oddI = f64x2.add(oddI, f64x2.mul(v128.load(pair, 48), s));
        }
        const low = y + q + <usize>j * stride, high = y + q + <usize>(radix - j) * stride;
        const twiddle = twiddles + 16 * <usize>(j - 1), mirrored = twiddles + 16 * <usize>(radix - j - 1);
        storeProduct(low, f64x2.sub(evenR, oddI), f64x2.add(evenI, oddR), twiddle);
        storeProduct(high, f64x2.add(evenR, oddI), f64x2.sub(evenI, oddR), mirrored);
      }
    }
  }
}

/** All stages over four lines in `x`, with `y` as the other buffer; returns the one that holds the result. */
function stages(plan: usize, x: usize, y: usize): usize {
  const factors = load<i32>(plan, 8);
  let rest = load<i32>(plan, 4);
  let stride: usize = 64;
  for (let k = 0; k < factors; k++) {
    const radix = load<i32>(plan + 32 + 8 * <usize>k), tables = load<usize>(plan + 32 + 8 * <usize>k, 4);
    const parts = rest / radix;
    if (radix == 4) radix4(x, y, parts, stride, tables + 64);
    else if (radix == 2) radix2(x, y, parts, stride, tables + 32);
    else radixOdd(x, y, radix, parts, stride, tables);
    const done = y;
    y = x;
    x = done;
    stride *= <usize>radix;
    rest = parts;
  }
  return x;
}

/** Bluestein: the transform as a convolution with a chirp, by transforms of a power of two. */
function bluestein(plan: usize, x: usize, y: usize): usize {
  const n = <usize>load<i32>(plan), length = <usize>load<i32>(plan, 4);
  const chirp = load<usize>(plan, 12), spectrum = load<usize>(plan, 16);
  multiply(x, chirp, n);
  memory.fill(x + 64 * n, 0, 64 * (length - n));
  let from = stages(plan, x, y);
  multiply(from, spectrum, length);
  swapParts(from, length);
  from = stages(plan, from, from == x ? y : x);
  swapParts(from, n);
  multiply(from, chirp, n);
  return from;
}

/** Four lines times one line of factors, in place. */
function multiply(x: usize, factors: usize, count: usize): void {
  for (let k: usize = 0; k < count; k++, x += 64, factors += 16) {
    storeProduct(x, v128.load(x), v128.load(x, 16), factors);
    storeProduct(x + 32, v128.load(x, 32), v128.load(x, 48), factors);
  }
}

/** Real and imaginary parts change places: a forward transform between two swaps is an inverse one. */
function swapParts(x: usize, count: usize): void {
  for (const end = x + 64 * count; x < end; x += 32) {
    const re = v128.load(x);
    v128.store(x, v128.load(x, 16));
    v128.store(x, re, 16);
  }
}

/**
 * Transforms `lines` lines of the plan's length in place. An element is 16 bytes (re, im); `step` and
 * `next` are the bytes from element to element and from line to line.
 */
export function transformLines(plan: usize, data: usize, step: usize, next: usize, lines: i32, work: usize): void {
  const n = load<i32>(plan);
  const other = work + 64 * <usize>load<i32>(plan, 4);
  for (let first = 0; first < lines; first += 4) {
    // The last few lines stand in for missing ones: computed twice, stored twice, the same.
    const a = data + next * <usize>first, last = data + next * <usize>(lines - 1);
    const b = min(a + next, last), c = min(a + 2 * next, last), d = min(a + 3 * next, last);
    let to = work;
    for (let i: usize = 0; i < <usize>n * step; i += step, to += 64) {
      const v0 = v128.load(a + i), v1 = v128.load(b + i), v2 = v128.load(c + i), v3 = v128.load(d + i);
      v128.store(to, v128.shuffle<f64>(v0, v1, 0, 2));
      v128.store(to, v128.shuffle<f64>(v0, v1, 1, 3), 16);
      v128.store(to, v128.shuffle<f64>(v2, v3, 0, 2), 32);
      v128.store(to, v128.shuffle<f64>(v2, v3, 1, 3), 48);
    }
    let from = load<usize>(plan, 12) ? bluestein(plan, work, other) : stages(plan, work, other);
    for (let i: usize = 0; i < <usize>n * step; i += step, from += 64) {
      const r0 = v128.load(from), i0 = v128.load(from, 16), r1 = v128.load(from, 32), i1 = v128.load(from, 48);
      v128.store(a + i, v128.shuffle<f64>(r0, i0, 0, 2));
      v128.store(b + i, v128.shuffle<f64>(r0, i0, 1, 3));
      v128.store(c + i, v128.shuffle<f64>(r1, i1, 0, 2));
      v128.store(d + i, v128.shuffle<f64>(r1, i1, 1, 3));
    }
  }
}

/** Rows, then columns, of a `height x width` array of complex numbers, in place. */
export function transform2(data: usize, height: i32, width: i32, rowPlan: usize, columnPlan: usize, work: usize): void {
  transformLines(rowPlan, data, 16, 16 * <usize>width, height, work);
  transformLines(columnPlan, data, 16 * <usize>width, 16, width, work);
}
