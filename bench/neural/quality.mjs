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
import "./relaxed-simd.mjs";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { optimiserDefaults, wasmBackend } from "@fieldzip/neural";
import { provenance, typedArguments } from "../machine.mjs";
import { writeResult } from "../result-files.mjs";
import { measureTraining, round, stepsFor } from "./measure.mjs";
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
const batch = training.batch ?? (network.kind === "grid" ? 2048 : 512);
const steps = await stepsFor(volume, { ...asked, batch }, Number(options.seconds));
const { model, curve, psnrs, meanPsnr, seconds, decodeSeconds } = await measureTraining(volume, {
  ...{ ...asked, batch, steps },
});
const values = volume.variables.length * volume.variables[0].length;
const result = {
  ...provenance(`FIELDZIP_DATA=… node bench/neural/quality.mjs ${typedArguments()}`),
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
  ksamplesPerCpuSecond: round((steps * batch) / seconds / 1e3),
  curve,
  meanPsnr,
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
  await writeResult(options.output, all, { report: qualityReport });
}
