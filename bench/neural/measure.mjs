/** One training run, measured: what quality.mjs, ablations.mjs and sampling.mjs have in common. */
import { difference } from "@fieldzip/core";
import { axisCoordinates, evaluateModel, train } from "@fieldzip/neural";
import { cpuSeconds } from "./contest.mjs";

/**
 * Trains on `volume` and decodes all of it. Seconds are CPU time of the process, after the first report. The curve
 * holds the PSNR of the samples since its last point, each before its step.
 * @param {object} options of `train`
 * @param {number} points of the curve
 */
export async function measureTraining(volume, options, points = 12) {
  const { steps } = options;
  const curve = [];
  let started;
  let gathered = [];
  const { model, stored } = await train(volume, {
    ...options,
    onProgress({ done, psnr }) {
      started ??= cpuSeconds();
      gathered.push(psnr);
      if (done < ((curve.length + 1) * steps) / points) return;
      const seconds = round(cpuSeconds() - started);
      const mean = gathered.reduce((a, b) => a + b, 0) / gathered.length;
      curve.push({ seconds, step: done, psnr: round(mean) });
      process.stderr.write(`${seconds} s  step ${done} of ${steps}  ${round(mean)} dB\n`);
      gathered = [];
    },
  });
  const seconds = cpuSeconds() - started;
  const decoding = cpuSeconds();
  const decoded = evaluateModel(model, { axes: volume.lengths.map(axisCoordinates) });
  const decodeSeconds = cpuSeconds() - decoding;
  const psnrs = volume.variables.map((values, v) => difference(values, decoded[v]).psnr);
  const meanPsnr = round(psnrs.reduce((a, b) => a + b, 0) / psnrs.length);
  return { model, stored, decoded, curve, psnrs, meanPsnr, seconds, decodeSeconds };
}

/** Steps that take so many CPU seconds: a few are timed, after the engine has compiled. */
export async function stepsFor(volume, options, budget) {
  const marks = [];
  await train(volume, {
    ...options,
    steps: Math.ceil(60000 / options.batch) + 4,
    onProgress: ({ done }) => marks.push({ done, at: cpuSeconds() }),
  });
  const [first, last] = [marks[0], marks.at(-1)];
  return Math.max(20, Math.round((budget * (last.done - first.done)) / (last.at - first.at)));
}

export function round(value) {
  return Math.round(value * 100) / 100;
}
