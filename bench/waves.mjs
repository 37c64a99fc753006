/** A field that looks like a simulation's: waves of several lengths, a front, and noise in the last digits. */

/** float32, C order, slowest axis first; the same values for the same shape and `seed`. */
export function waves(shape, seed = 1) {
  const [height, width] = [1, ...shape].slice(-2);
  const slices = shape.reduce((count, size) => count * size, 1) / (height * width);
  const values = new Float32Array(slices * height * width);
  const tables = [slices, height, width].map((extent, axis) =>
    Float64Array.from({ length: extent }, (_, i) =>
      [3, 7, 17].reduce((sum, k) => sum + Math.sin(k * (i / 96) + axis + seed) / k, 0),
    ),
  );
  let state = seed;
  let at = 0;
  for (let z = 0; z < slices; z++) {
    for (let y = 0; y < height; y++) {
      const slow = tables[0][z] + tables[1][y];
      for (let x = 0; x < width; x++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const fast = tables[2][x];
        const front = x + y / 2 > (width + height / 2) / 2 + 4 * slow ? 0.5 : 0;
        values[at++] = 2 + slow * fast + front + (state / 2 ** 32 - 0.5) * 1e-4;
      }
    }
  }
  return values;
}
