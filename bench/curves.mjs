/** Pictures of curves: panels side by side, every curve with its name at its end. */
import {
  colours,
  escapeXml,
  linearTicks,
  logarithmicTicks,
  round,
  svgDocument,
  svgLine,
  svgText,
  textWidth,
  tickLabel,
} from "../packages/cli/dist/plot/svg.js";

/** Distinct in brightness, too; the first is ours. */
export const curveColours = [
  colours.ours,
  "#1d4e89",
  "#2a9d8f",
  "#7b4fa3",
  "#6b7280",
  "#b08900",
  "#c2558a",
  "#4d7c0f",
];

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {string} colour
 * @property {[number, number][]} points
 * @property {boolean} [ours] thicker
 * @property {boolean} [dashed]
 *
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} xTitle
 * @property {string} yTitle
 * @property {boolean} [logarithmic] the horizontal axis
 * @property {Curve[]} curves
 */

const [plotWidth, plotHeight, leftMargin, topMargin, bottomMargin] = [300, 320, 62, 96, 62];
const plot = { top: topMargin, width: plotWidth, height: plotHeight };
const labelSize = 12;

/**
 * @param {{ title: string, subtitle: string, panels: Panel[] }} picture
 * @returns {string} SVG
 */
export function curvesPicture({ title, subtitle, panels }) {
  const rights = panels.map(
    ({ curves }) => 26 + 1.2 * Math.max(0, ...curves.map(({ name }) => textWidth(name, labelSize))),
  );
  let left = 0;
  const parts = [];
  panels.forEach((panel, k) => {
    left += leftMargin;
    parts.push(...curvesPanel(panel, { left, ...plot }));
    left += plotWidth + rights[k];
  });
  const width = Math.ceil(Math.max(left, textWidth(subtitle, 13) + leftMargin + 20));
  return svgDocument(width, topMargin + plotHeight + bottomMargin, title, [
    svgText(leftMargin, 32, title, { size: 19, weight: "bold" }),
    svgText(leftMargin, 53, subtitle, { size: 13, fill: colours.faint }),
    ...parts,
  ]);
}

/**
 * A panel alone, to be put into a document; titles, ticks and names lie around the place.
 * @param {Panel} panel
 * @param {{ left: number, top: number, width: number, height: number }} place of the plot
 */
export function curvesPanel(
  { title, xTitle, yTitle, logarithmic = false, curves },
  { left, top, width, height },
) {
  const all = curves.flatMap(({ points }) => points);
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const scale = logarithmic ? Math.log : (value) => value;
  const xOf = (x) =>
    left + 8 + ((scale(x) - scale(low)) / (scale(high) - scale(low) || 1)) * (width - 16);
  const room = (Math.max(...ys) - Math.min(...ys)) * 0.05 || 1;
  const [bottomY, topY] = [Math.min(...ys) - room, Math.max(...ys) + room];
  const yOf = (y) => top + (1 - (y - bottomY) / (topY - bottomY)) * height;
  const bottom = top + height;
  const parts = [svgText(left, top - 12, title, { size: 14, weight: "bold" })];
  const ticks = logarithmic ? logarithmicTicks(low, high) : linearTicks(low, high, 5);
  for (const tick of ticks) {
    parts.push(svgLine([xOf(tick), top, xOf(tick), bottom], colours.grid));
    parts.push(svgText(xOf(tick), bottom + 18, tickLabel(tick), { anchor: "middle" }));
  }
  for (const tick of linearTicks(bottomY, topY, 7)) {
    parts.push(svgLine([left, yOf(tick), left + width, yOf(tick)], colours.grid));
    parts.push(svgText(left - 7, yOf(tick) + 4, tickLabel(tick), { anchor: "end" }));
  }
  parts.push(
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="${colours.frame}"/>`,
    svgText(left + width / 2, bottom + 42, xTitle, { size: 13, anchor: "middle" }),
    svgText(left - 42, top + height / 2, yTitle, {
      ...{ size: 13, anchor: "middle", turn: -90 },
    }),
  );
  // Ours last: it lies on top.
  for (const curve of [...curves].sort((a, b) => Number(!!a.ours) - Number(!!b.ours))) {
    parts.push(...curveParts(curve, xOf, yOf));
  }
  const ends = curves.map(({ points }) => yOf(points.at(-1)[1]));
  const places = spread(ends, labelSize + 2.5, top + 4, bottom);
  curves.forEach(({ name, colour, points, ours }, k) => {
    const end = [xOf(points.at(-1)[0]), ends[k]];
    const at = left + width + 14;
    const from = Math.max(end[0] + 5, left);
    parts.push(
      svgLine([from, end[1], at - 3, places[k]], colour, 'stroke-width="0.8" stroke-opacity="0.6"'),
      svgText(at, places[k] + 4, name, {
        ...{ size: labelSize, fill: colour, halo: true },
        ...(ours ? { weight: "bold" } : {}),
      }),
    );
  });
  return parts;
}

function curveParts({ name, colour, points, ours, dashed }, xOf, yOf) {
  const path = points.map(([x, y]) => `${round(xOf(x))} ${round(yOf(y))}`).join("L");
  const dashes = dashed ? ' stroke-dasharray="6 4"' : "";
  return [
    `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="${ours ? 2.6 : 1.7}" stroke-linejoin="round"${dashes}/>`,
    ...points.map(
      ([x, y]) =>
        `<circle cx="${round(xOf(x))}" cy="${round(yOf(y))}" r="${ours ? 3.4 : 2.6}" fill="${colour}"><title>${escapeXml(name)}: ${tickLabel(x)}, ${tickLabel(y)}</title></circle>`,
    ),
  ];
}

/** Places near `wanted` that keep a distance, in the same order. */
function spread(wanted, distance, low, high) {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b]);
  const places = [...wanted];
  for (let turn = 0; turn < 200; turn++) {
    for (let i = 1; i < order.length; i++) {
      const [a, b] = [order[i - 1], order[i]];
      const missing = distance - (places[b] - places[a]);
      if (missing <= 0) continue;
      places[a] -= missing / 2;
      places[b] += missing / 2;
    }
    for (const k of order) places[k] = Math.min(high, Math.max(low, places[k]));
  }
  return places;
}
