/**
 * Ours as a contestant of frameworks.mjs: the trainer as it is. Between two marks training waits; PSNR is that of the
 * float32 parameters, at the last mark that of the network as it is stored.
 */
import { setFlagsFromString } from "node:v8";
import { answer, cpuSeconds, meanPsnr, nextRequest, pointsOf } from "./contest.mjs";
import { readRawVolume } from "./volume.mjs";

// Node 20 has relaxed SIMD behind this flag; later ones have it.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
const { codeParameters, evaluateModel, train, wasmBackend } = await import("@fieldzip/neural");

const { setup } = await nextRequest();
const volume = await readRawVolume(setup.path, setup.shape);
const { batch, learningRate, relaxed, network, format } = setup;
const asked = {
  ...{ network, batch, quantise: { format } },
  optimiser: learningRate ? { learningRate } : {},
  backend: wasmBackend({ relaxed }),
};
const steps = Math.max(20, Math.round(setup.seconds / (await secondsPerStep())));
answer({ version: `Node ${process.version}`, steps });

let request = await nextRequest();
let seconds = 0;
let started = cpuSeconds();
const { stored, model } = await train(volume, {
  ...{ ...asked, steps },
  snapshotEvery: Math.ceil(steps / request.of),
  async onSnapshot({ state, settings }) {
    seconds += cpuSeconds() - started;
    if (state.step < steps) {
      const psnr = psnrOf({ ...settings, parameters: state.parameters }, 7);
      answer({ seconds, step: state.step, psnr });
      request = await nextRequest();
    }
    started = cpuSeconds();
  },
});
answer({
  ...{ seconds, step: steps, psnr: psnrOf(model, 1) },
  ...{ parameters: model.parameters.length, bytes: codeParameters(stored).byteLength },
});

function psnrOf({ network, scalings, parameters }, every) {
  const { lengths } = volume;
  const points = pointsOf(lengths, every);
  const decoded = evaluateModel({ network, lengths, scalings, parameters }, { points });
  return meanPsnr(volume, scalings, decoded, every);
}

/** After the engine has compiled. */
async function secondsPerStep() {
  const marks = [];
  await train(volume, {
    ...asked,
    steps: Math.ceil(60000 / batch) + 4,
    onProgress: ({ done }) => marks.push({ done, at: cpuSeconds() }),
  });
  const [first, last] = [marks[0], marks.at(-1)];
  return (last.at - first.at) / (last.done - first.done);
}
