/** The result as a table for people. */

export function report(result) {
  const { machine, peers } = result;
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return `# Exact compression against other lossless compressors

${result.method}.

- command: \`${result.command}\`
- ${result.date}, commit ${result.commit}${result.uncommittedChanges ? " with uncommitted changes" : ""}
- ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${result.node}
- ${versions.join(", ")}

${meansOf(result)}${wholeTables(result)}
## Ratio of every field

The best of a row is bold.

${fieldTable(result)}
`;
}

/** Means over single fields; nothing where only whole runs were measured. */
function meansOf(result) {
  if (result.fields.every((field) => field.whole)) return "";
  const { all, atMost10 } = result.summary.bestPeerPerField;
  return `## Geometric means

${meansTable(result)}

Best peer chosen per field: ${all} over all fields, ${atMost10} where no codec exceeds 10.

`;
}

/** Used by the README, too. */
export function meansTable({ codecs, summary: { all, atMost10 } }) {
  const rows = codecs
    .filter((codec) => all.codecs[codec])
    .map((codec) => {
      const { ratio, compress, decompress } = all.codecs[codec];
      const hard = atMost10.codecs[codec]?.ratio;
      return [codec, fixed(hard), fixed(ratio), `${speed(compress)} / ${speed(decompress)}`];
    });
  return table(
    [
      "codec",
      `ratio, ${atMost10.fields} fields where none exceeds 10`,
      `ratio, all ${all.fields} fields`,
      "MB/s compress / decompress",
    ],
    rows,
  );
}

/** All variables of a file at once, one table a file. */
function wholeTables(result) {
  return result.fields
    .filter(({ whole }) => whole)
    .map(
      (field) =>
        `## ${field.name}: ${field.shape.join(" x ")}, ${field.dataType}\n\n${wholeTable(result, field)}\n`,
    )
    .join("\n");
}

export function wholeTable({ codecs }, field) {
  const rows = codecs
    .filter((codec) => !field.codecs[codec].error)
    .map((codec) => {
      const { ratio, compress, decompress, compressToFpzip, decompressToFpzip } =
        field.codecs[codec];
      return [
        codec,
        fixed(ratio),
        `${speed(compress)} / ${speed(decompress)}`,
        `${compressToFpzip?.toFixed(2) ?? ""} / ${decompressToFpzip?.toFixed(2) ?? ""}`,
      ];
    });
  return table(["codec", "ratio", "MB/s compress / decompress", "times fpzip's speed"], rows);
}

function fieldTable({ codecs, fields }) {
  const rows = fields.map(({ name, shape, dataType, codecs: figures }) => {
    const ratios = codecs.map((codec) => figures[codec].ratio);
    const best = Math.max(...ratios.filter((ratio) => ratio !== undefined));
    const cells = ratios.map((ratio) => (ratio === best ? `**${fixed(ratio)}**` : fixed(ratio)));
    return [name, `${shape.join("x")} ${dataType === "float64" ? "f64" : "f32"}`, ...cells];
  });
  return table(["field", "shape", ...codecs], rows);
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function fixed(ratio) {
  if (ratio === undefined) return "–";
  return ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(3);
}

function speed(value) {
  return value.toFixed(value < 10 ? 1 : 0);
}
