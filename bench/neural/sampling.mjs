/**
 * Training on a part of the values: PSNR against work, one thread.
 *
 *   FIELDZIP_DATA=folder node bench/neural/sampling.mjs [--run mhd/pluto_rmhd_kh12] [--network grid] [--epochs 12]
 *     [--only random:0.1,…] [--add] [--output FILE.json]
 *
 * Every sampling twice: with as many epochs of its own samples as training on all values has (the work falls with the
 * sample), and with as many steps (the work stays, samples are seen more often); beside them all values with fewer
 * steps. PSNR is that of all values,
 * whatever was trained on, from the network as it is stored. Writes bench/results/sampling.json, .md and
 * .svg (or --output).
 */
import "./relaxed-simd.mjs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { axisCoordinates, parseSampling, sampleField } from "@fieldzip/neural";
import { provenance, root, typedArguments } from "../machine.mjs";
import { earlierResult, writeResult } from "../result-files.mjs";
import { measureTraining, round } from "./measure.mjs";
import { samplingPicture, samplingReport } from "./sampling-report.mjs";
import { defaultRun, readVolume } from "./volume.mjs";

const { values: options } = parseArgs({
  options: {
    run: { type: "string", default: defaultRun },
    network: { type: "string", default: "grid" },
    epochs: { type: "string", default: "12" },
    only: { type: "string", default: "" },
    add: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "bench/results/sampling.json") },
  },
});
const volume = await readVolume(options.run);
const { lengths, variables } = volume;
/** Names of rows: a sampling as the command takes it, and of all values with a part of the steps, to compare with. */
const named = [
  ...["all", "random:0.5", "random:0.25", "random:0.1", "random:0.05", "random:0.02"],
  ...["stride:2", "stride:3", "stride:4"],
  ...["active:gradient:0.03:1", "active:gradient:0.06:2"],
  ...[`block:${halves("zyx")}`, `slice:z:${lengths.at(-3) >> 1}`],
  ...["all, 0.5 of the steps", "all, 0.25 of the steps", "all, 0.1 of the steps"],
].filter((text) => options.only === "" || options.only.split(/,(?! |\w=)/).includes(text));
const origin = provenance(
  `FIELDZIP_DATA=… node bench/neural/sampling.mjs ${typedArguments()}`.trim(),
);
const before = await earlierResult(options.output, origin, options.add, { rows: [] });
const batch = options.network === "grid" ? 2048 : 512;
const allSteps = Math.round((Number(options.epochs) * variables[0].length) / batch);
let rows = before.rows;
for (const name of named) {
  const [text, part] = name.split(/, | of /);
  const sampling = parseSampling(text, lengths, 1);
  const samples = sampleField(lengths.map(axisCoordinates), sampling, variables).places.length;
  const share = samples / variables[0].length;
  const fewer = Math.max(60, Math.round(allSteps * (part ? Number(part) : share)));
  for (const [work, steps] of [
    ["epochs", fewer],
    ["steps", allSteps],
  ]) {
    if (name === "all" ? work === "epochs" : part && work === "steps") continue;
    const { curve, meanPsnr, seconds } = await measureTraining(volume, {
      ...{ sampling, steps, batch, network: { kind: options.network } },
    });
    const { command, date, commit } = origin;
    const row = {
      ...{ run: volume.run, network: options.network, sampling: name, work, samples },
      ...{ share: Number(share.toPrecision(3)), steps, seconds: round(seconds) },
      ...{ psnr: meanPsnr, samplePsnr: curve.at(-1)?.psnr, command, date, commit },
    };
    process.stderr.write(`${JSON.stringify(row)}\n`);
    rows = [...rows.filter((known) => !same(known, row)), row];
    await save();
  }
}

async function save() {
  const result = { ...origin, lengths, rows };
  await writeResult(options.output, result, { report: samplingReport, picture: samplingPicture });
}

function same(a, b) {
  return ["run", "network", "sampling", "work"].every((key) => a[key] === b[key]);
}

/** The middle half of every axis: an eighth of a volume. */
function halves(names) {
  return [...names]
    .map((name, axis) => {
      const length = lengths[lengths.length - names.length + axis];
      return `${name}=${length >> 2}:${(length >> 2) + (length >> 1)}`;
    })
    .join(",");
}
