/** Samples in plain loops: the truth that `kernel.ts` is held to. */
import { bandHeight, type Geometry, type Source } from "../geometry.js";

const RUN = 16;

/** As `gatherSamples` of `kernel.ts`: rows of `columns` numbers, and the sum of the magnitudes at the left. */
export function gatherSamplesReference(
  values: ArrayLike<number>,
  mask: ArrayLike<number> | undefined,
  geometry: Geometry,
  kind: number,
  sources: readonly Source[],
  columns: number,
  wanted: number,
): { samples: number[]; magnitudes: number } {
  const { outer, depth, height, width, bands } = geometry;
  const bandRows = bandHeight(geometry);
  const samples: number[] = [];
  let magnitudes = 0;
  let seed = 12345;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Number((BigInt(seed) * BigInt(below)) >> 32n);
  };
  for (let attempt = Math.ceil(wanted / RUN); attempt > 0; attempt--) {
    const t = kind & 4 ? 1 + random(outer - 1) : 0;
    const z = kind & 2 ? 1 + random(depth - 1) : 0;
    const bandStart = random(bands) * bandRows;
    const y = bandStart + (kind & 1 ? 1 + random(bandRows - 1) : 0);
    if (y >= height) continue;
    const row = ((t * depth + z) * height + y) * width;
    const rows = sources.map(({ dt, dz, dy }) => {
      const t2 = Math.max(0, t + dt);
      const z2 = Math.max(0, Math.min(depth - 1, z + dz));
      const y2 = Math.max(dt === 0 && dz === 0 ? bandStart : 0, Math.min(height - 1, y + dy));
      return ((t2 * depth + z2) * height + y2) * width;
    });
    const step = 1 + random(Math.min(8, Math.max(1, Math.floor(width / RUN))));
    const first = 2 + random(Math.max(1, width - 2 - step * (RUN - 1)));
    for (let x = first; x < Math.min(width, first + step * RUN); x += step) {
      if (samples.length === wanted * columns) break;
      if (mask?.[row + x]) continue;
      const left = values[row + x - 1];
      const numbers = [values[row + x - 2] - left];
      let sum = values[row + x] - left + numbers[0];
      for (const source of rows) {
        const three = [-1, 0, x + 1 < width ? 1 : 0].map((dx) => values[source + x + dx] - left);
        numbers.push(...three);
        sum += three[0] + three[1] + three[2];
      }
      if (!Number.isFinite(sum)) continue;
      while (numbers.length < columns - 1) numbers.push(0);
      samples.push(...numbers, values[row + x] - left);
      magnitudes += Math.abs(left);
    }
  }
  return { samples, magnitudes };
}

/** delta / (error + delta); undefined where there are no errors. */
export function weightsOfErrorsReference(errors: readonly number[]): number[] | undefined {
  const sum = errors.reduce((total, error) => total + error, 0);
  const sorted = errors.slice(0, 511).sort((a, b) => a - b);
  const delta = Math.max(0.3 * sorted[sorted.length >> 1], (0.001 * sum) / errors.length);
  return delta > 0 ? errors.map((error) => delta / (error + delta)) : undefined;
}
