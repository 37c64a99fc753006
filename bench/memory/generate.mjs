/** A large raw field: smooth waves with noise in the low bits, made and hashed slab by slab. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/**
 * Writes `shape` (`[z, y, x]`) float32 values to `path`, little endian, x fastest.
 * Memory: one z plane. Resolves to the file's SHA-256.
 */
export async function generateField(path, shape) {
  const [depth, height, width] = shape;
  const plane = new Float32Array(height * width);
  const bytes = new Uint8Array(plane.buffer);
  const alongX = Float64Array.from(
    { length: width },
    (_, x) => Math.sin(x / 23) + Math.cos(x / 61),
  );
  const alongY = Float64Array.from({ length: height }, (_, y) => Math.cos(y / 37));
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  try {
    let state = 1;
    for (let z = 0; z < depth; z++) {
      const level = Math.sin(z / 19);
      for (let y = 0, i = 0; y < height; y++) {
        const row = level + alongY[y];
        for (let x = 0; x < width; x++, i++) {
          // A linear congruential generator: the same file on every machine.
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          plane[i] = 280 + 4 * row * alongX[x] + 1e-3 * (state / 2 ** 32 - 0.5);
        }
      }
      hash.update(bytes);
      await file.writeFile(bytes);
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/** SHA-256 of a file, read in pieces. */
export async function hashFile(path) {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  const buffer = new Uint8Array(1 << 22);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
