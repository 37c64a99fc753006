import { countOfArray, type NetworkShape, parametersOf } from "@fieldzip/kernels/network";
import { createRandom } from "./random.js";

export interface InitialiseOptions {
  readonly seed: number;
  /** Values along every axis: sets the scale of the frequencies. */
  readonly lengths: readonly number[];
  /** Values to a wave, see `FourierNetwork`. */
  readonly valuesPerWave: number;
}

/** Deviation of a grid's features: small, so that the trunk starts with the frequencies. */
const GRID_DEVIATION = 0.01;

/**
 * Parameters to start from, as a list. Weights are uniform in +-sqrt(6 / inputs) (He et al., 2015), of the
 * last layer in +-sqrt(3 / inputs); biases and phases are 0. Row i of B has a normal number an axis, whose
 * deviation is half the axis's waves: coordinates run from -1 to 1, two units long.
 */
export function initialParameters(
  shape: NetworkShape,
  { seed, lengths, valuesPerWave }: InitialiseOptions,
): Float32Array {
  const arrays = parametersOf(shape);
  const list = new Float32Array(arrays.reduce((sum, array) => sum + countOfArray(array), 0));
  const lastLayer = `weights${shape.widths.length}`;
  let at = 0;
  arrays.forEach((array, number) => {
    // A stream an array: how one is filled does not depend on the sizes of those before it.
    const random = createRandom(seed, number);
    const count = countOfArray(array);
    const bound = Math.sqrt((array.name === lastLayer ? 3 : 6) / array.shape[0]);
    for (let i = 0; i < count; i++) {
      if (array.role === "grid") list[at + i] = GRID_DEVIATION * random.normal();
      else if (array.role === "weights") list[at + i] = bound * (2 * random.uniform() - 1);
      else if (array.role === "frequencies") {
        const waves = lengths[i % shape.dimensions] / valuesPerWave;
        list[at + i] = (waves / 2) * random.normal();
      }
    }
    at += count;
  });
  return list;
}
