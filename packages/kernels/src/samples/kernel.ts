/**
 * Samples for the fit of one kind of rows, taken in short runs along rows: a cache line that is read
 * serves several. Every column is taken relative to the value at the left.
 */

/** Samples in a run. */
export const RUN: i32 = 16;
const ROWS: usize = memory.data(16 * 4, 16);

let seed: u32 = 0;

/** Numerical Recipes' linear congruential generator: the same samples on every machine. */
// @ts-ignore: decorator
@inline
export function random(below: i32): i32 {
  seed = seed * 1664525 + 1013904223;
  return <i32>((<u64>seed * <u64>below) >> 32);
}

/** The first place again. */
export function restart(): void {
  seed = 12345;
}

/**
 * Up to `wanted` samples of `columns` f64 each (an even number): the second value to the left, three
 * values of every source (i32 dt, dz, dy, 0 each), zeros, the value itself; all minus the first value to
 * the left. What is masked or copied is not predicted, and teaches nothing; nor does what is not finite.
 * Returns their number; the sum of the magnitudes at their left is stored at `magnitude`.
 */
export function gatherSamples<F>(
  values: usize, mask: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, bands: i32,
  kind: i32, sources: usize, count: i32, columns: i32, wanted: i32, samples: usize, magnitude: usize,
): i32 {
  const stride = <usize>columns << 3;
  let taken = 0;
  let magnitudes: f64 = 0;
  restart();
  // At most RUN more than are wanted are begun.
  for (let attempt = (wanted + RUN - 1) / RUN; attempt > 0; attempt--) {
    const t = kind & 4 ? 1 + random(outer - 1) : 0;
    const z = kind & 2 ? 1 + random(depth - 1) : 0;
    const bandStart = random(bands) * bandRows;
    const y = bandStart + (kind & 1 ? 1 + random(bandRows - 1) : 0);
    if (y >= height) continue;
    const row = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
    for (let k = 0; k < count; k++) {
      const source = sources + (<usize>k << 4);
      const dt = load<i32>(source), dz = load<i32>(source, 4), dy = load<i32>(source, 8);
      const t2 = max(0, t + dt), z2 = max(0, min(depth - 1, z + dz));
      const y2 = max((dt | dz) == 0 ? bandStart : 0, min(height - 1, y + dy));
      const from = ((<usize>t2 * <usize>depth + <usize>z2) * <usize>height + <usize>y2) * <usize>width;
      store<usize>(ROWS + (<usize>k << 2), values + from * sizeof<F>());
    }
    const step = 1 + random(min(8, max(1, width / RUN)));
    const first = 2 + random(max(1, width - 2 - step * (RUN - 1)));
    const last = min(width, first + step * RUN);
    for (let x = first; x < last && taken < wanted; x += step) {
      if (mask && load<u8>(mask + row + <usize>x)) continue;
      const at = values + (row + <usize>x) * sizeof<F>();
      const left = <f64>load<F>(at - sizeof<F>());
      const to = samples + <usize>taken * stride;
      const straight = <f64>load<F>(at) - left, before = <f64>load<F>(at - 2 * sizeof<F>()) - left;
      store<f64>(to, before);
      let sum = straight + before;
      let put = to + 8;
      const offset = <usize>x * sizeof<F>();
      const right = offset + (x + 1 < width ? sizeof<F>() : 0);
      for (let k = 0; k < count; k++) {
        const source = load<usize>(ROWS + (<usize>k << 2));
        const a = <f64>load<F>(source + offset - sizeof<F>()) - left;
        const b = <f64>load<F>(source + offset) - left;
        const c = <f64>load<F>(source + right) - left;
        store<f64>(put, a);
        store<f64>(put, b, 8);
        store<f64>(put, c, 16);
        sum += a + b + c;
        put += 24;
      }
      // A NaN or infinity is among them: the next sample takes its place.
      if (sum - sum != 0) continue;
      for (const end = to + stride - 8; put < end; put += 8) store<f64>(put, 0);
      store<f64>(put, straight);
      taken++;
      magnitudes += abs(left);
    }
  }
  store<f64>(magnitude, magnitudes);
  return taken;
}

/**
 * Weights delta / (error + delta) in place of the first `rows` errors: delta is 0.3 of the median of the
 * first 511, but no less than a thousandth of the mean. False where there are no errors.
 */
export function weightsOfErrors(errors: usize, rows: i32, scratch: usize): bool {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) sum += load<f64>(errors + (<usize>r << 3));
  const some = min(rows, 511);
  memory.copy(scratch, errors, <usize>some << 3);
  const delta = max(0.3 * median(scratch, some), (0.001 * sum) / <f64>rows);
  if (!(delta > 0)) return false;
  for (let r = 0; r < rows; r++) {
    const at = errors + (<usize>r << 3);
    store<f64>(at, delta / (load<f64>(at) + delta));
  }
  return true;
}

/** The number that would stand at count >> 1 if `numbers` were sorted: Hoare's selection, in place. */
function median(numbers: usize, count: i32): f64 {
  const wanted = count >> 1;
  let low = 0, high = count - 1;
  while (low < high) {
    const pivot = load<f64>(numbers + (<usize>((low + high) >> 1) << 3));
    let i = low, j = high;
    while (i <= j) {
      while (load<f64>(numbers + (<usize>i << 3)) < pivot) i++;
      while (load<f64>(numbers + (<usize>j << 3)) > pivot) j--;
      if (i > j) break;
      const a = numbers + (<usize>i << 3), b = numbers + (<usize>j << 3);
      const kept = load<f64>(a);
      store<f64>(a, load<f64>(b));
      store<f64>(b, kept);
      i++;
      j--;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return load<f64>(numbers + (<usize>wanted << 3));
}

/**
 * About the bits that residuals take, up to a constant: the sum of the logarithms, base 2, of the errors,
 * none taken as less than `least` (positive). The logarithm between two powers of two is a parabola.
 */
export function logarithmsOfErrors(errors: usize, rows: i32, least: f64): f64 {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const bits = reinterpret<u64>(max(load<f64>(errors + (<usize>r << 3)), least));
    const m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000) - 1;
    // log2(1 + m) = m + 0.34 m (1 - m), to within 0.01.
    sum += <f64>(<i32>(bits >> 52) - 1023) + m * (1.34 - 0.34 * m);
  }
  return sum;
}
