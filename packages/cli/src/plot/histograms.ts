import type { VariableStatistics } from "@fieldzip/neural";
import {
  colours,
  escapeXml,
  linearTicks,
  round,
  svgDocument,
  svgLine,
  svgText,
  tickLabel,
} from "./svg.js";

export interface HistogramPanel {
  readonly statistics: VariableStatistics;
  readonly units?: string;
}

const panelWidth = 300;
const panelHeight = 150;
const gapX = 50;
const gapY = 84;
const left = 40;
const top = 96;
const perRow = 3;

/** The histograms of variables side by side, each on its own scale. */
export function histogramPlot(title: string, panels: readonly HistogramPanel[]): string {
  const columns = Math.min(perRow, Math.max(1, panels.length));
  const rows = Math.ceil(panels.length / perRow);
  const width = 2 * left + columns * panelWidth + (columns - 1) * gapX;
  const height = top + rows * (panelHeight + gapY) - 20;
  return svgDocument(width, height, `Histograms of ${title}`, [
    svgText(left, 34, `Histograms of ${title}`, { size: 20, weight: "bold" }),
    svgText(left, 56, "values in equal parts of each variable's range; dashed: mean", {
      size: 13,
      fill: colours.faint,
    }),
    ...panels.flatMap((panel, k) =>
      drawPanel(
        panel,
        left + (k % perRow) * (panelWidth + gapX),
        top + Math.floor(k / perRow) * (panelHeight + gapY),
      ),
    ),
  ]);
}

function drawPanel({ statistics, units }: HistogramPanel, x0: number, y0: number): string[] {
  const { name, min, max, mean, standardDeviation, count, histogram = [] } = statistics;
  const bottom = y0 + panelHeight;
  const label = units ? `${name} [${units}]` : name;
  const parts = [svgText(x0, y0 - 8, label, { size: 14, weight: "bold" })];
  if (count === 0) {
    parts.push(
      svgText(x0 + panelWidth / 2, y0 + panelHeight / 2, "no values", { anchor: "middle" }),
    );
  } else {
    const x = (value: number) => x0 + (max > min ? (value - min) / (max - min) : 0.5) * panelWidth;
    const most = Math.max(1, ...histogram);
    // One path: thousands of parts stay one element.
    let path = `M${x0} ${bottom}`;
    histogram.forEach((part, k) => {
      path += `V${round(bottom - (part / most) * panelHeight)}`;
      path += `H${round(x0 + ((k + 1) / histogram.length) * panelWidth)}`;
    });
    parts.push(
      `<path d="${path}V${bottom}Z" fill="${colours.bars}" fill-opacity="0.8"><title>${escapeXml(name)}: ${count} values, most in a part: ${most}</title></path>`,
      svgLine([x(mean), y0, x(mean), bottom], colours.ours, 'stroke-dasharray="4 3"'),
    );
    for (const tick of max > min ? linearTicks(min, max, 4) : [min]) {
      parts.push(svgLine([x(tick), bottom, x(tick), bottom + 4], colours.frame));
      parts.push(svgText(x(tick), bottom + 18, tickLabel(tick), { anchor: "middle" }));
    }
    const facts = `mean ${tickLabel(mean)}, deviation ${tickLabel(standardDeviation)}`;
    parts.push(svgText(x0, bottom + 38, facts, { size: 12, fill: colours.faint }));
  }
  parts.push(
    `<rect x="${x0}" y="${y0}" width="${panelWidth}" height="${panelHeight}" fill="none" stroke="${colours.frame}"/>`,
  );
  return parts;
}
