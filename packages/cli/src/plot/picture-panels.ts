import type { PictureMeasures, RenderedPair } from "../compare/render.js";
import { decibel, similarityText } from "../compare/report.js";
import { formatNumber } from "../format.js";
import type { Names, Panel } from "./comparison-panels.js";
import type { PictureRow } from "./comparison-picture.js";
import { fieldMargins } from "./field-panel.js";
import { encodeColourPng } from "./png.js";
import { colourBar, type Place, raster } from "./raster.js";
import { colours, round, svgText } from "./svg.js";

/** As fields are, under which they stand. */
const longestSide = 220;
const longestName = 26;

/** The pictures of both side by side, and how far apart their colours are. */
export function picturePanels(pair: RenderedPair, names: Names, id: string): Panel[] {
  const { original, decoded, measures } = pair;
  const { width, height } = measures;
  const scale = longestSide / Math.max(width, height);
  const place: Place = {
    ...{ left: fieldMargins.left, top: fieldMargins.top },
    ...{ width: Math.round(width * scale), height: Math.round(height * scale) },
  };
  const apart = Float64Array.from({ length: width * height }, (_, pixel) =>
    Math.max(
      ...[0, 1, 2].map((part) => Math.abs(original[4 * pixel + part] - decoded[4 * pixel + part])),
    ),
  );
  const most = apart.reduce((largest, value) => Math.max(largest, value), 0);
  const range = [0, Math.max(1, most)] as const;
  const panel = (title: string, parts: readonly string[]): Panel => ({
    width: place.left + place.width + fieldMargins.right,
    height: place.top + place.height + 20,
    parts: [svgText(place.left, place.top - 24, title, { size: 14, weight: "bold" }), ...parts],
  });
  const picture = (rgba: Uint8Array) => [image(rgba, width, height, place)];
  const bar = {
    left: place.left + place.width + 16,
    top: place.top,
    width: 16,
    height: place.height,
  };
  return [
    panel(`${short(names.original)}, drawn`, picture(original)),
    panel(`${short(names.decoded)}, drawn`, picture(decoded)),
    panel("|difference| of the pictures", [
      raster({ values: apart, height, width }, range, place, [true, false], "inferno"),
      ...colourBar(`picture-${id}`, range, bar, "of 255", "inferno"),
    ]),
  ];
}

/** The row of a variable's pictures; `id` is unique among all. */
export function renderedRow(pair: RenderedPair, names: Names, id: string): PictureRow {
  return {
    title: `${pair.name}, drawn`,
    about: pictureFacts(pair.measures),
    panels: picturePanels(pair, names, id),
  };
}

/** What was measured of two pictures, in a line. */
export function pictureFacts({
  at,
  mode,
  width,
  height,
  mse,
  psnr,
  ssim,
}: PictureMeasures): string {
  return [
    mode,
    ...Object.entries(at).map(([axis, place]) => `${axis} ${place}`),
    `${width} x ${height} pixels`,
    mse === 0 ? "equal pictures" : `MSE ${formatNumber(mse)}`,
    ...(mse === 0 ? [] : [`PSNR ${decibel(psnr)} dB`, `SSIM ${similarityText(ssim)}`]),
  ].join("  ·  ");
}

function image(rgba: Uint8Array, pixelsAcross: number, pixelsUp: number, place: Place): string {
  const png = Buffer.from(encodeColourPng(pixelsAcross, pixelsUp, rgba)).toString("base64");
  const { left, top, width, height } = place;
  const box = `x="${round(left)}" y="${round(top)}" width="${width}" height="${height}"`;
  return (
    `<image ${box} preserveAspectRatio="none" href="data:image/png;base64,${png}"/>` +
    `<rect ${box} fill="none" stroke="${colours.frame}"/>`
  );
}

function short(name: string): string {
  return name.length > longestName ? `…${name.slice(1 - longestName)}` : name;
}
