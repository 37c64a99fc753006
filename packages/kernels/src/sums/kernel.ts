/**
 * The sums of `stencil/kernel.ts`, to the bit, three sources in one go along the row: a third of the loads and stores, and the
 * ends of the row are vectors, too. What takes the most time where little else is done.
 */
import { PLAN_WEIGHTS, sourceRow, stencilRow } from "../stencil/kernel";

/** Rows shorter than this are left to the plain kernel: their ends would overlap. */
const LEAST_BYTES: usize = 48;

/** Pointers of the source rows at hand. */
const ROWS: usize = memory.data(16 * 4, 16);

/** Where a vector stands in the row: at its ends a value's missing neighbour is the value itself. */
const INSIDE: i32 = 0;
const FIRST: i32 = 1;
const LAST: i32 = 2;

/** As `stencilRow`; up to 15 bytes behind `sums + width` may be written. */
export function sumsOfRow<F>(
  values: usize, plan: usize, t: i32, z: i32, y: i32,
  depth: i32, height: i32, width: i32, bandRows: i32, sums: usize,
): void {
  const count = load<i32>(plan);
  const bytes = <usize>width * sizeof<F>();
  if (count == 0) {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(sums + i, i32x4.splat(0));
    return;
  }
  if (bytes < LEAST_BYTES) {
    stencilRow<F>(values, plan, t, z, y, depth, height, width, bandRows, sums);
    return;
  }
  for (let k = 0; k < count; k++) {
    const row = sourceRow<F>(values, plan + 24 + 16 * <usize>k, t, z, y, depth, height, width, bandRows);
    store<usize>(ROWS + 4 * <usize>k, row);
  }
  let rows = ROWS, weights = plan + PLAN_WEIGHTS;
  let left = count;
  if (left == 1) add<F>(1, true, rows, weights, sums, bytes);
  else if (left == 2) add<F>(2, true, rows, weights, sums, bytes);
  else add<F>(3, true, rows, weights, sums, bytes);
  for (left -= 3; left > 0; left -= 3) {
    rows += 12;
    weights += 9 * sizeof<F>();
    if (left == 1) add<F>(1, false, rows, weights, sums, bytes);
    else if (left == 2) add<F>(2, false, rows, weights, sums, bytes);
    else add<F>(3, false, rows, weights, sums, bytes);
  }
}

/** The next `sources` sources; with `fresh` there are no sums yet. */
// @ts-ignore: decorator
@inline
function add<F>(sources: i32, fresh: bool, rows: usize, weights: usize, sums: usize, bytes: usize): void {
  const a = load<usize>(rows), b = sources > 1 ? load<usize>(rows, 4) : 0, c = sources > 2 ? load<usize>(rows, 8) : 0;
  const a0 = weight<F>(weights, 0), a1 = weight<F>(weights, 1), a2 = weight<F>(weights, 2);
  const b0 = sources > 1 ? weight<F>(weights, 3) : a0, b1 = sources > 1 ? weight<F>(weights, 4) : a0;
  const b2 = sources > 1 ? weight<F>(weights, 5) : a0;
  const c0 = sources > 2 ? weight<F>(weights, 6) : a0, c1 = sources > 2 ? weight<F>(weights, 7) : a0;
  const c2 = sources > 2 ? weight<F>(weights, 8) : a0;
  // The last vector ends with the row, and may overlap the one before: computed first, stored last.
  const end = bytes - 16;
  let last = source<F>(fresh, v128.load(sums + end), a + end, a0, a1, a2, LAST);
  if (sources > 1) last = source<F>(false, last, b + end, b0, b1, b2, LAST);
  if (sources > 2) last = source<F>(false, last, c + end, c0, c1, c2, LAST);
  let sum = source<F>(fresh, v128.load(sums), a, a0, a1, a2, FIRST);
  if (sources > 1) sum = source<F>(false, sum, b, b0, b1, b2, FIRST);
  if (sources > 2) sum = source<F>(false, sum, c, c0, c1, c2, FIRST);
  v128.store(sums, sum);
  for (let i: usize = 16; i < end; i += 16) {
    sum = source<F>(fresh, v128.load(sums + i), a + i, a0, a1, a2, INSIDE);
    if (sources > 1) sum = source<F>(false, sum, b + i, b0, b1, b2, INSIDE);
    if (sources > 2) sum = source<F>(false, sum, c + i, c0, c1, c2, INSIDE);
    v128.store(sums + i, sum);
  }
  v128.store(sums + end, last);
}

// @ts-ignore: decorator
@inline
function weight<F>(weights: usize, k: usize): v128 {
  return v128.splat<F>(load<F>(weights + k * sizeof<F>()));
}

/** A vector at a row's start, one to the right; at its end, one to the left. */
// @ts-ignore: decorator
@inline
function neighbours<F>(centre: v128, where: i32): v128 {
  if (sizeof<F>() == 4) {
    return where == FIRST ? v128.shuffle<f32>(centre, centre, 0, 0, 1, 2) : v128.shuffle<f32>(centre, centre, 1, 2, 3, 3);
  }
  return where == FIRST ? v128.shuffle<f64>(centre, centre, 0, 0) : v128.shuffle<f64>(centre, centre, 1, 1);
}

/** The three products of one source at one vector, added to the sum. */
// @ts-ignore: decorator
@inline
function source<F>(fresh: bool, sum: v128, at: usize, w0: v128, w1: v128, w2: v128, where: i32): v128 {
  const centre = v128.load(at);
  const left = v128.mul<F>(w0, where == FIRST ? neighbours<F>(centre, FIRST) : v128.load(at - sizeof<F>()));
  const straight = v128.add<F>(fresh ? left : v128.add<F>(sum, left), v128.mul<F>(w1, centre));
  return v128.add<F>(straight, v128.mul<F>(w2, where == LAST ? neighbours<F>(centre, LAST) : v128.load(at + sizeof<F>())));
}
