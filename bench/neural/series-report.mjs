/** Table and curves of series.mjs. */
import { curveColours, curvesPicture } from "../curves.mjs";
import { table } from "../lossless/report.mjs";

export function seriesReport({ machine, date, node, command, run, steps, step, curves, gains }) {
  return `# Several steps in one network

${run}: ${steps} steps in one network, beside step ${step} alone; every byte of the archives counts. The ratio of all steps at the PSNR of the
one is interpolated between two trainings.

- \`${command}\`
- ${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${node}

![curves](series.svg)

${table(
  ["PSNR, dB", "one step alone", `${steps} steps in one network`, "gain"],
  gains.map(({ psnr, one, all, gain }) => [psnr.toFixed(2), one, all ?? "–", gain ?? "–"]),
)}

All trainings:

${table(
  ["", "ratio", "PSNR, dB", "bytes", "CPU s"],
  [
    ...curves.one.map((point) => rowOf("one step", point)),
    ...curves.all.map((point) => rowOf(`${steps} steps`, point)),
  ],
)}
`;
}

function rowOf(name, { ratio, psnr, bytes, seconds }) {
  return [name, ratio, psnr.toFixed(2), bytes, seconds.toFixed(1)];
}

export function seriesPicture({ run, steps, curves }) {
  const curve = (name, points, k) => ({
    ...{ name, colour: curveColours[k], ours: k === 0 },
    points: points.map(({ ratio, psnr }) => [ratio, psnr]),
  });
  return curvesPicture({
    title: "Several steps in one network",
    subtitle: `${run}, 12 variables`,
    panels: [
      {
        ...{
          title: "Rate and distortion",
          xTitle: "ratio",
          yTitle: "mean PSNR, dB",
          logarithmic: true,
        },
        curves: [curve(`${steps} steps`, curves.all, 0), curve("one step", curves.one, 1)],
      },
    ],
  });
}
