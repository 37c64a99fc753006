/** Which samples a step sees: every epoch goes through all of them once, in an order of its own. */
import { createRandom, permutation } from "./random.js";

export interface Batches {
  readonly stepsPerEpoch: number;
  /** Samples of step `step`, from 0: they follow from seed and step alone. */
  at(step: number): Uint32Array;
}

/** What does not fill a batch at the end of an epoch is left out of that epoch. */
export function createBatches(count: number, batch: number, seed: number): Batches {
  const size = Math.min(batch, count);
  const stepsPerEpoch = Math.floor(count / size);
  let epoch = -1;
  let order: Uint32Array = new Uint32Array(0);
  return {
    stepsPerEpoch,
    at(step) {
      const wanted = Math.floor(step / stepsPerEpoch);
      if (wanted !== epoch) {
        epoch = wanted;
        order = permutation(count, createRandom(seed, 1000 + epoch));
      }
      const from = (step % stepsPerEpoch) * size;
      return order.subarray(from, from + size);
    },
  };
}
