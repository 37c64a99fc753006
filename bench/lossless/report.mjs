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

_All together_: the bytes of all fields over the seconds of all fields.
${all === undefined ? "" : `Best peer chosen per field: ${all} over all fields, ${atMost10 ?? "–"} where no codec exceeds 10.\n`}
## Ours against the peers

${comparisonTable(result)}

`;
}

/** Used by the README, too. */
export function meansTable({ codecs, summary: { all, atMost10 } }) {
  const rows = codecs
    .filter((codec) => all.codecs[codec])
    .map((codec) => {
      const { fields, ratio, compress, decompress, ...figures } = all.codecs[codec];
      const hard = atMost10.codecs[codec];
      const partly = (mean, done, of) => `${fixed(mean)}${done === of ? "" : ` (${done} of them)`}`;
      return [
        codec,
        hard ? partly(hard.ratio, hard.fields, atMost10.fields) : fixed(undefined),
        partly(ratio, fields, all.fields),
        speeds(compress, decompress),
        speeds(figures.compressTogether, figures.decompressTogether),
      ];
    });
  return table(
    [
      "codec",
      `ratio, ${atMost10.fields} fields where none exceeds 10`,
      `ratio, all ${all.fields} fields`,
      "MB/s compress / decompress",
      "MB/s, all together",
    ],
    rows,
  );
}

/** Quotients of ratios, over all fields and over those where none exceeds 10. Used by the README, too. */
export function comparisonTable({ summary: { all, atMost10, comparisons } }) {
  const cells = (found, fields) =>
    found
      ? [
          fixed(found.mean),
          `${fixed(found.worst)} (${found.worstField})`,
          `${found.below} of ${fields}`,
        ]
      : ["–", "–", "–"];
  const rows = comparisons.all.map((found) => {
    // Among other fields another single peer may be best.
    const kind = (text) => text.split(",")[0];
    const hard = comparisons.atMost10.find(
      ({ codec, against }) => codec === found.codec && kind(against) === kind(found.against),
    );
    return [
      `${found.codec} / ${found.against}`,
      ...cells(found, all.fields),
      hard
        ? `${fixed(hard.mean)}${hard.against === found.against ? "" : ` (${hard.against.split(", ")[1]})`}`
        : "–",
      ...(hard ? cells(hard, atMost10.fields).slice(1) : ["–", "–"]),
    ];
  });
  if (rows.length === 0) return "Not all of ours were measured on all of the fields.";
  return table(
    [
      "quotient of ratios",
      `mean, all ${all.fields} fields`,
      "worst",
      "below 1",
      `mean, ${atMost10.fields} fields where none exceeds 10`,
      "worst",
      "below 1",
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
    .filter((codec) => field.codecs[codec]?.ratio)
    .map((codec) => {
      const { ratio, compress, decompress, compressToFpzip, decompressToFpzip } =
        field.codecs[codec];
      return [
        codec,
        fixed(ratio),
        speeds(compress, decompress),
        `${compressToFpzip?.toFixed(2) ?? ""} / ${decompressToFpzip?.toFixed(2) ?? ""}`,
      ];
    });
  return table(["codec", "ratio", "MB/s compress / decompress", "times fpzip's speed"], rows);
}

function fieldTable({ codecs, fields }) {
  const rows = fields.map(({ name, shape, dataType, codecs: figures }) => {
    const ratios = codecs.map((codec) => figures[codec]?.ratio);
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

function speeds(compress, decompress) {
  return `${speed(compress)} / ${speed(decompress)}`;
}

function speed(value) {
  return value.toFixed(value < 10 ? 1 : 0);
}
