/** Table and picture of ablations.mjs. */
import { raster } from "../../packages/cli/dist/plot/raster.js";
import { colours, svgDocument, svgText } from "../../packages/cli/dist/plot/svg.js";
import { curveColours, curvesPanel } from "../curves.mjs";
import { table } from "../lossless/report.mjs";

export function ablationsReport({ machine, date, node, run, variable, lengths, rows }) {
  const commands = [...new Set(rows.map(({ command }) => command))];
  const { width, hidden, activation } = rows[0].network;
  return `# No mapping, fixed and learned Fourier features

The published network (n ${width}, m ${hidden}, activation ${activation}, float32) on ${variable} of ${run}, ${lengths.join(" x ")}, with the same steps and learning rate.
${findings(rows)}

${commands.map((command) => `- \`${command}\``).join("\n")}
- ${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${node}

![slices and curves](ablations.svg)

${table(
  ["mapping", "parameters", "steps", "CPU s", "PSNR, dB", "SSIM"],
  rows.map(({ name, parameters, steps, seconds, psnr, ssim }) => [
    ...[name, parameters, steps, seconds.toFixed(1)],
    ...[psnr.toFixed(2), ssim.toFixed(4)],
  ]),
)}
`;
}

/** What was measured, in a sentence or two. */
function findings(rows) {
  const psnr = (name) => rows.find((row) => row.name === name)?.psnr;
  const gain = (better, worse) => {
    const dB = psnr(better) - psnr(worse);
    return Number.isNaN(dB) ? "?" : `${dB.toFixed(2)} dB`;
  };
  return `Without a mapping of the coordinates the network learns large waves alone: fixed features (k 128) are better by ${gain("fixed, k 128", "no mapping")}. Learned
features are better than fixed ones by ${gain("learned, k 128", "fixed, k 128")} with k 128, by ${gain("learned, k 32", "fixed, k 32")} with k 32, and by ${gain("learned, too fine", "fixed, too fine")} where the waves were drawn four times too fine
("too fine", k 128), which costs fixed ones ${gain("fixed, k 128", "fixed, too fine")}.`;
}

const [margin, gap, top] = [62, 12, 86];
/** A colour a pair: learned ones are drawn through, fixed ones dashed. */
const pairs = ["k 128", "k 32", "too fine"];
const panelSize = { width: 980, height: 330 };

/** The slices in a row, what they are off by below them, and the curves. */
export function ablationsPicture({ run, variable, slice, rows }) {
  const { height, width, low, high } = slice;
  const sliceWidth = 160;
  const sliceHeight = Math.round((sliceWidth * height) / width);
  const originalValues = valuesOf(slice.original);
  const columns = [{ name: "original", values: originalValues }].concat(
    rows.map((row) => ({ ...row, values: valuesOf(row.slice) })),
  );
  const parts = [
    svgText(margin, 32, `${variable} of ${run}: no mapping, fixed and learned Fourier features`, {
      size: 19,
      weight: "bold",
    }),
    svgText(
      margin,
      54,
      "middle slice as decoded; below it |decoded - original|, from 0 to a tenth of the slice's range; the same steps for all",
      { size: 13, fill: colours.faint },
    ),
  ];
  columns.forEach(({ name, values, psnr }, k) => {
    const left = margin + k * (sliceWidth + gap);
    const label = psnr === undefined ? name : `${name}: ${psnr.toFixed(1)} dB`;
    parts.push(svgText(left, top - 8, label, { size: 11.5, weight: "bold" }));
    parts.push(picture(values, [0, 255], left, top));
    if (psnr === undefined) return;
    const off = values.map((value, i) => Math.abs(value - originalValues[i]));
    parts.push(picture(off, [0, 25.5], left, top + sliceHeight + 12));
  });
  const curvesTop = top + 2 * sliceHeight + 12 + 58;
  const panel = curvesPanel(
    {
      title: "PSNR of the samples while training",
      xTitle: "steps",
      yTitle: "PSNR, dB",
      curves: rows.map(({ name, curve }) => ({
        name,
        colour: colourOf(name),
        ours: name === "learned, k 128",
        dashed: name.startsWith("fixed"),
        points: curve.map(({ step, psnr }) => [step, psnr]),
      })),
    },
    { left: margin, top: curvesTop, ...panelSize },
  );
  const note = `values from ${low.toPrecision(3)} to ${high.toPrecision(3)}`;
  parts.push(
    svgText(margin, top + sliceHeight + 20, note, { size: 12, fill: colours.faint }),
    ...panel,
  );
  const total = margin + columns.length * (sliceWidth + gap) + 20;
  return svgDocument(total, curvesTop + panelSize.height + 62, `${variable}: ablations`, parts);

  function picture(values, range, left, at) {
    const place = { left, top: at, width: sliceWidth, height: sliceHeight };
    return raster({ values, height, width }, range, place, [false, false]);
  }
}

function colourOf(name) {
  const pair = pairs.findIndex((text) => name.endsWith(text));
  return pair < 0 ? curveColours[4] : curveColours[pair];
}

function valuesOf(base64) {
  return Float32Array.from(Buffer.from(base64, "base64"));
}
