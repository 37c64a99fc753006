import type { CompressOptions } from "@fieldzip/core";
import type { ArrayPlanReport, DatasetPlan, Exploration } from "@fieldzip/neural";
import type { OptionValues } from "./commands/command.js";
import {
  few,
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
const labelWidth = 12;

type Asked = Pick<CompressOptions, "guarantee" | "settings" | "seconds">;

/** What `fieldzip plan` prints: a block for each array that would be trained, and what they come to. */
export function planText({ arrays, exact }: DatasetPlan, asked: Asked): string {
  const blocks = arrays.map((plan) => blockOf(plan, asked));
  if (exact.length > 0) {
    const names = few(exact, 12).join(", ");
    blocks.push(
      lines([
        ["exact", `${names}: coordinates, integers, text, constants or small, stored as they are`],
      ]).join("\n"),
    );
  }
  if (arrays.length > 1) {
    const sum = (of: (plan: ArrayPlanReport) => number) =>
      arrays.reduce((total, plan) => total + of(plan), 0);
    const seconds = sum((plan) => plan.seconds.training + plan.seconds.beside);
    const bytes = sum(({ originalBytes }) => originalBytes);
    const models = sum(({ originalBytes, ratio }) => originalBytes / ratio);
    blocks.push(
      `${formatCount(arrays.length, "group")}, ${formatBytes(bytes)}: networks of ${formatBytes(models)}, about ${formatDuration(seconds)}`,
    );
  }
  return blocks.join("\n\n");
}

function blockOf(plan: ArrayPlanReport, asked: Asked): string {
  const { variables, chunk, chunks, network, shape, formula, bytes, parameters } = plan;
  const { samples, batch, steps, secondsPerStep, seconds, memoryBytes, originalBytes } = plan;
  const grids = shape.levels.map(({ nodes, features }) => `${formatShape(nodes)} of ${features}`);
  const layers = [...shape.widths, shape.outputs].join(" x ");
  const mapped = shape.mapping === "off" ? 0 : shape.frequencies;
  const frequencies = mapped > 0 ? [`${mapped} ${shape.mapping} frequencies`] : [];
  const coded = `8 bit ${formatBytes(bytes["8bit"])}, coded about ${formatBytes(bytes.coded)}`;
  return [
    `${variables.join(", ")}: ${formatBytes(originalBytes)}`,
    ...lines([
      ["chunks", `${formatCount(chunks, "chunk")} of ${formatShape(chunk)}, each with a network`],
      [
        "network",
        [
          network.kind,
          ...(grids.length > 0 ? [`grids ${grids.join(", ")}`] : []),
          ...[...frequencies, `layers ${layers}`, shape.activation],
        ].join("; "),
      ],
      ["parameters", `${parameters}, by the formula`],
      ...formula.split(" = ").map((part, k) => ["", `${k === 0 ? "  " : "= "}${part}`] as const),
      [
        "model",
        `float32 ${formatBytes(bytes.float32)}, float16 ${formatBytes(bytes.float16)}, ${coded}`,
      ],
      ["ratio", ratioText(plan, asked)],
      [
        "training",
        `${formatCount(steps, "step")} of ${formatQuantity(batch)} samples: ${epochsText(plan)} of ${formatQuantity(samples)}`,
      ],
      [
        "time",
        `about ${formatDuration(seconds.training)} for training (${milliseconds(secondsPerStep)} a step, measured here), ` +
          `${formatDuration(seconds.beside)} for coding and checking`,
      ],
      ["memory", `about ${formatBytes(memoryBytes)}`],
    ]),
  ].join("\n");
}

function lines(entries: readonly (readonly [label: string, text: string])[]): string[] {
  const width = Math.min(terminalWidth(), longestLine) - labelWidth - 2;
  return entries.flatMap(([label, text]) =>
    wrapText(text, width).map((line, k) => `  ${(k === 0 ? label : "").padEnd(labelWidth)}${line}`),
  );
}

function ratioText({ originalBytes, ratio }: ArrayPlanReport, { guarantee, settings }: Asked) {
  const about = formatRatio(originalBytes, originalBytes / ratio);
  const models = `${about} with ${String(settings?.weights ?? "8bit")} weights`;
  if (guarantee?.kind !== "best-effort") {
    return `${models} for the network alone; what it misses is coded besides (--explore measures that)`;
  }
  if (guarantee.goal.psnr !== undefined) {
    return `${models}; for ${guarantee.goal.psnr} dB trials will choose a smaller or larger network`;
  }
  return `about ${models}, metadata not counted`;
}

function epochsText({ steps, batch, samples }: ArrayPlanReport): string {
  const epochs = (steps * batch) / samples;
  return `${Number(epochs.toPrecision(3))} epochs`;
}

function milliseconds(seconds: number): string {
  return `${Number((1000 * seconds).toPrecision(3))} ms`;
}

/** What `fieldzip plan --explore` adds: a line a training, and what follows. */
export function explorationText({ runs, leftOut, recommended }: Exploration): string {
  const table = formatTable(
    [
      { title: "varied" },
      { title: "sampling" },
      { title: "parameters", align: "right" },
      { title: "samples", align: "right" },
      { title: "steps", align: "right" },
      { title: "epochs", align: "right" },
      { title: "seconds", align: "right" },
      { title: "ratio", align: "right" },
      { title: "PSNR dB", align: "right" },
    ],
    runs.map((run) => [
      run.about,
      run.sampling,
      String(run.parameters),
      formatQuantity(run.samples),
      String(run.steps),
      String(Number(run.epochs.toPrecision(2))),
      run.seconds.toFixed(1),
      formatRatio(run.ratio, 1),
      run.psnr.toFixed(2),
    ]),
  );
  const { psnr, ratio, seconds, extrapolated } = recommended.expected;
  const width = Math.min(terminalWidth(), longestLine) - 2;
  return [
    table,
    ...(leftOut > 0 ? [`no time was left for ${formatCount(leftOut, "training")} more`] : []),
    "",
    ...recommended.reasons.flatMap((reason) =>
      wrapText(reason, width).map((line, k) => `${k === 0 ? "-" : " "} ${line}`),
    ),
    "",
    `recommended, for about ${psnr.toFixed(1)} dB at ratio ${formatRatio(ratio, 1)} after ${formatDuration(seconds)} of training` +
      `${extrapolated ? " (beyond what was tried)" : ""}:`,
  ].join("\n");
}

/** Flags of the plan alone, and those that a recommendation says anew. */
const notForCompress = ["explore", "plot", "time", "json", "quiet", "force", "epochs"];

/** The command that would do what was recommended, with all that was asked for besides. */
export function compressLine(
  input: string,
  options: OptionValues,
  recommended: readonly string[],
): string {
  const given = Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (notForCompress.includes(name) || recommended.includes(flag)) return [];
    // `--no-warm-start` is true where it is not given.
    if (name === "warmStart") return value === false ? ["--no-warm-start"] : [];
    return value === true ? [flag] : typeof value === "string" ? [flag, value] : [];
  });
  const words = ["compress", input, "ARCHIVE", "--predictor", "neural", ...given, ...recommended];
  return `fieldzip ${words.map(quoted).join(" ")}`;
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:=,%+@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
