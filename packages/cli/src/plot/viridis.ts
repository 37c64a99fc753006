import { colourAt } from "@fieldzip/core/render";
import type { Colour } from "./png.js";

/** The colour at `share`, 0 (dark violet) to 1 (yellow). */
export function viridis(share: number): Colour {
  const [red, green, blue] = colourAt("viridis", share);
  return [Math.round(red), Math.round(green), Math.round(blue)];
}

export function cssColour([red, green, blue]: Colour): string {
  return `rgb(${red},${green},${blue})`;
}
