/** The predictor `neural`: a trained coordinate network is the chunk. */
import { registerPredictor, type Settings, type TrainedPredictor } from "@fieldzip/core";
import { registerNetworkTasks } from "../backends/wasm-tasks.js";
import { describeNeuralStream } from "../stream/describe.js";
import { NEURAL } from "../stream/encode.js";
import { registerSampleTask } from "../use/chunk-network.js";
import { decodeBox } from "./decode-box.js";
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
  describe: describeNeuralStream,
  decodeBox,
};

/** Makes `neural` known to the core, in this thread. Workers need it, too, to take part in training. */
export function registerNeuralPredictor(): void {
  registerPredictor(neural);
  registerNetworkTasks();
  registerSampleTask();
}

/** Settings that `completeNeuralSettings` has checked. */
function settingsOf(settings: Settings): NeuralSettings {
  return settings as unknown as NeuralSettings;
}
