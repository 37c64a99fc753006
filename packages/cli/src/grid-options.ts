import type { GridRequest } from "@fieldzip/neural";
import type { OptionDescription, OptionValues } from "./commands/command.js";
import { boxOf, positionOf, shapeOf } from "./option-values.js";

/** Flags that say at which places an archive is wanted. */
export const gridOptions: readonly OptionDescription[] = [
  {
    flags: "--shape <sizes>",
    help: "another resolution: cells along the last axes, such as 256,512,256",
  },
  {
    flags: "--box <ranges>",
    help: "a part of the last axes in stored cells, such as 0:32,0:32,8:24",
  },
  { flags: "--time <step>", help: "a step, counted from 0; 2.5 lies between two" },
];

export function gridRequestOf(options: OptionValues): GridRequest {
  return {
    shape: shapeOf(options, "shape"),
    box: boxOf(options, "box"),
    time: positionOf(options, "time"),
  };
}

export function isGridRequest({ shape, box, time }: GridRequest): boolean {
  return (shape ?? box ?? time) !== undefined;
}
