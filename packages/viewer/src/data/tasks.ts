import { difference, registerTask, structuralSimilarity } from "@fieldzip/core";
import {
  type FieldValues,
  type PictureDifference,
  pictureDifference,
  type ScaleName,
  type ValueRange,
  valueScale,
} from "@fieldzip/core/render";
import { absentHalf, halfOf } from "./half.js";

/** Adds what the page computes beside decoding to what this worker can run. */
export function registerViewerTasks(): void {
  registerTask("prepare-brick", prepareBrick);
  registerTask("measure-field", measureField);
  registerTask("measure-pictures", measurePictures);
}

export interface MeasureFieldTask {
  /** What the other is measured against. */
  readonly original: FieldValues;
  readonly decoded: FieldValues;
  /** Along z, y, x. */
  readonly shape: readonly [number, number, number];
}

/** How a field differs from its original. */
export interface FieldMeasures {
  /** In dB over the original's range; infinite for equal fields. */
  readonly psnr: number;
  /** Mean over slices across z; NaN where none holds a window of finite values. */
  readonly ssim: number;
  readonly maxError: number;
  /** `every 2nd value` where not all were measured; else empty. */
  readonly of: string;
}

/** Slices whose similarity is taken, at most: its mean over more is the same. */
const similarSlices = 24;

export function measureField({
  original,
  decoded,
  shape,
}: MeasureFieldTask): Omit<FieldMeasures, "of"> {
  const { psnr, maxError, min, max } = difference(original, decoded);
  const area = shape[1] * shape[2];
  const count = Math.min(shape[0], similarSlices);
  let [sum, slices] = [0, 0];
  for (let k = 0; k < count; k++) {
    const z = Math.floor(((k + 0.5) * shape[0]) / count);
    const [one, other] = [original, decoded].map((values) =>
      values.subarray(z * area, (z + 1) * area),
    );
    const similarity = structuralSimilarity(one, other, [shape[1], shape[2]], max - min);
    if (Number.isNaN(similarity)) continue;
    sum += similarity;
    slices++;
  }
  return { psnr, ssim: sum / slices, maxError };
}

export interface MeasurePicturesTask {
  /** RGBA bytes of opaque pictures of one size. */
  readonly one: Uint8Array;
  readonly other: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function measurePictures({ one, other, width, height }: MeasurePicturesTask): PictureDifference {
  return pictureDifference(one, other, width, height);
}

export interface PrepareBrickTask {
  readonly values: FieldValues;
  /** Along z, y, x. */
  readonly shape: readonly [number, number, number];
  readonly scale: ScaleName;
  readonly range: ValueRange;
  /** Values along each edge of a cell of the map of what is where. */
  readonly cell: number;
}

export interface PreparedBrick {
  /** Places on the colour bar as half floats; `absentHalf` where there is no value. */
  readonly halves: Uint16Array<ArrayBuffer>;
  /** Least and largest place (0 to 255) in each cell and the layer of values around it; least > largest: none. */
  readonly lows: Uint8Array;
  readonly highs: Uint8Array;
  readonly cells: readonly [number, number, number];
}

/** Values to what the volume's shaders read. */
export function prepareBrick({
  values,
  shape,
  scale,
  range,
  cell,
}: PrepareBrickTask): PreparedBrick {
  const [nz, ny, nx] = shape;
  const halves = new Uint16Array(nz * ny * nx);
  const cells = shape.map((count) => Math.ceil(count / cell)) as [number, number, number];
  const lows = new Uint8Array(cells[0] * cells[1] * cells[2]).fill(255);
  const highs = new Uint8Array(lows.length);
  const { place } = valueScale(scale, range);
  const [low, high] = range;
  const isLinear = scale === "linear" && high > low;
  const factor = 1 / (high - low);
  // A sample between two cells mixes values of both: each counts the layer beside it.
  const around = (at: number, count: number): [number, number] => [
    Math.max(0, Math.floor((at - 1) / cell)),
    Math.min(count - 1, Math.floor((at + 1) / cell)),
  ];
  let i = 0;
  for (let z = 0; z < nz; z++) {
    const [z0, z1] = around(z, cells[0]);
    for (let y = 0; y < ny; y++) {
      const [y0, y1] = around(y, cells[1]);
      for (let x = 0; x < nx; x++, i++) {
        const value = values[i];
        if (!(value - value === 0)) {
          halves[i] = absentHalf;
          continue;
        }
        const share = isLinear ? (value - low) * factor : place(value);
        // What a logarithmic scale has no place for lies below all others.
        const held = share > 0 ? Math.min(1, share) : 0;
        halves[i] = halfOf(held);
        const [floor, ceiling] = [Math.floor(held * 255), Math.ceil(held * 255)];
        const own =
          (Math.floor(z / cell) * cells[1] + Math.floor(y / cell)) * cells[2] +
          Math.floor(x / cell);
        if (
          floor >= lows[own] &&
          ceiling <= highs[own] &&
          z0 === z1 &&
          y0 === y1 &&
          x % cell !== 0 &&
          x % cell !== cell - 1
        ) {
          continue;
        }
        const [x0, x1] = around(x, cells[2]);
        for (let cz = z0; cz <= z1; cz++) {
          for (let cy = y0; cy <= y1; cy++) {
            for (let cx = x0; cx <= x1; cx++) {
              const c = (cz * cells[1] + cy) * cells[2] + cx;
              if (floor < lows[c]) lows[c] = floor;
              if (ceiling > highs[c]) highs[c] = ceiling;
            }
          }
        }
      }
    }
  }
  return { halves, lows, highs, cells };
}

/** For each cell 255 where `shows` holds for some place in it, else 0: what a ray need not step through. */
export function cellMap(
  { lows, highs }: Pick<PreparedBrick, "lows" | "highs">,
  shows: (place: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const before = new Int32Array(257);
  for (let k = 0; k < 256; k++) before[k + 1] = before[k] + (shows(k / 255) ? 1 : 0);
  return Uint8Array.from(lows, (low, k) => {
    const [from, to] = [Math.max(0, low - 1), Math.min(255, highs[k] + 1)];
    return low <= highs[k] && before[to + 1] - before[from] > 0 ? 255 : 0;
  });
}
