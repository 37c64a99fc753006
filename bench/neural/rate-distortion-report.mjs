/** Tables of rate-distortion.mjs. */
import { table } from "../lossless/report.mjs";

/** In the order of tables and colours. */
export const order = [
  "fieldzip neural",
  "published network, 8 bits",
  "published network, float32",
  "SPERR",
  "HPEZ",
  "TTHRESH",
  "SZ3",
  "zfp",
];
/** The ratios of the tables by variable and of seconds. */
const closer = [93, 300];

export function rateDistortionReport(result) {
  const { machine, peers, date, node, method, cases } = result;
  const commands = new Set(
    cases.flatMap(({ codecs }) => Object.values(codecs).map(({ command }) => command)),
  );
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return `# Ratio against PSNR and SSIM

${method[0].toUpperCase()}${method.slice(1)}. A codec that knows steps only has its ratio in parentheses.
${pointer}

${[...commands].map((command) => `- \`${command}\``).join("\n")}
- ${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${node}
- ${versions.join(", ")}

![curves](rate-distortion.svg)

${cases.map(caseReport).join("\n")}`;
}

const pointer =
  "A network is there to be queried, rescaled and differentiated without being decoded; what it costs in bytes, or saves, stands below.";

/** At which ratios ours has more dB than every peer. Used by the README, too. */
export function leadOf(one) {
  const [ours, ...others] = codecsOf(one);
  const ahead = targetsOf(one).filter((target) => {
    const psnrOf = (codec) => pointAt(one.codecs[codec], target)?.meanPsnr ?? 0;
    return others.every((codec) => psnrOf(ours) > psnrOf(codec));
  });
  if (ours !== order[0]) return "";
  return ahead.length === 0
    ? `No ratio at which \`${ours}\` has the most dB.`
    : `\`${ours}\` has the most dB at ratios of ${ahead.join(", ")}.`;
}

function caseReport(one) {
  const codecs = codecsOf(one);
  const targets = targetsOf(one);
  const apart = codecs.filter(
    (codec) => one.lengths.length > 3 && one.codecs[codec].way === "steps",
  );
  const trained = codecs.filter((codec) => one.codecs[codec].epochs);
  return `## ${one.run}: ${one.names.length} variables of ${one.lengths.join(" x ")}, float32
${apart.length > 0 ? `\nSteps apart, where that was better or steps together cannot be had: ${apart.join(", ")}.\n` : ""}
${trained.map((codec) => `${codec}: every value was seen ${one.codecs[codec].epochs} times, fewer than by default.\n\n`).join("")}Mean PSNR in dB at a ratio of

${caseTable(one, targets)}

${leadOf(one)}

Mean SSIM at a ratio of

${table(
  ["", ...targets],
  codecs.map((codec) => [
    codec,
    ...targets.map((target) => pointAt(one.codecs[codec], target)?.meanSsim.toFixed(4) ?? "–"),
  ]),
)}

${closer
  .filter((target) => targets.includes(target))
  .map(
    (target) => `Ratio ${target}, by variable: PSNR in dB / SSIM; CPU seconds to encode / decode

${table(
  ["", ...one.names, "seconds"],
  codecs.flatMap((codec) => {
    const point = pointAt(one.codecs[codec], target);
    if (!point) return [];
    const cells = one.names.map(
      (name) => `${point.psnr[name].toFixed(1)} / ${point.ssim[name].toFixed(3)}`,
    );
    return [[codec, ...cells, `${point.encode} / ${point.decode}`]];
  }),
)}
`,
  )
  .join("\n")}`;
}

/** All ratios that were aimed at. */
export function targetsOf({ codecs }) {
  const all = Object.values(codecs).flatMap(({ points }) => points.map(({ target }) => target));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** PSNR by codec and ratio. Used by the README, too. */
export function caseTable(one, targets) {
  return table(
    ["", ...targets],
    codecsOf(one).map((codec) => [
      codec,
      ...targets.map((target) => psnrCell(one.codecs[codec], target)),
    ]),
  );
}

function psnrCell(codec, target) {
  const point = pointAt(codec, target);
  if (!point) return "–";
  const off = Math.abs(point.ratio / target - 1) > 0.02;
  return `${point.meanPsnr.toFixed(1)}${off ? ` (${Math.round(point.ratio)})` : ""}`;
}

function pointAt({ points }, target) {
  return points.find((point) => point.target === target && !point.error);
}

export function codecsOf({ codecs }) {
  return Object.keys(codecs).sort((a, b) => order.indexOf(a) - order.indexOf(b));
}
