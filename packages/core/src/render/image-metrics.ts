import { psnrOf } from "../metrics/difference.js";
import { structuralSimilarity } from "../metrics/structural-similarity.js";

/** How much two pictures differ, as people see it: of pictures with parts from 0 to 255. */
export interface PictureDifference {
  /** Mean square of the differences of red, green and blue. */
  readonly mse: number;
  /** 20 log10(255 / RMSE) in dB; infinite for equal pictures. */
  readonly psnr: number;
  /** Mean SSIM of the luminance (Rec. 601), under the window of Wang et al. 2004. */
  readonly ssim: number;
}

/** Compares two pictures of RGBA bytes, opaque ones, of the same size. */
export function pictureDifference(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  width: number,
  height: number,
): PictureDifference {
  const count = width * height;
  if (one.length !== 4 * count || other.length !== 4 * count) {
    throw new RangeError(`${4 * count} bytes expected, ${one.length} and ${other.length} found`);
  }
  let squares = 0;
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      squares += (one[4 * pixel + channel] - other[4 * pixel + channel]) ** 2;
    }
  }
  const mse = squares / (3 * count);
  const [a, b] = [one, other].map((picture) => luminance(picture, count));
  return {
    mse,
    psnr: psnrOf(255, Math.sqrt(mse)),
    ssim: structuralSimilarity(a, b, [height, width], 255),
  };
}

function luminance(picture: ArrayLike<number>, count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, k) => 0.299 * picture[4 * k] + 0.587 * picture[4 * k + 1] + 0.114 * picture[4 * k + 2],
  );
}
