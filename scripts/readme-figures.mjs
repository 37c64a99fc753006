// Copies figures from bench/results/ into the README, between
//   <!-- figures:NAME --> and <!-- /figures:NAME -->
// `--check` changes nothing and fails where the README differs from the results.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { comparisonTable, meansTable, wholeTable } from "../bench/lossless/report.mjs";
import { caseTable, leadOf, targetsOf } from "../bench/neural/rate-distortion-report.mjs";
import { root, say } from "./run.mjs";

const path = join(root, "README.md");

/** Marker name -> the text that stands there. */
const figures = {
  /** Ratios and speeds of all codecs over all fields. */
  "lossless-means": () => {
    const result = resultOf("lossless");
    return `${meansTable(result)}\n\n${source(result, "lossless")}`;
  },
  /** Our efforts against the peers and each other, field by field. */
  "lossless-comparison": () => comparisonTable(resultOf("lossless")),
  /** The two MHD runs, all variables. */
  "lossless-mhd": () => {
    const result = resultOf("mhd");
    const whole = result.fields.filter((field) => field.whole && field.bytes > 3e7);
    const tables = whole.map((field) => `${titleOf(field)}\n\n${wholeTable(result, field)}`);
    return `${tables.join("\n\n")}\n\n${source(result, "mhd")}`;
  },
  /** Networks and lossy peers on the MHD runs. */
  "rate-distortion": () => {
    const result = resultOf("rate-distortion");
    const tables = result.cases.map(
      (one) =>
        `\`${one.run}\`, ${one.names.length} variables of ${one.lengths.join(" x ")}, mean PSNR in dB at a ratio of\n\n${caseTable(one, targetsOf(one))}\n\n${leadOf(one)}`,
    );
    const { command } = Object.values(result.cases[0].codecs)[0];
    return `${tables.join("\n\n")}\n\n${source({ ...result, command }, "rate-distortion")}`;
  },
  /** One sentence on the 3 GB run. */
  memory: () => {
    const result = resultOf("memory");
    const { originalBytes, compress, decompress, ratio } = result;
    const gigabytes = (originalBytes / 1e9).toFixed(1);
    return `A ${gigabytes} GB field (${result.shape.join(" x ")}, float32) was compressed at ratio ${ratio.toFixed(2)} in ${compress.wallSeconds} s with ${compress.peakMegabytes} MB of memory at most, and restored to the bit in ${decompress.wallSeconds} s with ${decompress.peakMegabytes} MB.\n\n${source(result, "memory")}`;
  },
};

function resultOf(name) {
  const file = join(root, `bench/results/${name}.json`);
  return JSON.parse(readFileSync(file, "utf8"));
}

function titleOf({ name, shape }) {
  return `\`${name.split(" ")[0]}\`, ${shape.join(" x ")} float32:`;
}

function source({ command, machine, node, date }, name) {
  const [first, ...others] = command.split("; ");
  const runs = others.length === 0 ? "" : ` and ${others.length} more such`;
  return `<sub>\`${first}\`${runs} on ${machine.cores} cores of ${machine.cpu}, Node ${node}, ${date}; [all figures](bench/results/${name}.json)</sub>`;
}

const text = readFileSync(path, "utf8");
const filled = text.replace(
  /(<!-- figures:([\w-]+) -->\n)[\s\S]*?(<!-- \/figures:\2 -->)/g,
  (_, opening, name, closing) => {
    if (!figures[name])
      throw new Error(
        `README.md: no figures named ${name}; there are ${Object.keys(figures).join(", ")}`,
      );
    return `${opening}\n${figures[name]()}\n\n${closing}`;
  },
);
if (filled === text) say("README figures are those of bench/results");
else if (process.argv.includes("--check")) {
  say("README.md: figures differ from bench/results; run node scripts/readme-figures.mjs");
  process.exitCode = 1;
} else {
  writeFileSync(path, filled);
  say("README figures copied from bench/results");
}
