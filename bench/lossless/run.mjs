/**
 * Exact compression of one thread against the lossless compressors of others, on the same fields
 * in the same run, the codecs taking turns:
 *
 *   FIELDZIP_DATA=folder node bench/lossless/run.mjs [--filter text] [--codecs names] [--repetitions 5] [--add]
 *
 * --codecs measures only these, such as "fieldzip max,pco 8"; `ours` and `peers` stand for all of them.
 * --add keeps what the result file has and this run does not measure, field by field and codec by codec:
 * a long bench in several runs, or ours again without the peers (see merge.mjs for what must agree). With
 * --codecs it measures only fields that the result has.
 *
 * Without FIELDZIP_DATA it runs on fixtures/. Needs `npm run build` and python3; makes its own
 * virtual environment. Writes bench/results/lossless.json and .md (or --output).
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median, provenance, root } from "../machine.mjs";
import { losslessExecutables, startExecutables } from "../peers/executables.mjs";
import { fieldsOf } from "./fields.mjs";
import { measureFieldzip, warmUp } from "./fieldzip.mjs";
import { merged } from "./merge.mjs";
import { startPeers } from "./peers.mjs";
import { report } from "./report.mjs";
import { isOurs, ours, requests } from "./summary.mjs";

const everything = "ours,peers";
const { values: options } = parseArgs({
  options: {
    filter: { type: "string", default: "" },
    codecs: { type: "string", default: everything },
    repetitions: { type: "string", default: "5" },
    add: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "bench/results/lossless.json") },
  },
});
const repetitions = Number(options.repetitions);
/** A call is repeated until this much CPU time is spent, so that small fields are timed, too. */
const leastSeconds = 0.02;
/** What takes longer than the first is measured twice only, longer than the second once. */
const [slowSeconds, slowestSeconds] = [1.5, 3];
/** Its speed in the same turn is what others are related to, so it runs whatever --codecs says. */
const yardstick = "fpzip";

const data = process.env.FIELDZIP_DATA ?? join(root, "fixtures");
const python = await startPeers();
const executables = await startExecutables(losslessExecutables);
const peers = [...python.codecs, ...executables.codecs];
const codecNames = chosenCodecs();
const folder = await mkdtemp(join(tmpdir(), "fieldzip-bench-"));
const before = options.add ? JSON.parse(await readFile(options.output, "utf8")) : undefined;
const origin = {
  ...provenance(commandLine()),
  peers: { ...python.versions, ...executables.versions },
  method:
    "CPU time of one thread; the fastest of the repetitions, in which the codecs take turns; decoded bytes compared with the original every time; 1 MB = 10^6 bytes",
  codecs: codecNames,
};
const results = [];
/** Copies of a field in other files and groups would count twice in the means. */
const seen = new Set(
  before?.fields.filter(({ name }) => !name.includes(options.filter)).map(({ sha256 }) => sha256),
);
try {
  withEarlier([]); // What cannot be added to is refused before hours of measuring.
  await warmUp(ours.filter((name) => codecNames.includes(name)).map((name) => requests[name]));
  for await (const field of fieldsOf(data, wanted)) {
    const hash = createHash("sha256").update(field.values).digest("hex");
    if (seen.has(hash)) continue;
    seen.add(hash);
    results.push({ ...(await measureField(field)), sha256: hash });
  }
} finally {
  python.close();
  await rm(folder, { recursive: true });
}

const result = withEarlier(results);
await writeFile(options.output, `${JSON.stringify(result, undefined, 1)}\n`);
await writeFile(options.output.replace(/\.json$/, ".md"), report(result));

/** Codecs that are added to a result are measured on its fields: on others they would stand alone. */
function wanted(name) {
  const added = before && options.codecs !== everything;
  return (
    name.includes(options.filter) && (!added || before.fields.some((field) => field.name === name))
  );
}

function withEarlier(fields) {
  return merged(before, { ...origin, fields }, [...ours, ...peers]);
}

function chosenCodecs() {
  const all = [...ours, ...peers];
  const groups = { ours, peers };
  const named = options.codecs.split(",").flatMap((name) => groups[name.trim()] ?? [name.trim()]);
  const unknown = named.find((name) => !all.includes(name));
  if (unknown === undefined) return all.filter((name) => named.includes(name));
  python.close();
  throw new Error(`--codecs: no ${unknown}; there are ${all.join(", ")}`);
}

/** As a reader would type it, the environment's values left out. */
function commandLine() {
  const set = ["FIELDZIP_DATA", ...Object.values(losslessExecutables.variables)].filter(
    (name) => process.env[name],
  );
  return [
    ...set.map((name) => `${name}=…`),
    "node bench/lossless/run.mjs",
    ...(options.filter ? [`--filter "${options.filter}"`] : []),
    ...(options.codecs === everything ? [] : [`--codecs "${options.codecs}"`]),
    `--repetitions ${repetitions}`,
    ...(options.add ? ["--add"] : []),
  ].join(" ");
}

/** Every codec on one field, in turns. */
async function measureField(field) {
  const { name, dataType, shape, values, whole } = field;
  const path = join(folder, `field-${results.length}.raw`);
  await writeFile(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const request = { path, dtype: dataType, shape, least: leastSeconds };
  const withYardstick = codecNames.includes(yardstick) || !peers.includes(yardstick);
  const inTurns = withYardstick ? codecNames : [yardstick, ...codecNames];
  const turns = new Map(inTurns.map((codec) => [codec, []]));
  const broken = {};
  for (let turn = 0; turn < repetitions; turn++) {
    for (const [codec, done] of turns) {
      if (broken[codec] || turn >= turnsFor(done)) continue;
      const measured = await measure(codec, field, request);
      if (measured.error) broken[codec] = measured.error;
      else done.push(measured);
    }
  }
  await rm(path);
  const bytes = values.byteLength;
  const codecs = {};
  for (const codec of codecNames) {
    codecs[codec] = broken[codec]
      ? { error: broken[codec] }
      : figuresOf(bytes, turns.get(codec), turns.get(yardstick) ?? []);
  }
  process.stderr.write(
    `${name}: ${Object.entries(codecs)
      .map(([codec, { ratio, error }]) => `${codec} ${error ?? ratio}`)
      .join(", ")}\n`,
  );
  return { name, dataType, shape, bytes, whole, codecs };
}

function measure(codec, field, request) {
  if (isOurs(codec)) return measureFieldzip(field, requests[codec], leastSeconds);
  const { ask } = executables.codecs.includes(codec) ? executables : python;
  return ask({ ...request, codec });
}

function turnsFor(done) {
  const slowest = Math.max(0, ...done.map(({ compress, decompress }) => compress + decompress));
  return slowest > slowestSeconds ? 1 : slowest > slowSeconds ? 2 : repetitions;
}

/**
 * Speeds of the fastest turn, since others on the machine only ever slow a codec down, and how many times
 * as fast as fpzip in the same turn (the median of the quotients).
 */
function figuresOf(bytes, done, fpzip) {
  const speed = (stage) => round(bytes / 1e6 / Math.min(...done.map((turn) => turn[stage])));
  const relative = (stage) =>
    fpzip.length === 0
      ? undefined
      : round(
          median(done.map((turn, i) => fpzip[Math.min(i, fpzip.length - 1)][stage] / turn[stage])),
        );
  return {
    bytes: done[0].bytes,
    ratio: round(bytes / done[0].bytes),
    compress: speed("compress"),
    decompress: speed("decompress"),
    compressToFpzip: relative("compress"),
    decompressToFpzip: relative("decompress"),
  };
}

function round(value) {
  return Number(value.toPrecision(4));
}
