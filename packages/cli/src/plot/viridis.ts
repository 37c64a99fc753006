import type { Colour } from "./png.js";

/** Every 16th colour of Matplotlib's map viridis (S. van der Walt, N. Smith; CC0). */
const anchors: readonly Colour[] = [
  [68, 1, 84],
  [72, 26, 108],
  [71, 47, 125],
  [65, 68, 135],
  [57, 86, 140],
  [49, 104, 142],
  [42, 120, 142],
  [35, 136, 142],
  [31, 152, 139],
  [34, 168, 132],
  [53, 183, 121],
  [84, 197, 104],
  [122, 209, 81],
  [165, 219, 54],
  [210, 226, 27],
  [253, 231, 37],
];

/** The colour at `share`, 0 (dark violet) to 1 (yellow). */
export function viridis(share: number): Colour {
  const place = Math.min(1, Math.max(0, share)) * (anchors.length - 1);
  const below = Math.min(anchors.length - 2, Math.floor(place));
  const part = (k: number) =>
    Math.round(anchors[below][k] + (place - below) * (anchors[below + 1][k] - anchors[below][k]));
  return [part(0), part(1), part(2)];
}

export function cssColour([red, green, blue]: Colour): string {
  return `rgb(${red},${green},${blue})`;
}
