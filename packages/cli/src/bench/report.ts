import { formatBytes, formatCount, formatTable } from "../format.js";
import type { BenchReport } from "./bench.js";

/** What `fieldzip bench` prints. */
export function benchText(report: BenchReport): string {
  const { codecs, failed, missing, noPeers } = report;
  const lines = [sampleLine(report), ""];
  lines.push(
    formatTable(
      [
        { title: "codec" },
        { title: "ratio", align: "right" },
        { title: "bits/value", align: "right" },
        { title: "compress MB/s", align: "right" },
        { title: "decompress MB/s", align: "right" },
      ],
      codecs.map(({ name, ours, ratio, bitsPerValue, compress, decompress }) => [
        `${ours ? "* " : "  "}${name}`,
        ratio.toFixed(ratio < 100 ? 3 : 0),
        bitsPerValue.toFixed(2),
        speed(compress),
        speed(decompress),
      ]),
    ),
  );
  for (const [name, reason] of Object.entries(failed)) lines.push(`  ${name}  failed: ${reason}`);
  for (const [packages, names] of byPackages(missing)) {
    lines.push(`  ${names.join(", ")}  not installed (pip install ${packages})`);
  }
  if (noPeers) {
    lines.push(`  other compressors  not measured: ${noPeers} (--python PATH names one)`);
  }
  lines.push(
    "",
    "* ours. CPU time of one thread; each codec was given the same chunks in turns, and every decoded",
    "byte was compared with the original. Sizes are those of the encoded chunks, without metadata.",
  );
  return lines.join("\n");
}

/** What one call of pip would bring, a line each. */
function byPackages(missing: BenchReport["missing"]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, packages] of Object.entries(missing)) {
    groups.set(packages, [...(groups.get(packages) ?? []), name]);
  }
  return groups;
}

function sampleLine({ location, variables, chunks, bytes, ofBytes }: BenchReport): string {
  const what = `${location}: ${formatCount(variables.length, "variable")}`;
  return bytes < ofBytes
    ? `${what}, a sample of ${formatBytes(bytes)} of ${formatBytes(ofBytes)} in ${formatCount(chunks, "chunk")} (--limit takes more)`
    : `${what}, ${formatBytes(bytes)} in ${formatCount(chunks, "chunk")}`;
}

function speed(megabytes: number): string {
  return megabytes >= 99.95 ? megabytes.toFixed(0) : megabytes.toFixed(1);
}
