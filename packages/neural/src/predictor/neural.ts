/** The predictor `neural`: a trained coordinate network is the chunk. */
import {
  type PredictorDescription,
  registerPredictor,
  type Settings,
  type TrainedPredictor,
} from "@fieldzip/core";
import { registerNetworkTasks } from "../backends/wasm-tasks.js";
import { countParameters } from "../network/network.js";
import { NEURAL } from "../stream/encode.js";
import { readNeuralStream } from "../stream/read.js";
import { encodeChunk } from "./encode.js";
import { completeNeuralSettings, type NeuralSettings } from "./settings.js";

/** Values of a chunk by default: one network for all variables of some steps. */
const CHUNK_VALUES = 2 ** 25;
/** Coordinates of a network. */
const MOST_AXES = 4;

export const neural: TrainedPredictor = {
  kind: "trained",
  name: "neural",
  number: NEURAL,
  guarantees: ["exact", "bounded", "best-effort"],
  chunkValues: CHUNK_VALUES,
  mostAxes: MOST_AXES,
  completeSettings: (given) => completeNeuralSettings(given) as unknown as Settings,
  ghostsOf: (settings) => settingsOf(settings).ghosts,
  encode: (chunk, job) => encodeChunk(chunk, job, settingsOf(job.settings)),
  describe: (stream) => describeNetwork(stream),
};

/** Makes `neural` known to the core, in this thread. Workers need it, too, to take part in training. */
export function registerNeuralPredictor(): void {
  registerPredictor(neural);
  registerNetworkTasks();
}

/** Settings that `completeNeuralSettings` has checked. */
function settingsOf(settings: Settings): NeuralSettings {
  return settings as unknown as NeuralSettings;
}

function describeNetwork(stream: Uint8Array): PredictorDescription {
  const { model, variables } = readNeuralStream(stream);
  const { shape, arrays } = model;
  const formats = new Set(arrays.map(({ format }) => format));
  const grids = shape.levels.map(({ nodes, features }) => `${nodes.join(" x ")} x ${features}`);
  return {
    mode: shape.levels.length > 0 ? "grid network" : "Fourier network",
    details: {
      parameters: countParameters(shape),
      stored: [...formats].map((format) => (format === "integer" ? "8 bit" : format)).join(", "),
      coordinates: shape.dimensions,
      variables: shape.outputs,
      constants: variables.length - shape.outputs,
      ...(grids.length > 0 ? { grids: grids.join(", ") } : {}),
      frequencies: shape.mapping === "off" ? "no mapping" : shape.frequencies,
      layers: shape.widths.join(" + "),
      activation: shape.activation,
    },
  };
}
