/** A chunk -> its stream: a network is trained towards what was asked for and written down. */
import { type FloatArray, floatTypeOf, type TrainedChunk, type TrainingJob } from "@fieldzip/core";
import { readHeader } from "@fieldzip/core/stream";
import { trainToGoal } from "../goal/goal.js";
import { outputsOf } from "../model.js";
import type { StoredModel } from "../quantise/quantised-model.js";
import { scalingOf } from "../scaling.js";
import { layoutOfChunk } from "../stream/chunk.js";
import { codeParameters, encodeNeuralStream, NEURAL } from "../stream/encode.js";
import type { StreamGuarantee } from "../stream/misses.js";
import { decodedOf } from "../stream/prediction.js";
import { readNeuralStream } from "../stream/read.js";
import { fieldOf, ownValues } from "./chunk-field.js";
import { openJournal } from "./journal.js";
import { qualityMeter } from "./quality.js";
import type { NeuralSettings } from "./settings.js";
import { openTrainings } from "./trainings.js";

/** Undefined where there is nothing to learn: no axis longer than 1, no variable that varies. */
export async function encodeChunk(
  chunk: TrainedChunk,
  job: TrainingJob,
  settings: NeuralSettings,
): Promise<Uint8Array | undefined> {
  const { shape, variableAxis, fillValues } = chunk;
  const layout = layoutOfChunk(shape, variableAxis);
  const field = fieldOf(chunk);
  if (!layout || !field) return undefined;
  const scalings = field.variables.map(scalingOf);
  const outputs = outputsOf(scalings);
  if (outputs.length === 0) return undefined;
  const values = ownValues(chunk);
  const type = floatTypeOf(values);
  const guarantee = promiseOf(job, chunk);
  const part = { values, shape, variableAxis, outputs, fillValues };
  const encode = (model: StoredModel, predicted?: FloatArray) =>
    encodeNeuralStream({ ...part, model, guarantee, predicted }).bytes;

  const journal = await openJournal(job.checkpoints);
  // What a stream takes besides its model: the same whatever the network, but for some bytes.
  let beside: number | undefined;
  const quality = qualityMeter(values, chunk, outputs);
  const stored = await trainToGoal({
    ...{ settings, guarantee: job.guarantee, outputs: outputs.length },
    ...{ seconds: job.seconds, bytes: job.bytes, previous: previousOf(chunk) },
    trainings: openTrainings(field, settings, job, journal),
    psnrOf: (model) => quality.psnrOf(decodedOf(model, layout, outputs, type)),
    psnrOffset: quality.offsetFrom(outputs.map((v) => scalings[v].range)),
    streamBytes(arrays, network) {
      const model = codeParameters({ shape: network, arrays }).length;
      if (beside === undefined) {
        const axes = field.lengths.map((total, axis) => ({
          ...{ length: layout.lengths[axis], low: field.ghosts?.[axis].low ?? 0, total },
        }));
        const whole = { shape: network, arrays, axes, scalings: outputs.map((v) => scalings[v]) };
        beside = encode(whole).length - model;
      }
      return beside + model;
    },
  });
  return encode(stored);
}

/** In the units of a stream: a bound for every variable. */
function promiseOf({ guarantee }: TrainingJob, { ranges }: TrainedChunk): StreamGuarantee {
  if (guarantee.kind !== "bounded") return { kind: guarantee.kind };
  const { bound, boundKind } = guarantee;
  const bounds = ranges.map((range) => (boundKind === "range" ? bound * range : bound));
  return { kind: "bounded", bounds };
}

function previousOf({ previous }: TrainedChunk): StoredModel | undefined {
  if (!previous || readHeader(previous, "step before").predictor !== NEURAL) return undefined;
  return readNeuralStream(previous, "step before").model;
}
