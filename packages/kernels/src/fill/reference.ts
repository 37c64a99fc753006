/** Filling of masked values in plain loops: the truth that `kernel.ts` is held to. */
import { bandHeight, type Geometry } from "../geometry.js";

/** Masked values (1 in `mask`) get the bits of the one at their left, or straight before their row. */
export function fillMaskedReference(
  words: bigint[],
  mask: ArrayLike<number>,
  geometry: Geometry,
): void {
  const { depth, height, width } = geometry;
  words.forEach((_, i) => {
    if (mask[i] !== 1) return;
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const slice = Math.floor(i / (width * height));
    let back = 0;
    if (x > 0) back = 1;
    else if (y % bandHeight(geometry) > 0) back = width;
    else if (slice % depth > 0) back = width * height;
    else if (slice >= depth) back = width * height * depth;
    words[i] = back > 0 ? words[i - back] : 0n;
  });
}
