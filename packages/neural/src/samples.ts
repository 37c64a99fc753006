/** A field's samples as a backend takes them in. */
import type { SampleSet } from "./backends/backend.js";
import type { TrainingField } from "./field.js";
import type { Sample } from "./sampling.js";
import type { Scaling } from "./scaling.js";

export function sampleSet(
  { variables }: TrainingField,
  scalings: readonly Scaling[],
  { coordinates, places }: Sample,
): SampleSet {
  return {
    coordinates,
    count: places.length,
    writeTargets(to, stride) {
      variables.forEach((values, v) => {
        const { offset, scale } = scalings[v];
        places.forEach((place, i) => {
          to[i * stride + v] = (values[place] - offset) / scale;
        });
      });
    },
  };
}

/** By variable, the share of samples that are finite. */
export function finiteShares({ variables }: TrainingField, { places }: Sample): number[] {
  return variables.map((values) => {
    let finite = 0;
    for (const place of places) if (Number.isFinite(values[place])) finite++;
    return finite / places.length;
  });
}
