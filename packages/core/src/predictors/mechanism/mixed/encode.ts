import type { CheckedBytes, Encoder, Lattice } from "@fieldzip/kernels";
import type { FloatArray } from "../../../array/data-type.js";
import { type Section, sectionKinds } from "../../../stream/header.js";
import { findMask, maskBytes } from "../mask.js";
import { commonZeros, differenceExponent, farLags, haveRepeats } from "./features.js";
import { findFineLattices } from "./lattices.js";
import { type MixedParameters, usualNeighbours, writeMixed } from "./parameters.js";

/** A last axis shorter than this is taken as parts of one value: neighbours are that many values apart. */
const SHORTEST_ROW = 8;
/** Numbers of phases that are tried on a chunk of one row: cells of hierarchical grids come in fours. */
const PHASES = [1, 4, 16, 64] as const;
/** Values on which they are tried. */
const TRIAL = 2 ** 14;
/** Of sums: kept in a row, of late, for long, of the row above, of the slice before; weights of tiles and sides. */
const KEEP = [0.5, 0.984, 0.9984, 0.4, 0.5, 0.5, 0.6] as const;
const KEEP_LINE = [0.984, 0.984, 0.9984, 0.4, 0.5, 0.5, 0.6] as const;
const RIDGES = [23, 20, 23, 13] as const;
const RIDGES_LINE = [17, 20, 23, 13] as const;
const FEW = [0, 6, 6, 12, 14] as const;
const MOST_PHASES = 64;
const MOST_REGRESSORS = 32;

/** Regressors of other fields are at most so many: every one makes coding slower. */
const MOST_FIELDS = 4;

/**
 * Mode 4, "mixed": what effort `max` makes. Least squares are solved anew every few values, predictions
 * blended, contexts mixed (after M. Mahoney's PAQ and the adaptive predictors of lossless image coders). A decoder takes as long.
 * `fields` are numbers of other fields of a joint chunk, `lattice` is the one that values are known to lie on. Undefined where the model would take more memory
 * than a decoder gives it.
 */
export function encodeMixed(
  values: FloatArray,
  shape: readonly number[],
  kernels: Pick<Encoder, "codeMixed">,
  fields: readonly number[] = [],
  lattice?: Lattice,
): Section[] | undefined {
  const masked = findMask(values);
  const mask = masked && maskBytes(values, masked);
  const plain = axesOf(shape);
  const [outer, depth] = plain.extents;
  const lattices = findFineLattices(values, mask, outer * depth, lattice);
  const slice = values.length / (outer * depth);
  const used = fields.slice(0, MOST_FIELDS);
  const parameters: MixedParameters = {
    ...plain,
    fields: used,
    usual: Math.min(plain.usual, MOST_REGRESSORS - used.length),
    few: plain.few + used.length,
    shift: commonZeros(
      values,
      (place) => mask?.[place] === 1 || lattices?.lattices[Math.floor(place / slice)] !== undefined,
    ),
    exponent: -differenceExponent(values, mask),
    repeats: haveRepeats(values, mask),
    fill: masked?.pattern,
    lattices: lattices?.lattices,
  };
  const field = lattices?.field ?? values;
  const best =
    plain.axes === 1 && used.length === 0 ? inLine(field, mask, parameters, kernels) : parameters;
  const coded = codeWithin(field, mask, best, kernels);
  if (!coded) return undefined;
  const sections: Section[] = [
    { kind: sectionKinds.sideInformation, bytes: coded.side },
    { kind: sectionKinds.mixedCode, ...coded.code },
  ];
  if (lattices && lattices.exceptions.length > 0) {
    sections.push({ kind: sectionKinds.exceptions, bytes: lattices.exceptions });
  }
  return sections;
}

/** Codes under the parameters, in coarser blocks and tiles where finer ones take too much memory. */
function codeWithin(
  field: FloatArray,
  mask: Uint8Array | undefined,
  parameters: MixedParameters,
  kernels: Pick<Encoder, "codeMixed">,
): { side: Uint8Array; code: CheckedBytes } | undefined {
  for (let { blockTurns, tileRows } = parameters; blockTurns <= 64; blockTurns *= 2) {
    const side = writeMixed({ ...parameters, blockTurns, tileRows });
    const code = kernels.codeMixed(field, mask, side);
    if (code) return { side, code };
    tileRows = Math.min(64, tileRows * 2);
  }
  return undefined;
}

/** Extents, and what depends on them alone. */
function axesOf(shape: readonly number[]) {
  const extents = shape.filter((extent) => extent > 1);
  let stride = 1;
  if (extents.length > 1 && extents[extents.length - 1] < SHORTEST_ROW) {
    stride = extents.pop()!;
    extents[extents.length - 1] *= stride;
  }
  while (extents.length > 4) extents.splice(0, 2, extents[0] * extents[1]);
  const axes = Math.max(1, extents.length);
  while (extents.length < 4) extents.unshift(1);
  return {
    extents: extents as unknown as MixedParameters["extents"],
    stride,
    phases: Math.min(stride, MOST_PHASES),
    axes,
    usual: usualNeighbours[axes],
    few: FEW[axes],
    blockTurns: axes === 1 ? 8 : axes === 2 ? 4 : 5,
    tileRows: axes > 2 ? 8 : 0,
    keep: axes === 1 ? KEEP_LINE : KEEP,
    ridges: axes === 1 ? RIDGES_LINE : RIDGES,
    lags: [] as number[],
    north: 0,
    previous: 0,
  };
}

/** Phases and far neighbours of a single row, by trial on its first part. */
function inLine(
  field: FloatArray,
  mask: Uint8Array | undefined,
  parameters: MixedParameters,
  kernels: Pick<Encoder, "codeMixed">,
): MixedParameters {
  const far = farLags(field);
  const beside = far.length > 0 ? [far[0] - 1, far[0] + 1] : [];
  const few = far.length > 0 ? far.length + beside.length + 3 : parameters.few;
  const [, , , length] = parameters.extents;
  const part = field.subarray(0, TRIAL) as FloatArray;
  const candidates = PHASES.filter((phases) => phases * 32 <= length).map(
    (phases): MixedParameters => ({
      ...parameters,
      phases:
        phases * parameters.stride > MOST_PHASES ? parameters.stride : phases * parameters.stride,
      lags: [...far, ...beside],
      few,
      north: far[0] ?? (phases > 2 ? phases * parameters.stride : 0),
      previous: far[1] ?? 0,
    }),
  );
  let best = parameters;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    // A part is too short for the farthest neighbours; they tell nothing of phases.
    const within = (lag: number) => lag < part.length;
    const tried: MixedParameters = {
      ...candidate,
      extents: [1, 1, 1, part.length],
      lags: candidate.lags.filter(within),
      few: Math.min(
        few,
        candidate.lags.filter(within).length + parameters.fields.length + parameters.usual,
      ),
      north: within(candidate.north) ? candidate.north : 0,
      previous: within(candidate.previous) ? candidate.previous : 0,
    };
    const code = kernels.codeMixed(part, mask?.subarray(0, part.length), writeMixed(tried));
    if (code && code.bytes.length < least) {
      least = code.bytes.length;
      best = candidate;
    }
  }
  return best;
}
