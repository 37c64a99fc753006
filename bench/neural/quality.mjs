/**
 * PSNR against CPU seconds: a network trained on one volume, one thread.
 *
 *   FIELDZIP_DATA=folder node bench/neural/quality.mjs [--run mhd/pluto_rmhd_kh12] [--network fourier|grid]
 *     [--seconds 110] [--set batch=4096 …] [--relaxed] [--label TEXT] [--output FILE]
 *
 * --set changes an option of the network, of the optimiser, or of training. Steps are chosen so that
 * training takes about so many CPU seconds. The curve is the PSNR of the training samples since the last
 * point, each before its step; the last figure that of all values, from float32 parameters. With
 * --output the run is added to that file.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { difference } from "@fieldzip/core";
import { provenance } from "../machine.mjs";
import { qualityReport } from "./report.mjs";
import { defaultRun, readVolume } from "./volume.mjs";

const { values: options } = parseArgs({
  options: {
    run: { type: "string", default: defaultRun },
    network: { type: "string", default: "fourier" },
    seconds: { type: "string", default: "110" },
    set: { type: "string", multiple: true, default: [] },
    relaxed: { type: "boolean", default: false },
    label: { type: "string", default: "" },
    output: { type: "string" },
  },
});
// Node 20 has relaxed SIMD behind this flag; later ones have it.
if (options.relaxed && process.versions.node.startsWith("20.")) {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}
const { axisCoordinates, evaluateModel, optimiserDefaults, train, wasmBackend } = await import(
  "@fieldzip/neural"
);

const volume = await readVolume(options.run);
const network = { kind: options.network };
const training = { seed: 0, quantise: { format: "float32" } };
const optimiser = {};
for (const setting of options.set) {
  const [name, text] = setting.split("=");
  const value = Number.isNaN(Number(text)) ? text : Number(text);
  if (name in optimiserDefaults(network.kind)) optimiser[name] = value;
  else if (["batch", "seed", "loss"].includes(name)) training[name] = value;
  else network[name] = value;
}
const asked = {
  ...training,
  network,
  optimiser,
  backend: wasmBackend({ relaxed: options.relaxed }),
};
const cpu = () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;

const steps = await stepsFor(Number(options.seconds));
const curve = [];
let started;
let next = 1;
let gathered = [];
const { model } = await train(volume, {
  ...asked,
  steps,
  onProgress({ done, psnr, samplesPerSecond }) {
    started ??= cpu();
    gathered.push(psnr);
    if (done < (next * steps) / 12) return;
    next++;
    const mean = gathered.reduce((a, b) => a + b, 0) / gathered.length;
    curve.push({ seconds: round(cpu() - started), step: done, psnr: round(mean) });
    process.stderr.write(
      `${curve.at(-1).seconds} s  step ${done} of ${steps}  ${round(mean)} dB  ${round(samplesPerSecond / 1e3)} ksamples/s\n`,
    );
    gathered = [];
  },
});
const seconds = cpu() - started;
const decoding = cpu();
const decoded = evaluateModel(model, { axes: volume.lengths.map(axisCoordinates) });
const decodeSeconds = cpu() - decoding;
const psnrs = volume.variables.map((values, v) => difference(values, decoded[v]).psnr);
const values = volume.variables.length * volume.variables[0].length;
const result = {
  ...provenance(`FIELDZIP_DATA=… node bench/neural/quality.mjs ${process.argv.slice(2).join(" ")}`),
  label: options.label || options.network,
  run: volume.run,
  lengths: volume.lengths,
  network: model.network,
  options: { ...training, ...optimiser },
  relaxed: options.relaxed,
  parameters: model.parameters.length,
  ratioFloat32: round(values / model.parameters.length),
  steps,
  cpuSeconds: round(seconds),
  ksamplesPerCpuSecond: round((steps * batchOf()) / seconds / 1e3),
  curve,
  meanPsnr: round(psnrs.reduce((a, b) => a + b, 0) / psnrs.length),
  psnr: Object.fromEntries(volume.names.map((name, v) => [name, round(psnrs[v])])),
  decodeMvaluesPerSecond: round(values / decodeSeconds / 1e6),
};
process.stdout.write(`${JSON.stringify({ ...result, curve: undefined, psnr: result.psnr })}\n`);
if (options.output) {
  const before = existsSync(options.output)
    ? JSON.parse(await readFile(options.output, "utf8")).filter(
        ({ label, run }) => label !== result.label || run !== result.run,
      )
    : [];
  const all = [...before, result];
  await writeFile(options.output, `${JSON.stringify(all, undefined, 1)}\n`);
  await writeFile(options.output.replace(/\.json$/, ".md"), qualityReport(all));
}

function batchOf() {
  return training.batch ?? (network.kind === "grid" ? 2048 : 512);
}

/** Steps that take so long: a few are timed, after the engine has compiled. */
async function stepsFor(budget) {
  const marks = [];
  await train(volume, {
    ...asked,
    steps: Math.ceil(60000 / batchOf()) + 4,
    onProgress: ({ done }) => marks.push({ done, at: cpu() }),
  });
  const [first, last] = [marks[0], marks.at(-1)];
  return Math.max(20, Math.round((budget * (last.done - first.done)) / (last.at - first.at)));
}

function round(value) {
  return Math.round(value * 100) / 100;
}
