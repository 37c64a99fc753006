import { type Box, countOf } from "./box.js";

/** How many chunks of `chunk` it takes to cover `shape`, per axis. An empty axis has none. */
export function gridOf(shape: readonly number[], chunk: readonly number[]): number[] {
  return shape.map((size, axis) => Math.ceil(size / chunk[axis]));
}

/** The box of the chunk at `index`, clipped to the array. */
export function chunkBox(
  shape: readonly number[],
  chunk: readonly number[],
  index: readonly number[],
): Box {
  const start = index.map((value, axis) => value * chunk[axis]);
  return { start, shape: start.map((value, axis) => Math.min(chunk[axis], shape[axis] - value)) };
}

/** Indices of a grid in C order, from the low corner. */
export function* indicesOf(grid: readonly number[]): Generator<number[]> {
  if (countOf(grid) === 0) return;
  const index = grid.map(() => 0);
  for (;;) {
    yield [...index];
    let axis = grid.length - 1;
    while (axis >= 0 && ++index[axis] === grid[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}

/** Indices of the chunks that `box` touches, in C order. */
export function* chunksOf(box: Box, chunk: readonly number[]): Generator<number[]> {
  const low = box.start.map((start, axis) => Math.floor(start / chunk[axis]));
  const grid = box.shape.map((size, axis) =>
    size === 0 ? 0 : Math.ceil((box.start[axis] + size) / chunk[axis]) - low[axis],
  );
  for (const index of indicesOf(grid)) yield index.map((value, axis) => value + low[axis]);
}

/**
 * Boxes that cover `shape` in C order, each a whole number of `chunk`s and at most `limit` values
 * (or one chunk): chunks are merged along the fastest axes first, so that a reader or writer of
 * C-order files touches long runs. This is how data is moved whose size knows no limit.
 */
export function* slabsOf(
  shape: readonly number[],
  chunk: readonly number[],
  limit: number,
): Generator<Box> {
  const slab = chunk.map((size, axis) => Math.max(1, Math.min(size, shape[axis])));
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const rest = countOf(slab) / slab[axis];
    const whole = Math.floor(limit / (rest * slab[axis])) * slab[axis];
    if (whole >= shape[axis]) {
      slab[axis] = Math.max(1, shape[axis]);
      continue;
    }
    slab[axis] = Math.max(slab[axis], whole);
    break;
  }
  for (const index of indicesOf(gridOf(shape, slab))) yield chunkBox(shape, slab, index);
}
