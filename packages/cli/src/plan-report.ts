import type { Settings } from "@fieldzip/core";
import type { ArrayPlanReport, Exploration } from "@fieldzip/neural";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatQuantity,
  formatRatio,
  formatShape,
  formatTable,
  terminalWidth,
  wrapText,
} from "./format.js";

const longestLine = 100;

/** What `fieldzip plan` prints: a block for each array that would be trained. */
export function planText(
  plans: readonly ArrayPlanReport[],
  settings: Settings | undefined,
): string {
  const weights = String(settings?.weights ?? "8bit");
  return plans.map((plan) => blockOf(plan, weights)).join("\n\n");
}

function blockOf(plan: ArrayPlanReport, weights: string): string {
  const { variables, chunk, chunks, network, shape, formula, bytes, parameters } = plan;
  const { samples, batch, steps, secondsPerStep, seconds, ratio, originalBytes } = plan;
  const layers = [...shape.widths, shape.outputs].join(" x ");
  const epochs = (steps * batch) / samples;
  const coded = `8 bit ${formatBytes(bytes["8bit"])}, coded about ${formatBytes(bytes.coded)}`;
  const lines: [string, string][] = [
    ["chunks", `${formatCount(chunks, "chunk")} of ${formatShape(chunk)}, each with a network`],
    ["network", `${network.kind}, layers ${layers}, ${shape.activation}`],
    ["parameters", `${parameters}: ${formula}`],
    [
      "model",
      `float32 ${formatBytes(bytes.float32)}, float16 ${formatBytes(bytes.float16)}, ${coded}`,
    ],
    [
      "ratio",
      `about ${formatRatio(originalBytes, originalBytes / ratio)} with ${weights} weights, metadata not counted`,
    ],
    [
      "training",
      `${steps} steps of ${formatQuantity(batch)} samples: ${epochs.toPrecision(3)} epochs of ${formatQuantity(samples)}`,
    ],
    [
      "time",
      `about ${formatDuration(seconds)} here, ${(1000 * secondsPerStep).toPrecision(3)} ms a step`,
    ],
  ];
  const width = Math.min(terminalWidth(), longestLine) - 14;
  return [
    `${variables.join(", ")}: ${formatBytes(originalBytes)}`,
    ...lines.flatMap(([label, text]) =>
      wrapText(text, width).map((line, k) => `  ${(k === 0 ? label : "").padEnd(12)}${line}`),
    ),
  ].join("\n");
}

/** What `fieldzip plan --explore` adds: a line a training, and what follows. */
export function explorationText({ runs, recommended }: Exploration, input: string): string {
  const table = formatTable(
    [
      { title: "about" },
      { title: "parameters", align: "right" },
      { title: "sampling" },
      { title: "samples", align: "right" },
      { title: "steps", align: "right" },
      { title: "seconds", align: "right" },
      { title: "ratio", align: "right" },
      { title: "PSNR dB", align: "right" },
    ],
    runs.map((run) => [
      run.about,
      String(run.parameters),
      run.sampling,
      formatQuantity(run.samples),
      String(run.steps),
      run.seconds.toFixed(1),
      run.ratio.toFixed(1),
      run.psnr.toFixed(2),
    ]),
  );
  const flags = ["--predictor neural", ...recommended.flags].join(" ");
  return [
    table,
    "",
    ...recommended.reasons.map((reason) => `- ${reason}`),
    "",
    `recommended: fieldzip compress ${input} ARCHIVE ${flags}`,
  ].join("\n");
}
