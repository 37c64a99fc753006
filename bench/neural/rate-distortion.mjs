/**
 * Ratio against PSNR and SSIM, ours beside lossy compressors of others:
 *
 *   FIELDZIP_DATA=folder node bench/neural/rate-distortion.mjs [--runs mhd/pluto_rmhd_kh12,…] [--only SPERR,…]
 *     [--ratios 30,45,…] [--epochs N] [--add] [--output FILE.json]
 *
 * Every variable of a PLUTO run is coded with the same error relative to its range (of values off by the
 * most where the codec keeps a bound, of the root mean square where it aims at one), and this one number is searched for
 * so that all variables together have the ratio. Of ours every point is a network that was trained for that ratio
 * (--epochs: how often it sees every value), and every byte of its archive counts.
 * --only names the codecs that are measured (`ours` and `peers` stand for all of either); with --add what is not measured
 * stays as the result file has it. Needs `npm run build` and python3; makes its own virtual
 * environment. Writes bench/results/rate-distortion.json, .md and .svg (or --output).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { provenance, root, typedArguments } from "../machine.mjs";
import { lossyExecutables, startExecutables } from "../peers/executables.mjs";
import { startPython } from "../peers/python.mjs";
import { earlierResult, writeResult } from "../result-files.mjs";
import { codeParts, fidelityOf, rangesOf, readDecoded, writeParts } from "./lossy-case.mjs";
import { compressWithNetwork, ours } from "./ours.mjs";
import { rateDistortionPicture } from "./rate-distortion-picture.mjs";
import { rateDistortionReport } from "./rate-distortion-report.mjs";
import { searchRatio } from "./search-ratio.mjs";
import { readVolume } from "./volume.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "mhd/pluto_rmhd_kh12,mhd/rrmhd_turb,mhd/rrmhd_turb_series48" },
    only: { type: "string", default: "" },
    epochs: { type: "string" },
    ratios: { type: "string", default: "30,45,62,93,115,150,200,300,400,500" },
    add: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "bench/results/rate-distortion.json") },
  },
});
const ratios = options.ratios.split(",").map(Number);
/** Where it is decided whether a codec gets steps together or apart. */
const middleRatio = 93;
/** A codec that comes no nearer to a ratio than by this factor does not have it. */
const farOff = 1.25;

const python = startPython({
  requirements: "requirements-lossy.txt",
  environment: ".venv-lossy",
  script: join(root, "bench/peers/lossy.py"),
});
const listed = await python.ask({ list: true });
const executables = await startExecutables(lossyExecutables);
/** The library takes three axes at most. */
const threeAxes = new Set(["SPERR"]);
const peers = [...new Set([...listed.codecs, ...executables.codecs])];
const codecs = chosenCodecs();
const origin = provenance(commandLine());
const before = await earlierResult(options.output, origin, options.add, { cases: [] });
const cases = [...before.cases];
try {
  for (const run of options.runs.split(",")) await measureRun(run);
} finally {
  python.close();
}

async function measureRun(run) {
  const folder = await mkdtemp(join(tmpdir(), "fieldzip-lossy-"));
  try {
    const volume = await readVolume(run);
    const { names, lengths, variables } = volume;
    let one = cases.find((known) => known.run === run);
    if (!one) {
      const bytes = variables.length * variables[0].byteLength;
      one = { run, lengths, names, bytes, codecs: {} };
      cases.push(one);
    }
    const parts = await writeParts(volume, folder);
    for (const codec of codecs) {
      const { command, date, commit } = origin;
      const measured = peers.includes(codec)
        ? await measurePeer(codec, volume, parts, one.bytes)
        : await measureOurs(codec, volume, one.bytes, folder);
      const kept = (one.codecs[codec]?.points ?? []).filter(
        ({ target }) => !ratios.includes(target),
      );
      const points = [...kept, ...measured.points].sort((a, b) => a.target - b.target);
      one.codecs[codec] = { command, date, commit, ...measured, points };
      await save();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measurePeer(codec, volume, parts, originalBytes) {
  const ranges = rangesOf(volume);
  const { ask } = executables.codecs.includes(codec) ? executables : python;
  const points = async (way, wanted) => {
    let latest;
    const measure = async (error) => {
      const request = (part) => ask({ ...part, codec });
      latest = error;
      try {
        const value = await codeParts(parts[way], ranges, error, request);
        return { ratio: originalBytes / value.bytes, value };
      } catch ({ message }) {
        // A smaller error is what a codec fails at: the search goes on with larger ones.
        return { ratio: 1, failure: message };
      }
    };
    const tried = [];
    const found = [];
    for (const target of wanted) {
      const { error, ratio, failure } = await searchRatio(target, measure, tried);
      if (Math.abs(Math.log(ratio / target)) > Math.log(farOff)) {
        const failures = tried.flatMap((known) => known.failure ?? []);
        found.push({ target, error: failure ?? failures[0] ?? `nearest ratio ${digits(ratio)}` });
        continue;
      }
      // What lies in the folder is the last try, and the nearest may be an earlier one.
      const again = latest === error ? undefined : await measure(error);
      const { value } = again ?? tried.find((known) => known.error === error);
      const fidelity = fidelityOf(volume, ranges, await readDecoded(parts[way], volume));
      found.push({
        ...pointOf(target, value, originalBytes, fidelity),
        setting: digits(error),
      });
      tell(volume.run, `${codec}, ${way}`, found.at(-1));
    }
    return found;
  };
  const ways = Object.keys(parts).filter((way) => way === "steps" || !tooManyAxes(codec, volume));
  let best = ways[0];
  if (ways.length > 1) {
    const psnrs = [];
    for (const way of ways) psnrs.push((await points(way, [middleRatio]))[0].meanPsnr ?? 0);
    best = ways[psnrs.indexOf(Math.max(...psnrs))];
  }
  return { way: best, points: await points(best, ratios) };
}

async function measureOurs(codec, volume, originalBytes, folder) {
  const ranges = rangesOf(volume);
  const epochs = options.epochs && Number(options.epochs);
  const points = [];
  for (const target of ratios) {
    const { decoded, ...sums } = await compressWithNetwork(codec, volume, target, {
      epochs,
      folder,
    });
    points.push(pointOf(target, sums, originalBytes, fidelityOf(volume, ranges, decoded)));
    tell(volume.run, codec, points.at(-1));
  }
  return { way: "whole", epochs, points };
}

function pointOf(target, { bytes, encode, decode }, originalBytes, fidelity) {
  const ratio = digits(originalBytes / bytes);
  return { target, ratio, bytes, encode: digits(encode), decode: digits(decode), ...fidelity };
}

function tell(run, codec, { ratio, meanPsnr, meanSsim, encode }) {
  process.stderr.write(
    `${run} ${codec}: ratio ${ratio}, ${meanPsnr} dB, SSIM ${meanSsim}, ${encode} s\n`,
  );
}

function tooManyAxes(codec, { lengths }) {
  return lengths.length > 3 && threeAxes.has(codec);
}

async function save() {
  const result = {
    ...origin,
    peers: { ...before.peers, ...listed.versions, ...executables.versions },
    method:
      "every variable with the same error relative to its range, all variables at one ratio of bytes; PSNR and SSIM: means over the variables; CPU seconds of one thread",
    cases,
  };
  await writeResult(options.output, result, {
    report: rateDistortionReport,
    picture: rateDistortionPicture,
  });
}

function chosenCodecs() {
  const all = [...Object.keys(ours), ...peers];
  const groups = { "": all, ours: Object.keys(ours), peers };
  const named = groups[options.only] ?? options.only.split(/,(?! )/);
  const unknown = named.find((name) => !all.includes(name));
  if (unknown === undefined) return named;
  python.close();
  throw new Error(`--only: no ${unknown}; there are ${all.join(", ")}`);
}

/** As a reader would type it, the environment's values left out. */
function commandLine() {
  const set = ["FIELDZIP_DATA", ...Object.values(lossyExecutables.variables)].filter(
    (name) => process.env[name],
  );
  return [
    ...set.map((name) => `${name}=…`),
    "node bench/neural/rate-distortion.mjs",
    typedArguments(),
  ]
    .join(" ")
    .trim();
}

function digits(value) {
  return Number(value.toPrecision(4));
}
