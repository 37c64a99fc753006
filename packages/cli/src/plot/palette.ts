import { type ColourMapName, colourAt } from "@fieldzip/core/render";
import type { Colour } from "./png.js";

/** The colour at `share`, 0 to 1, in whole numbers. */
export function paletteColour(map: ColourMapName, share: number): Colour {
  const [red, green, blue] = colourAt(map, share);
  return [Math.round(red), Math.round(green), Math.round(blue)];
}

export function cssColour([red, green, blue]: Colour): string {
  return `rgb(${red},${green},${blue})`;
}
