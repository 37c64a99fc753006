/** What a stream of the predictor `neural` says of itself, for people. */
import type { PredictorDescription } from "@fieldzip/core";
import { type StreamHeader, sectionKinds } from "@fieldzip/core/stream";
import { countOfArray, type NetworkShape, parametersOf } from "@fieldzip/kernels/network";
import { countParameters } from "../network/network.js";
import { readSide } from "./read.js";
import type { SideInformation, StoredMask } from "./side-information.js";

export function describeNeuralStream(
  stream: Uint8Array,
  header: StreamHeader,
): PredictorDescription {
  const side = readSide(stream, header, "stream");
  const { shape, variables, masks } = side;
  const parameters = countParameters(shape);
  const modelBytes = header.sections.find(({ kind }) => kind === sectionKinds.model)?.length ?? 0;
  const bounds = variables.flatMap((variable) =>
    variable.kind === "output" && variable.bound !== undefined ? [variable.bound] : [],
  );
  const constants = variables.filter(({ kind }) => kind === "constant").length;
  return {
    mode: shape.levels.length > 0 ? "grid network" : "Fourier network",
    details: {
      features: featuresText(shape),
      layers: `${[...shape.widths, shape.outputs].join(" x ")}, ${shape.activation}`,
      parameters,
      "stored as": formatsText(side),
      "bits a parameter": Number(((8 * modelBytes) / parameters).toFixed(2)),
      ...(constants > 0 ? { constants } : {}),
      ...(bounds.length > 0 ? { bounds: [...new Set(bounds)].join(", ") } : {}),
      ...(masks.length > 0 ? { masked: masks.map(patternText).join(", ") } : {}),
    },
  };
}

/** `grids 16 at 8 x 8, 8 at 16 x 16, 16 frequencies` */
function featuresText({ levels, mapping, frequencies }: NetworkShape): string {
  const grids = levels.map(({ features, nodes }) => `${features} at ${nodes.join(" x ")}`);
  const parts = grids.length > 0 ? [`grids ${grids.join(", ")}`] : [];
  if (mapping === "off") parts.push("coordinates");
  else if (frequencies > 0)
    parts.push(`${frequencies} ${mapping === "fixed" ? "fixed " : ""}frequencies`);
  return parts.join(", ");
}

/** Formats of the parameters, the most frequent first, with their share. */
function formatsText({ shape, formats }: SideInformation): string {
  const counts = new Map<string, number>();
  let all = 0;
  parametersOf(shape).forEach((array, k) => {
    const count = countOfArray(array);
    all += count;
    counts.set(formats[k].format, (counts.get(formats[k].format) ?? 0) + count);
  });
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([format, count]) => `${format} ${((100 * count) / all).toFixed(1)} %`)
    .join(", ");
}

function patternText({ pattern }: StoredMask): string {
  const view = new DataView(pattern.buffer, pattern.byteOffset, pattern.length);
  return String(pattern.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true));
}
