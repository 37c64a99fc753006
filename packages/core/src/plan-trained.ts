/** What a trained predictor would be given of a dataset, without training: for planning. */
import type { Dataset } from "./array/dataset.js";
import { checkOptions } from "./check-options.js";
import { chooseJoint } from "./joint.js";
import type { CompressOptions } from "./options.js";
import { planArrays } from "./plan.js";
import type { TrainedChunk } from "./predictors/trained.js";
import { fillValuesOf, rangesOf } from "./ranges.js";
import { isTrained, readTrainedChunk, type TrainedArray } from "./trained-chunk.js";

/** The arrays that would be trained. Reads no values. */
export async function planTrained(
  dataset: Dataset,
  options: CompressOptions,
): Promise<TrainedArray[]> {
  const checked = checkOptions(options);
  const joint = await chooseJoint(dataset, checked);
  return planArrays(dataset, checked, joint).filter(isTrained);
}

/** The first chunk of an array, as its predictor would get it. */
export async function firstChunk(array: TrainedArray, signal?: AbortSignal): Promise<TrainedChunk> {
  const { plan, members } = array;
  const { values, box, low, high } = await readTrainedChunk(
    array,
    plan.shape.map(() => 0),
    signal,
  );
  const fillValues = members.flatMap(fillValuesOf);
  return {
    ...{ values, shape: box.shape, low, high, variableAxis: plan.joint?.axis, fillValues },
    ranges: await rangesOf(members, fillValues, signal),
  };
}
