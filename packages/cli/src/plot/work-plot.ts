import { basename } from "node:path";
import type { Exploration, ExploredRun } from "@fieldzip/neural";
import { linePanel } from "./line-panel.js";
import { colours, svgDocument, svgText } from "./svg.js";

const width = 760;
const height = 520;
const place = { left: 76, top: 110, width: 640, height: 330 };

/** PSNR over the seconds of a training: longer and longer ones as a line, other sizes and samples beside it. */
export function workPlot({ runs }: Exploration, input: string): string {
  const title = `Quality against work on ${basename(input)}`;
  const at = ({ seconds, psnr }: ExploredRun) => [seconds, psnr] as const;
  const compared = runs.find(({ about }) => about !== "length");
  const others = compared ? `; other sizes and samples for ${compared.steps} steps` : "";
  const state = `PSNR of all values after trainings of different length${others}`;
  const lengths = runs.filter(({ about }) => about === "length");
  return svgDocument(width, height, title, [
    svgText(place.left, 34, title, { size: 18, weight: "bold" }),
    svgText(place.left, 56, state, {
      ...{ size: 13, fill: colours.faint },
    }),
    ...linePanel({
      ...{ place, title: "" },
      x: { label: "seconds of training, logarithmic", logarithmic: true },
      y: { label: "PSNR, dB" },
      lines: [{ label: "all values", colour: colours.ours, points: lengths.map(at) }],
      marks: runs.map((run) => ({
        label: nameOf(run),
        colour: run.about === "length" ? colours.ours : colours.peer,
        at: at(run),
      })),
    }),
  ]);
}

function nameOf({ about, steps, parameters, sampling, ratio }: ExploredRun): string {
  if (about === "length") return `${steps} steps`;
  return about === "size" ? `${parameters} parameters, ${ratio.toFixed(0)}x` : sampling;
}
