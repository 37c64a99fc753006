/** Networks of a wanted size, in the family of the default ones. */
import { gridDefaults } from "../network/grid.js";
import {
  completeNetwork,
  countParameters,
  type NetworkRequest,
  shapeOfNetwork,
} from "../network/network.js";
import type { Weights } from "../predictor/settings.js";

/**
 * Bits that a parameter takes in the archive: networks are made for it. Integers of grids are best at 3 to 4 bits, see the
 * layouts in `bench/neural/ablation.md`: with more of them nodes lie too far apart for what the bytes could hold, with
 * fewer there are more nodes than the bytes can tell apart. Every weight of a published network counts for all values:
 * fewer of them with more bits train faster.
 */
export function bitsPerParameter(kind: NetworkRequest["kind"], weights: Weights): number {
  if (weights === "8bit") return kind === "grid" ? 3.6 : 8;
  // Floats: exponents are much alike, signs and mantissas are not.
  return weights === "float16" ? 13.4 : 26.5;
}

/** Widths of the trunk, and the share of all parameters that it may have. */
const widths = [64, 48, 32, 24, 16, 12, 8];
const TRUNK_SHARE = 0.35;

/** Whether the request leaves its size open. */
export function isSizeOpen(request: NetworkRequest): boolean {
  return request.kind === "grid"
    ? request.levels === undefined && request.width === undefined
    : request.width === undefined && request.frequencies === undefined;
}

export function parametersOfRequest(
  request: NetworkRequest,
  lengths: readonly number[],
  outputs: number,
): number {
  return countParameters(shapeOfNetwork(completeNetwork(request), lengths, outputs));
}

/**
 * The request, of about `count` parameters. Grids lie closer or further apart, with the features of the default, and a
 * small network has a narrow trunk; a Fourier network becomes wider, with two frequencies to three of its width. The
 * wanted count is rounded to eighths of an octave, so that blocks alike get networks alike; but where it has to be met
 * (`exactly`: floats have no steps that bytes could be steered by) it is what there is at most.
 */
export function networkOfSize(
  request: NetworkRequest,
  count: number,
  lengths: readonly number[],
  outputs: number,
  exactly = false,
): NetworkRequest {
  const wanted = exactly ? count : 2 ** (Math.round(8 * Math.log2(Math.max(16, count))) / 8);
  const size = (one: NetworkRequest) => parametersOfRequest(one, lengths, outputs);
  if (request.kind === "fourier") {
    const frequenciesOf = (width: number) => Math.max(1, Math.round((2 * width) / 3));
    const at = (width: number, frequencies = frequenciesOf(width)): NetworkRequest => ({
      ...request,
      ...{ width, frequencies },
    });
    let width = 4;
    while (width < 4096 && size(at(width + 1)) <= wanted) width++;
    let frequencies = frequenciesOf(width);
    if (exactly && request.mapping !== "off") {
      while (size(at(width, frequencies + 1)) <= wanted) frequencies++;
    }
    return at(width, frequencies);
  }
  const at = (width: number, scale: number): NetworkRequest => ({
    ...request,
    width,
    levels: gridDefaults.levels.map(({ spacing, features }) => ({
      features,
      spacing: Math.max(1, Math.round(64 * spacing * scale) / 64),
    })),
  });
  const coarsest = Math.max(...lengths);
  const width =
    widths.find((one) => size(at(one, coarsest)) <= TRUNK_SHARE * wanted) ?? widths.at(-1)!;
  // From the finest that is too large to the coarsest that is not: sizes fall with the spacing.
  let [fine, coarse] = [0.25, coarsest];
  for (let k = 0; k < 40 && coarse / fine > 1.001; k++) {
    const middle = Math.sqrt(fine * coarse);
    if (size(at(width, middle)) > wanted) fine = middle;
    else coarse = middle;
  }
  return at(width, coarse);
}
