/** Samples of several fields in plain loops: the truth that `kernel.ts` is held to. */
import { bandHeight, type Geometry, type JointSource } from "../geometry.js";

const RUN = 16;

/**
 * As `gatherJoint` of `kernel.ts`; `fields` by number, 0 the own one. Rows of `columns` numbers, and the
 * sums of the magnitudes at the left.
 */
export function gatherJointReference(
  fields: readonly (ArrayLike<number> | undefined)[],
  law: ArrayLike<number> | undefined,
  mask: ArrayLike<number> | undefined,
  geometry: Geometry,
  kind: number,
  sources: readonly JointSource[],
  columns: number,
  wanted: number,
): { samples: number[]; magnitudes: number[] } {
  const { outer, depth, height, width, bands } = geometry;
  const bandRows = bandHeight(geometry);
  const values = fields[0]!;
  const samples: number[] = [];
  const magnitudes = new Array<number>(sources.length + 1).fill(0);
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
    const rows = sources.map(({ dt, dz, dy, field }) => {
      const t2 = Math.max(0, Math.min(outer - 1, t + dt));
      const z2 = Math.max(0, Math.min(depth - 1, z + dz));
      const low = dt === 0 && dz === 0 && field === 0 ? bandStart : 0;
      const y2 = Math.max(low, Math.min(height - 1, y + dy));
      return { from: fields[field]!, at: ((t2 * depth + z2) * height + y2) * width };
    });
    const step = 1 + random(Math.min(8, Math.max(1, Math.floor(width / RUN))));
    const first = 2 + random(Math.max(1, width - 2 - step * (RUN - 1)));
    for (let x = first; x < Math.min(width, first + step * RUN); x += step) {
      if (samples.length === wanted * columns) break;
      if (mask?.[row + x]) continue;
      const left = values[row + x - 1];
      const numbers = [values[row + x - 2] - left];
      let sum = values[row + x] - left + numbers[0];
      for (const { from, at } of rows) {
        const own = from[row + x - 1];
        const three = [-1, 0, x + 1 < width ? 1 : 0].map((dx) => from[at + x + dx] - own);
        numbers.push(...three);
        sum += three[0] + three[1] + three[2];
      }
      if (law) {
        numbers.push(law[row + x - 1] - left);
        sum += law[row + x - 1] - left;
      }
      if (!Number.isFinite(sum)) continue;
      while (numbers.length < columns - 1) numbers.push(0);
      samples.push(...numbers, values[row + x] - left);
      magnitudes[0] += Math.abs(left);
      rows.forEach(({ from }, k) => {
        magnitudes[k + 1] += Math.abs(from[row + x - 1]);
      });
    }
  }
  return { samples, magnitudes };
}
