/**
 * What steps in one network save: one step alone, against all steps of the run in one network, at equal PSNR.
 *
 *   FIELDZIP_DATA=folder node bench/neural/series.mjs [--run mhd/rrmhd_turb_series48] [--step 2] [--ratios 62,93,150,250]
 *     [--epochs 12] [--output FILE.json]
 *
 * The step alone is compressed at each ratio, and so are all steps at ratios from there on; the ratio that all of them
 * have at the PSNR of the one is interpolated between those two next to it. Every byte of the archives counts, metadata
 * and coordinates too. PSNR of all steps: the mean over variables, each relative to its range in the step or in all steps.
 * Writes bench/results/series.json, .md and .svg (or --output).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { difference, subset } from "@fieldzip/core";
import { provenance, root, typedArguments } from "../machine.mjs";
import { writeResult } from "../result-files.mjs";
import { compressWithNetwork } from "./ours.mjs";
import { seriesPicture, seriesReport } from "./series-report.mjs";
import { readVolume } from "./volume.mjs";

const { values: options } = parseArgs({
  options: {
    run: { type: "string", default: "mhd/rrmhd_turb_series48" },
    step: { type: "string", default: "2" },
    ratios: { type: "string", default: "62,93,150,250" },
    epochs: { type: "string" },
    output: { type: "string", default: join(root, "bench/results/series.json") },
  },
});
/** Ratios of all steps for each of the one step: at equal PSNR it lies between two of them. */
const factors = [1.4, 2, 2.8];
const codec = "fieldzip neural";
const step = Number(options.step);
const volume = await readVolume(options.run);
const [steps] = volume.lengths;
const perStep = volume.variables[0].length / steps;
const one = {
  ...volume,
  lengths: volume.lengths.slice(1),
  variables: volume.variables.map((all) => all.subarray(step * perStep, (step + 1) * perStep)),
};
const folder = await mkdtemp(join(tmpdir(), "fieldzip-series-"));
const curves = { one: [], all: [] };
try {
  const ratios = options.ratios.split(",").map(Number);
  for (const ratio of ratios) {
    const onlyStep = (dataset) => subset(dataset, [], { step });
    curves.one.push(await measure(one, ratio, onlyStep));
  }
  const wanted = new Set(ratios.flatMap((ratio) => factors.map((f) => Math.round(f * ratio))));
  for (const ratio of [...wanted].sort((a, b) => a - b)) {
    curves.all.push(await measure(volume, ratio));
  }
} finally {
  await rm(folder, { recursive: true });
}
const gains = curves.one.map(({ ratio, psnr }) => {
  const all = ratioAt(curves.all, psnr);
  return { psnr, one: ratio, all, gain: all && round(all / ratio) };
});
await writeResult(
  options.output,
  {
    ...provenance(`FIELDZIP_DATA=… node bench/neural/series.mjs ${typedArguments()}`.trim()),
    ...{ run: options.run, steps, step, curves, gains },
  },
  { report: seriesReport, picture: seriesPicture },
);

async function measure({ names, variables }, ratio, choose) {
  const { bytes, encode, decoded } = await compressWithNetwork(codec, volume, ratio, {
    ...{ folder, choose, epochs: options.epochs && Number(options.epochs) },
  });
  const psnrs = variables.map((values, v) => difference(values, decoded[v]).psnr);
  const psnr = round(psnrs.reduce((a, b) => a + b, 0) / names.length);
  const original = variables.length * variables[0].byteLength;
  const point = { ratio: round(original / bytes), psnr, bytes, seconds: round(encode) };
  process.stderr.write(`${choose ? "one step" : "all steps"}: ${JSON.stringify(point)}\n`);
  return point;
}

/** On the curve, between the two points around it; undefined beyond its ends. */
function ratioAt(points, psnr) {
  const after = points.findIndex((point) => point.psnr <= psnr);
  if (after < 1) return undefined;
  const [a, b] = [points[after - 1], points[after]];
  const share = (a.psnr - psnr) / (a.psnr - b.psnr);
  return round(a.ratio * (b.ratio / a.ratio) ** share);
}

function round(value) {
  return Math.round(value * 100) / 100;
}
