import type { BenchReport, BenchResult } from "../bench/bench.js";
import { formatBytes, formatCount } from "../format.js";
import { placeLabels } from "./labels.js";
import {
  colours,
  escapeXml,
  logarithmicTicks,
  round,
  svgDocument,
  svgLine,
  svgText,
  tickLabel,
} from "./svg.js";

const width = 1080;
const height = 560;
const panelWidth = 450;
const panelHeight = 390;
const top = 92;
const lefts = [70, 590];
const labelSize = 12.5;

/** Ratio against speed, compressing and decompressing: what lies on the front is beaten in nothing. */
export function paretoPlot(report: BenchReport): string {
  const { codecs } = report;
  const ratios = rangeOf(codecs.map(({ ratio }) => ratio));
  const title = `Lossless compressors on ${shortName(report.location)}`;
  const share =
    report.bytes < report.ofBytes
      ? `${formatBytes(report.bytes)} of ${formatBytes(report.ofBytes)}`
      : formatBytes(report.bytes);
  const names = report.variables.slice(0, 6).join(", ");
  const more = report.variables.length > 6 ? " …" : "";
  return svgDocument(width, height, title, [
    svgText(lefts[0], 34, title, { size: 20, weight: "bold" }),
    svgText(
      lefts[0],
      56,
      `${formatCount(report.variables.length, "variable")} (${names}${more}), ${share}, one thread; every decoded byte compared`,
      { size: 13, fill: colours.faint },
    ),
    ...panel(codecs, "compress", lefts[0], ratios),
    ...panel(codecs, "decompress", lefts[1], ratios),
    ...legend(),
  ]);
}

function panel(
  codecs: readonly BenchResult[],
  stage: "compress" | "decompress",
  left: number,
  ratios: readonly [number, number],
): string[] {
  const speeds = rangeOf(codecs.map((codec) => codec[stage]));
  const x = (speed: number) => left + share(speed, speeds) * panelWidth;
  const y = (ratio: number) => top + (1 - share(ratio, ratios)) * panelHeight;
  const bottom = top + panelHeight;
  const parts: string[] = [
    svgText(
      left + panelWidth / 2,
      top - 10,
      stage === "compress" ? "compressing" : "decompressing",
      {
        size: 14,
        weight: "bold",
        anchor: "middle",
      },
    ),
  ];
  for (const tick of logarithmicTicks(...speeds)) {
    parts.push(svgLine([x(tick), top, x(tick), bottom], colours.grid));
    parts.push(svgText(x(tick), bottom + 18, tickLabel(tick), { anchor: "middle" }));
  }
  for (const tick of logarithmicTicks(...ratios)) {
    parts.push(svgLine([left, y(tick), left + panelWidth, y(tick)], colours.grid));
    parts.push(svgText(left - 8, y(tick) + 4, tickLabel(tick), { anchor: "end" }));
  }
  parts.push(
    `<rect x="${left}" y="${top}" width="${panelWidth}" height="${panelHeight}" fill="none" stroke="${colours.frame}"/>`,
    svgText(left + panelWidth / 2, bottom + 40, "MB/s of original data, logarithmic", {
      size: 13,
      anchor: "middle",
    }),
    svgText(left - 46, top + panelHeight / 2, "ratio, logarithmic", {
      size: 13,
      anchor: "middle",
      turn: -90,
    }),
  );
  const front = frontOf(codecs, stage);
  if (front.length > 0) {
    // A step line from the slowest side to the axis: what lies right of it or above does not exist.
    let path = `M${left} ${round(y(front[0].ratio))}`;
    front.forEach((codec, k) => {
      path += `H${round(x(codec[stage]))}`;
      path += `V${round(k + 1 < front.length ? y(front[k + 1].ratio) : bottom)}`;
    });
    const area = `${path}H${left}Z`;
    parts.push(`<path d="${area}" fill="${colours.ours}" fill-opacity="0.045"/>`);
    parts.push(
      `<path class="front" d="${path}" fill="none" stroke="${colours.ours}" stroke-opacity="0.55" stroke-width="1.5" stroke-dasharray="5 4"/>`,
    );
  }
  // Ours first: they get the best places.
  const drawn = [...codecs].sort((a, b) => Number(b.ours) - Number(a.ours));
  const placed = placeLabels(
    drawn.map((codec) => ({ x: x(codec[stage]), y: y(codec.ratio), text: codec.name })),
    { left: left + 3, right: left + panelWidth - 3, top: top + 2, bottom: bottom - 2 },
    labelSize,
    drawn.filter(({ ours }) => ours).length,
  );
  drawn.forEach(({ ours, name, ratio, [stage]: speed }, k) => {
    const label = placed[k];
    const fill = ours ? colours.ours : colours.peer;
    if (label.far) {
      const from = [label.x, label.y, label.textX, label.textY - labelSize / 3] as const;
      parts.push(svgLine(from, colours.frame, 'stroke-width="0.8"'));
    }
    parts.push(
      `<circle cx="${round(label.x)}" cy="${round(label.y)}" r="${ours ? 7 : 5}" fill="${fill}" stroke="#ffffff" stroke-width="1.2"><title>${escapeXml(name)}: ratio ${ratio.toFixed(2)}, ${speed.toPrecision(3)} MB/s</title></circle>`,
    );
    parts.push(
      svgText(label.textX, label.textY, name, {
        size: labelSize,
        fill,
        halo: true,
        anchor: label.anchor,
        ...(ours ? { weight: "bold" } : {}),
      }),
    );
  });
  return parts;
}

/** Codecs that no other beats in both ratio and speed, from the highest ratio to the highest speed. */
export function frontOf(
  codecs: readonly BenchResult[],
  stage: "compress" | "decompress",
): BenchResult[] {
  const sorted = [...codecs].sort((a, b) => b.ratio - a.ratio || b[stage] - a[stage]);
  const front: BenchResult[] = [];
  let fastest = 0;
  for (const codec of sorted) {
    if (codec[stage] <= fastest) continue;
    fastest = codec[stage];
    front.push(codec);
  }
  return front;
}

function legend(): string[] {
  const y = height - 16;
  return [
    `<circle cx="${lefts[0] + 6}" cy="${y - 4}" r="7" fill="${colours.ours}"/>`,
    svgText(lefts[0] + 20, y, "fieldzip", { size: 13 }),
    `<circle cx="${lefts[0] + 96}" cy="${y - 4}" r="5" fill="${colours.peer}"/>`,
    svgText(lefts[0] + 108, y, "others", { size: 13 }),
    svgLine(
      [lefts[0] + 166, y - 4, lefts[0] + 196, y - 4],
      colours.ours,
      'stroke-width="1.5" stroke-opacity="0.55" stroke-dasharray="5 4"',
    ),
    svgText(lefts[0] + 204, y, "Pareto front: no codec is both smaller and faster", { size: 13 }),
  ];
}

/** Where a positive number stands in a range, 0 to 1, on a logarithmic scale. */
function share(value: number, [low, high]: readonly [number, number]): number {
  return Math.log(value / low) / Math.log(high / low);
}

/** From the least to the greatest of positive numbers, with room on both sides. */
function rangeOf(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [0.5, 2];
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const room = Math.max((high / low) ** 0.1, 1.04);
  return [low / room, high * room];
}

function shortName(location: string): string {
  const name =
    location
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .at(-1) ?? location;
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}
