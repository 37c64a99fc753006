/**
 * The published ablations: the same network with no mapping of coordinates, with fixed, and with learned Fourier
 * features, on one field, with the same steps.
 *
 *   FIELDZIP_DATA=folder node bench/neural/ablations.mjs [--run mhd/pluto_rmhd_kh12] [--variable rho]
 *     [--steps 1500] [--only "learned, k 128",…] [--add] [--output FILE.json]
 *
 * Writes bench/results/ablations.json, .md and .svg (or --output).
 */
import "./relaxed-simd.mjs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { structuralSimilarity } from "@fieldzip/core";
import { provenance, root, typedArguments } from "../machine.mjs";
import { earlierResult, writeResult } from "../result-files.mjs";
import { ablationsPicture, ablationsReport } from "./ablations-report.mjs";
import { measureTraining, round } from "./measure.mjs";
import { defaultRun, readVolume } from "./volume.mjs";

const { values: options } = parseArgs({
  options: {
    run: { type: "string", default: defaultRun },
    variable: { type: "string", default: "rho" },
    steps: { type: "string", default: "1500" },
    only: { type: "string", default: "" },
    add: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "bench/results/ablations.json") },
  },
});
/** In the order of tables and pictures. */
const variants = [
  { name: "no mapping", mapping: "off" },
  { name: "fixed, k 32", mapping: "fixed", frequencies: 32 },
  { name: "learned, k 32", mapping: "learned", frequencies: 32 },
  { name: "fixed, k 128", mapping: "fixed", frequencies: 128 },
  { name: "learned, k 128", mapping: "learned", frequencies: 128 },
  // Waves drawn far finer than those of the field: what the draw got wrong is what can be learned.
  { name: "fixed, too fine", mapping: "fixed", frequencies: 128, valuesPerWave: 12 },
  { name: "learned, too fine", mapping: "learned", frequencies: 128, valuesPerWave: 12 },
];
const chosen = variants.filter(
  ({ name }) => options.only === "" || options.only.split(/,(?! )/).includes(name),
);

const whole = await readVolume(options.run);
const number = whole.names.indexOf(options.variable);
if (number < 0) throw new Error(`--variable: one of ${whole.names.join(", ")}`);
const { lengths } = whole;
const field = { lengths, variables: [whole.variables[number]] };
const origin = provenance(
  `FIELDZIP_DATA=… node bench/neural/ablations.mjs ${typedArguments()}`.trim(),
);
const before = await earlierResult(options.output, origin, options.add, { rows: [] });
const original = middleSlice(field.variables[0]);
const [low, high] = [Math.min(...original), Math.max(...original)];
const rows = new Map(before.rows.map((row) => [row.name, row]));
for (const { name, ...mapping } of chosen) {
  const { model, decoded, curve, psnrs, seconds } = await measureTraining(
    field,
    {
      network: { kind: "fourier", ...mapping },
      steps: Number(options.steps),
      quantise: { format: "float32" },
    },
    25,
  );
  const { range } = model.scalings[0];
  const { command, date, commit } = origin;
  const row = {
    ...{ name, network: model.network, parameters: model.parameters.length },
    ...{ steps: Number(options.steps), seconds: round(seconds), psnr: round(psnrs[0]) },
    ssim: Number(structuralSimilarity(field.variables[0], decoded[0], lengths, range).toFixed(4)),
    ...{ curve, slice: shades(middleSlice(decoded[0])), command, date, commit },
  };
  process.stderr.write(`${name}: ${row.psnr} dB, SSIM ${row.ssim}, ${row.seconds} s\n`);
  rows.set(name, row);
}
const result = {
  ...origin,
  ...{ run: whole.run, variable: options.variable, lengths },
  slice: { height: lengths.at(-2), width: lengths.at(-1), low, high, original: shades(original) },
  rows: variants.flatMap(({ name }) => rows.get(name) ?? []),
};
await writeResult(options.output, result, { report: ablationsReport, picture: ablationsPicture });

/** The middle plane of the slowest axis. */
function middleSlice(values) {
  const area = lengths.at(-1) * lengths.at(-2);
  const planes = values.length / area;
  return values.subarray((planes >> 1) * area, ((planes >> 1) + 1) * area);
}

/** From `low` to `high` in 256 steps: enough for a picture. */
function shades(values) {
  const bytes = Uint8Array.from(values, (value) =>
    Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low)))),
  );
  return Buffer.from(bytes).toString("base64");
}
