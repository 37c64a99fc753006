/** A chunk as the work that its training is: what is trained, measured and written down. */
import { floatTypeOf, type TrainedChunk, type TrainingJob } from "@fieldzip/core";
import { readHeader } from "@fieldzip/core/stream";
import type { GoalWork } from "../goal/work.js";
import { outputsOf } from "../model.js";
import { estimateModelBytes } from "../quantise/coded-arrays.js";
import type { StoredModel } from "../quantise/quantised-model.js";
import { scalingOf } from "../scaling.js";
import { layoutOfChunk } from "../stream/chunk.js";
import { codeParameters, encodeNeuralStream, NEURAL } from "../stream/encode.js";
import type { StreamGuarantee } from "../stream/misses.js";
import { decodedOf } from "../stream/prediction.js";
import { readNeuralStream } from "../stream/read.js";
import { fieldOf, ownValues } from "./chunk-field.js";
import type { Journal } from "./journal.js";
import { qualityMeter } from "./quality.js";
import type { NeuralSettings } from "./settings.js";
import { openTrainings } from "./trainings.js";

/** Share of a training after which bytes are counted and not estimated, which is quicker. */
const EXACT_FROM = 0.9;

export interface ChunkWork extends GoalWork {
  /** The chunk's stream with that network. */
  encode(model: StoredModel): Uint8Array;
}

/** Undefined where there is nothing to learn: no axis longer than 1, no variable that varies. */
export function openChunkWork(
  chunk: TrainedChunk,
  job: TrainingJob,
  asked: NeuralSettings,
  journal: Journal,
): ChunkWork | undefined {
  const { seconds } = job;
  const { shape, variableAxis, stepAxis, fillValues } = chunk;
  const layout = layoutOfChunk(shape, variableAxis);
  const field = fieldOf(chunk);
  if (!layout || !field) return undefined;
  const scalings = field.variables.map(scalingOf);
  const outputs = outputsOf(scalings);
  if (outputs.length === 0) return undefined;
  const values = ownValues(chunk);
  const guarantee = promiseOf(job, chunk);
  const quality = qualityMeter(values, chunk, outputs);
  const encode = (model: StoredModel) =>
    encodeNeuralStream({ values, shape, variableAxis, outputs, fillValues, model, guarantee })
      .bytes;
  // What a stream takes besides its model: the same whatever the network, but for some bytes.
  let beside: number | undefined;
  return {
    ...{
      settings: withStepAxis(asked, layout.axes.indexOf(stepAxis ?? -1)),
      encode,
      guarantee: job.guarantee,
      outputs: outputs.length,
    },
    ...{ bytes: job.bytes, previous: previousOf(chunk) },
    secondsLeft: seconds === undefined ? undefined : () => seconds - journal.spent(),
    trainings: openTrainings(field, asked, job, journal),
    psnrOf: (model) => quality.psnrOf(decodedOf(model, layout, outputs, floatTypeOf(values))),
    psnrOffset: quality.offsetFrom(outputs.map((v) => scalings[v].range)),
    streamBytes(arrays, network, share) {
      if (beside === undefined) {
        const axes = field.lengths.map((total, axis) => ({
          ...{ length: layout.lengths[axis], low: field.ghosts?.[axis].low ?? 0, total },
        }));
        const whole = { shape: network, arrays, axes, scalings: outputs.map((v) => scalings[v]) };
        beside = encode(whole).length - codeParameters(whole).length;
      }
      const isExact = share >= EXACT_FROM;
      const model = isExact
        ? codeParameters({ shape: network, arrays }).length
        : estimateModelBytes(arrays, network);
      return beside + model;
    },
  };
}

/** Grids are told which axis of the field is that of the steps; -1 where there is none. */
function withStepAxis(settings: NeuralSettings, stepAxis: number): NeuralSettings {
  const { network } = settings;
  if (network.kind !== "grid" || stepAxis < 0) return settings;
  return { ...settings, network: { ...network, stepAxis } };
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
