/** Samples for the fit of rows that are predicted from several fields; see `samples/kernel.ts`. */

import { random, restart, RUN } from "../samples/kernel";

const ROWS: usize = memory.data(64 * 4, 16);
/** Per source the value at the left in its own field. */
const LEFTS: usize = memory.data(64 * 4, 16);

/**
 * Up to `wanted` samples of `columns` f64 each (an even number) of field 0 in a table of fields: the
 * second value to the left; three values of every source (i32 dt, dz, dy, field each), each minus the one
 * at the left in its own field; with `law` (the law's field, else 0) its value at the left minus that of
 * field 0; zeros; the value itself. The first and the last are relative to the value at the left.
 * Samples that are masked or not finite are left out. Returns their number; the sums of the magnitudes at
 * the left are stored at `magnitudes`: of field 0, then of every source's field.
 */
export function gatherJoint<F>(
  fields: usize, law: usize, mask: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, bands: i32,
  kind: i32, sources: usize, count: i32, columns: i32, wanted: i32, samples: usize, magnitudes: usize,
): i32 {
  const values = load<usize>(fields);
  const stride = <usize>columns << 3;
  memory.fill(magnitudes, 0, <usize>(count + 1) << 3);
  let taken = 0;
  restart();
  for (let attempt = (wanted + RUN - 1) / RUN; attempt > 0; attempt--) {
    const t = kind & 4 ? 1 + random(outer - 1) : 0;
    const z = kind & 2 ? 1 + random(depth - 1) : 0;
    const bandStart = random(bands) * bandRows;
    const y = bandStart + (kind & 1 ? 1 + random(bandRows - 1) : 0);
    if (y >= height) continue;
    const row = ((<usize>t * <usize>depth + <usize>z) * <usize>height + <usize>y) * <usize>width;
    for (let k = 0; k < count; k++) {
      const source = sources + (<usize>k << 4);
      const dt = load<i32>(source), dz = load<i32>(source, 4), dy = load<i32>(source, 8), field = load<i32>(source, 12);
      const t2 = max(0, min(outer - 1, t + dt)), z2 = max(0, min(depth - 1, z + dz));
      const y2 = max((dt | dz | field) == 0 ? bandStart : 0, min(height - 1, y + dy));
      const from = ((<usize>t2 * <usize>depth + <usize>z2) * <usize>height + <usize>y2) * <usize>width;
      const base = load<usize>(fields + (<usize>field << 2));
      store<usize>(ROWS + (<usize>k << 2), base + from * sizeof<F>());
      store<usize>(LEFTS + (<usize>k << 2), base + row * sizeof<F>());
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
        const own = <f64>load<F>(load<usize>(LEFTS + (<usize>k << 2)) + offset - sizeof<F>());
        const a = <f64>load<F>(source + offset - sizeof<F>()) - own;
        const b = <f64>load<F>(source + offset) - own;
        const c = <f64>load<F>(source + right) - own;
        store<f64>(put, a);
        store<f64>(put, b, 8);
        store<f64>(put, c, 16);
        sum += a + b + c;
        put += 24;
      }
      if (law) {
        const apart = <f64>load<F>(law + (row + <usize>x - 1) * sizeof<F>()) - left;
        store<f64>(put, apart);
        sum += apart;
        put += 8;
      }
      // A NaN or infinity is among them: the next sample takes its place.
      if (sum - sum != 0) continue;
      for (const end = to + stride - 8; put < end; put += 8) store<f64>(put, 0);
      store<f64>(put, straight);
      taken++;
      store<f64>(magnitudes, load<f64>(magnitudes) + abs(left));
      for (let k: usize = 0; k < <usize>count; k++) {
        const own = <f64>load<F>(load<usize>(LEFTS + (k << 2)) + offset - sizeof<F>());
        store<f64>(magnitudes + (k << 3), load<f64>(magnitudes + (k << 3), 8) + abs(own), 8);
      }
    }
  }
  return taken;
}
