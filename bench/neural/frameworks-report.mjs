/** Tables and curves of frameworks.mjs. */
import { curveColours, curvesPicture } from "../curves.mjs";
import { table } from "../lossless/report.mjs";

const goals = [30, 35, 40];
const gridGoal = 46.8;

export function frameworksReport(result) {
  const { machine, date, node, method, run, lengths, bytes, rows } = result;
  const commands = [...new Set(rows.map(({ command }) => command))];
  const partRows = (part) => rows.filter((row) => row.part === part);
  return `# CPU seconds to a PSNR, beside PyTorch, JAX and jax-js

${run}, 12 variables of ${lengths.join(" x ")}. ${method}. Mean PSNR over the variables.

${commands.map((command) => `- \`${command}\``).join("\n")}
- ${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${node}
- ${[...new Set(rows.map(({ version }) => version))].join("; ")}

![curves](frameworks.svg)

${[networkPart(partRows("network")), gridsPart(partRows("grids"), bytes)].filter(Boolean).join("\n")}`;
}

function networkPart(rows) {
  if (rows.length === 0) return "";
  return `## The published network: k 128, n 192, m 3, float32

The learning rate of every run falls to nothing at its end, and all runs have about the same CPU seconds; a contestant that is
faster makes more steps in them. Between marks seconds are interpolated. "Its own grids" is our default network with float32 parameters.

${table(
  [
    "",
    "batch",
    "ksamples/s",
    ...goals.map((goal) => `s to ${goal} dB`),
    "PSNR at the end",
    "CPU s",
  ],
  rows.map((row) => [
    `${row.name}`,
    row.batch,
    row.ksamplesPerSecond,
    ...goals.map((goal) => secondsTo(row, goal)),
    row.psnr.toFixed(2),
    row.seconds.toFixed(1),
  ]),
)}
`;
}

function gridsPart(rows, bytes) {
  if (rows.length === 0) return "";
  return `## Feature grids with 8 bits

Ratio: bytes of the values to those of the parameters: under our own coder, and as order-0 entropy for PyTorch.

${table(
  ["", "batch", "ksamples/s", `s to ${gridGoal} dB`, "PSNR at the end", "CPU s", "ratio"],
  rows.map((row) => [
    row.name,
    row.batch,
    row.ksamplesPerSecond,
    secondsTo(row, gridGoal),
    row.psnr.toFixed(2),
    row.seconds.toFixed(1),
    (bytes / row.bytes).toFixed(1),
  ]),
)}
`;
}

function secondsTo({ curve }, goal) {
  const at = curve.findIndex(({ psnr }) => psnr >= goal);
  if (at < 0) return "–";
  if (at === 0) return `< ${curve[0].seconds.toFixed(1)}`;
  const [a, b] = [curve[at - 1], curve[at]];
  const share = (goal - a.psnr) / (b.psnr - a.psnr);
  return (a.seconds + share * (b.seconds - a.seconds)).toFixed(1);
}

const titles = { network: "The published network, float32", grids: "Feature grids, 8 bits" };

export function frameworksPicture({ rows, run }) {
  const isOurs = (name) => name.startsWith("fieldzip");
  const peers = [...new Set(rows.map(({ name }) => name))].filter((name) => !isOurs(name));
  const peerColours = curveColours.slice(1);
  const panels = Object.entries(titles).map(([part, title]) => ({
    title,
    xTitle: "CPU seconds of training",
    yTitle: "mean PSNR, dB",
    curves: rows
      .filter((row) => row.part === part)
      .map(({ name, curve }) => ({
        name,
        colour: isOurs(name)
          ? curveColours[0]
          : peerColours[peers.indexOf(name) % peerColours.length],
        ours: isOurs(name),
        dashed: /strict|half/.test(name),
        points: curve.map(({ seconds, psnr }) => [seconds, psnr]),
      })),
  }));
  return curvesPicture({
    title: "PSNR against CPU seconds, one thread",
    subtitle: `${run}, 12 variables`,
    panels: panels.filter(({ curves }) => curves.length > 0),
  });
}
