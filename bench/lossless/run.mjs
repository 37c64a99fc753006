/**
 * Exact compression of one thread against the lossless compressors of others, on the same fields
 * in the same run, the codecs taking turns:
 *
 *   FIELDZIP_DATA=folder node bench/lossless/run.mjs [--filter text] [--repetitions 5] [--add]
 *
 * --add keeps the fields that the result file has and this run does not measure, where they are of the
 * same commit, codecs and machine: a long bench in several runs, each with its own --filter.
 *
 * Without FIELDZIP_DATA it runs on fixtures/. Needs `npm run build` and python3; makes its own
 * virtual environment. Writes bench/results/lossless.json and .md (or --output).
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { geometricMean, median, provenance, root } from "../machine.mjs";
import { fieldsOf } from "./fields.mjs";
import { measureFieldzip, warmUp } from "./fieldzip.mjs";
import { startPeers } from "./peers.mjs";
import { report } from "./report.mjs";

const { values: options } = parseArgs({
  options: {
    filter: { type: "string", default: "" },
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
const ours = "fieldzip exact";

const data = process.env.FIELDZIP_DATA ?? join(root, "fixtures");
const peers = await startPeers();
const folder = await mkdtemp(join(tmpdir(), "fieldzip-bench-"));
const filter = options.filter ? ` --filter "${options.filter}"` : "";
const origin = {
  ...provenance(
    `${process.env.FIELDZIP_DATA ? "FIELDZIP_DATA=… " : ""}node bench/lossless/run.mjs${filter} --repetitions ${repetitions}${options.add ? " --add" : ""}`,
  ),
  peers: peers.versions,
};
const codecNames = [ours, ...peers.codecs];
const before = options.add ? await earlierResult() : undefined;
const results = [];
await warmUp();
/** Copies of a field in other files and groups would count twice in the means. */
const seen = new Set(
  before?.fields.filter(({ name }) => !name.includes(options.filter)).map(({ sha256 }) => sha256),
);
try {
  for await (const field of fieldsOf(data, (name) => name.includes(options.filter))) {
    const hash = createHash("sha256").update(field.values).digest("hex");
    if (seen.has(hash)) continue;
    seen.add(hash);
    results.push({ ...(await measureField(field)), sha256: hash });
  }
} finally {
  peers.close();
  await rm(folder, { recursive: true });
}

const kept = before?.fields.filter(({ name }) => !name.includes(options.filter)) ?? [];
const fields = [...kept, ...results].sort((a, b) => (a.name < b.name ? -1 : 1));
const result = {
  ...origin,
  command: before ? `${before.command}; ${origin.command}` : origin.command,
  method:
    "CPU time of one thread; the fastest of the repetitions, in which the codecs take turns; decoded bytes compared with the original every time; 1 MB = 10^6 bytes",
  codecs: codecNames,
  summary: summarise(fields),
  fields,
};
await writeFile(options.output, `${JSON.stringify(result, undefined, 1)}\n`);
await writeFile(options.output.replace(/\.json$/, ".md"), report(result));

/** The result that this run adds to. */
async function earlierResult() {
  const earlier = JSON.parse(await readFile(options.output, "utf8"));
  for (const [what, found, wanted] of [
    ["commit", earlier.commit, origin.commit],
    ["machine", earlier.machine, origin.machine],
    ["codecs", earlier.codecs, codecNames],
    ["versions", earlier.peers, origin.peers],
  ]) {
    if (JSON.stringify(found) === JSON.stringify(wanted)) continue;
    peers.close();
    throw new Error(`${options.output}: another ${what}; measure all of it again, without --add`);
  }
  return earlier;
}

/** Every codec on one field, in turns. */
async function measureField(field) {
  const { name, dataType, shape, values, whole } = field;
  const path = join(folder, `field-${results.length}.raw`);
  await writeFile(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const request = { path, dtype: dataType, shape, least: leastSeconds };
  const turns = new Map(codecNames.map((codec) => [codec, []]));
  const broken = {};
  for (let turn = 0; turn < repetitions; turn++) {
    for (const [codec, done] of turns) {
      if (broken[codec] || turn >= turnsFor(done)) continue;
      const measured =
        codec === ours
          ? await measureFieldzip(field, leastSeconds)
          : await peers.ask({ ...request, codec });
      if (measured.error) broken[codec] = measured.error;
      else done.push(measured);
    }
  }
  await rm(path);
  const bytes = values.byteLength;
  const codecs = {};
  for (const [codec, done] of turns) {
    codecs[codec] = broken[codec]
      ? { error: broken[codec] }
      : figuresOf(bytes, done, turns.get("fpzip"));
  }
  process.stderr.write(
    `${name}: ${Object.entries(codecs)
      .map(([codec, { ratio, error }]) => `${codec} ${error ?? ratio}`)
      .join(", ")}\n`,
  );
  return { name, dataType, shape, bytes, whole, codecs };
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

/** Means over single fields; whole files repeat the values of their variables and stay apart. */
function summarise(fields) {
  const single = fields.filter(({ whole }) => !whole);
  const hard = single.filter(({ codecs }) =>
    Object.values(codecs).every(({ ratio }) => !(ratio > 10)),
  );
  return {
    all: means(single),
    /** Where no codec exceeds 10: without masks, constants and the like, which drown the rest. */
    atMost10: means(hard),
    bestPeerPerField: {
      all: bestPeer(single),
      atMost10: bestPeer(hard),
    },
  };
}

function means(fields) {
  const codecs = {};
  for (const codec of codecNames) {
    const done = fields.map((field) => field.codecs[codec]).filter(({ error }) => !error);
    if (done.length === 0) continue;
    const mean = (key) => round(geometricMean(done.map((figures) => figures[key])));
    codecs[codec] = {
      fields: done.length,
      ratio: mean("ratio"),
      compress: mean("compress"),
      decompress: mean("decompress"),
    };
  }
  return { fields: fields.length, codecs };
}

function bestPeer(fields) {
  if (fields.length === 0) return undefined;
  return round(
    geometricMean(
      fields.map((field) =>
        Math.max(...peers.codecs.map((codec) => field.codecs[codec].ratio ?? 0)),
      ),
    ),
  );
}

function round(value) {
  return Number(value.toPrecision(4));
}
