/** The result as tables for people. */
import { table } from "../lossless/report.mjs";

/** `CHUNK_VALUES` of packages/core/src/plan.ts. */
const defaultChunkValues = 2 ** 20;

export function report(result) {
  const { threads, chunks, efforts, parts = {}, machine } = result;
  const later = Object.entries(parts).map(
    ([part, { command, date, commit }]) => `\n- ${part}: \`${command}\`, ${date}, commit ${commit}`,
  );
  return `# Threads and chunk sizes

${result.method}.

- command: \`${result.command}\`
- ${result.date}, commit ${result.commit}${result.uncommittedChanges ? " with uncommitted changes" : ""}
- ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${result.node}${later.join("")}

## Worker threads

A generated field of ${threads.shape.join(" x ")} float32 (${(threads.bytes / 1e6).toFixed(0)} MB), chunks of the default size. 0 threads: inline, on the main thread.

${threadTable(threads)}

## Chunk sizes

One thread, inline. _Box_ is the time to read 32 values along every axis of the largest variable from an archive that was opened anew.
The default is bold.

${summaryTable(chunks)}

${chunks.map(chunkSection).join("\n\n")}
${efforts ? `\n${effortSection(efforts)}\n` : ""}`;
}

function threadTable({ runs }) {
  const alone = runs.find(({ threads }) => threads === 0) ?? runs[0];
  const rows = runs.map(({ threads, ratio, compress, decompress }) => [
    threads,
    ratio.toFixed(3),
    compress.toFixed(0),
    decompress.toFixed(0),
    (compress / alone.compress).toFixed(2),
    (decompress / alone.decompress).toFixed(2),
  ]);
  return table(
    [
      "threads",
      "ratio",
      "MB/s compress",
      "MB/s decompress",
      "speed-up compress",
      "speed-up decompress",
    ],
    rows,
  );
}

/** Means over the files, relative to the default size. */
function summaryTable(chunks) {
  const sizes = chunks[0].runs.map(({ chunkValues }) => chunkValues);
  const rows = sizes.map((size, k) => {
    const relative = (key) =>
      Math.exp(
        chunks.reduce((sum, { runs }) => {
          const standard = runs.find(({ chunkValues }) => chunkValues === defaultChunkValues);
          return sum + Math.log(runs[k][key] / standard[key]);
        }, 0) / chunks.length,
      ).toFixed(3);
    return marked(size, [
      relative("ratio"),
      relative("compress"),
      relative("decompress"),
      relative("boxMilliseconds"),
    ]);
  });
  return `Geometric means over the ${chunks.length} below, as multiples of the default's:\n\n${table(
    ["values in a chunk", "ratio", "speed compress", "speed decompress", "time for a box"],
    rows,
  )}`;
}

function chunkSection({ name, variables, largest, bytes, runs }) {
  const rows = runs.map(({ chunkValues, ratio, compress, decompress, boxMilliseconds }) =>
    marked(chunkValues, [
      ratio.toFixed(4),
      compress.toFixed(0),
      decompress.toFixed(0),
      boxMilliseconds.toFixed(2),
    ]),
  );
  return `### ${name}: ${variables} variables, the largest ${largest.join(" x ")}, ${(bytes / 1e6).toFixed(1)} MB

${table(["values in a chunk", "ratio", "MB/s compress", "MB/s decompress", "box, ms"], rows)}`;
}

/** A row a size of chunks, a column a field and effort. */
function effortSection(efforts) {
  const sections = efforts.map(({ name, shape, runs }) => {
    const names = [...new Set(runs.map(({ effort }) => effort))];
    const sizes = [...new Set(runs.map(({ chunkValues }) => chunkValues))];
    const cells = (size, key, digits) =>
      names.map((name) =>
        runs
          .find(({ effort, chunkValues }) => effort === name && chunkValues === size)
          [key].toFixed(digits),
      );
    const rows = sizes.map((size) =>
      marked(size, [...cells(size, "ratio", 4), cells(size, "compress", 0).join(" / ")]),
    );
    const head = [
      "values in a chunk",
      ...names.map((name) => `ratio, ${name}`),
      `MB/s compress, ${names.join(" / ")}`,
    ];
    return `### ${name}: ${shape.join(" x ")}\n\n${table(head, rows)}`;
  });
  return `## Chunk sizes and efforts\n\nOne variable of each, once. Ratios count the whole archive.\n\n${sections.join("\n\n")}`;
}

function marked(size, cells) {
  const row = [`2^${Math.log2(size)}`, ...cells];
  return size === defaultChunkValues ? row.map((cell) => `**${cell}**`) : row;
}
