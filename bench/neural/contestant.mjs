/**
 * Ours as a contestant of frameworks.mjs: the trainer as it is. Between two marks training waits; PSNR is that of the
 * float32 parameters, at the last mark that of the network as it is stored.
 */
import "./relaxed-simd.mjs";
import { codeParameters, evaluateModel, train, wasmBackend } from "@fieldzip/neural";
import { answer, cpuSeconds, meanPsnr, nextRequest, pointsOf } from "./contest.mjs";
import { stepsFor } from "./measure.mjs";
import { readRawVolume } from "./volume.mjs";

const { setup } = await nextRequest();
const volume = await readRawVolume(setup.path, setup.shape);
const { batch, learningRate, relaxed, network, format } = setup;
const asked = {
  ...{ network, batch, quantise: { format } },
  optimiser: learningRate ? { learningRate } : {},
  backend: wasmBackend({ relaxed }),
};
const steps = await stepsFor(volume, asked, setup.seconds);
answer({ version: `Node ${process.version}`, steps });

let request = await nextRequest();
let seconds = 0;
let started;
const { stored, model } = await train(volume, {
  ...{ ...asked, steps },
  snapshotEvery: Math.ceil(steps / request.of),
  onProgress() {
    // From the first step on: the peers' preparation of data is not counted, either.
    started ??= cpuSeconds();
  },
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
