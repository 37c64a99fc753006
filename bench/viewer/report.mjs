/** Tables of first-picture.mjs. */
import { table } from "../lossless/report.mjs";
import { median } from "../machine.mjs";

export function report(result) {
  const { command, date, machine, node, browser, load, edge, variables, size, first, turning } =
    result;
  return `# The page that shows archives

Archives of ${variables} variables of ${edge}^3 values, made of waves. Chromium ${browser} draws in software (SwiftShader) on the
cores that decode, too. Load: processes that wanted a core when the run began, others' on this machine included; CPU seconds are those of
all processes of the browser, and tell less of what else runs.

- \`${command}\`
- ${date}, ${machine.cpu}, ${machine.cores} cores, load ${load.toFixed(1)}, ${machine.platform}, Node ${node}

## Seconds to the first picture

From the request for the page (what is dropped: from the drop) to the first frame with values in it, and to the whole field drawn as
finely as it gets. Window of ${size.width} x ${size.height}; medians, and the fastest in brackets.

${table(
  ["opened as", "archive", "picture", "first picture / s", "CPU s to it", "whole / s"],
  (first ?? []).map((row) => [
    row.how,
    row.archive,
    row.mode,
    spread(row.first),
    median(row.cpu).toFixed(2),
    spread(row.whole),
  ]),
)}
${turning ? turned(turning) : ""}`;
}

function turned({ size, seconds, rows }) {
  return `
## Turning

${seconds} seconds of dragging in a window of ${size.width} x ${size.height}. Pixels: share of those that the picture has, which the
page lowers until frames keep up, and takes up again at rest.

${table(
  [
    "drawn by",
    "picture",
    "frames/s",
    "CPU ms a frame",
    "pixels turning",
    "pixels at rest",
    "s to rest",
  ],
  rows.map((row) => [
    row.backend,
    row.mode,
    row.framesPerSecond.toFixed(1),
    row.cpuMilliseconds.toFixed(0),
    `${(100 * row.share).toFixed(1)} %`,
    `${(100 * row.shareAtRest).toFixed(0)} %`,
    row.secondsToRest.toFixed(1),
  ]),
)}
`;
}

function spread(times) {
  return `${median(times).toFixed(2)} (${Math.min(...times).toFixed(2)})`;
}
