import {
  type ChunkEncoder,
  countOfGeometry,
  type Geometry,
  kindsOf,
  type Plan,
  type Source,
  type Stencil,
} from "@fieldzip/kernels";
import { sourcesOf } from "./geometry.js";
import { solvePositive } from "./solve.js";

/** How much a fit may cost, and what it may choose from. */
export interface FitSettings {
  /** Samples for the kind that most rows have, and for the others (edges). */
  readonly samples: number;
  readonly edgeSamples: number;
  /** Of the values of a small chunk at most this share is looked at. */
  readonly share: number;
  /** Samples on which the learned stencil is held against simple ones. */
  readonly judged: number;
  /** Rounds of reweighting (see `fitStencil`): the share of the samples that each takes. */
  readonly rounds: readonly number[];
  /** The rows that rows of a kind may be predicted from. */
  readonly sourcesOf: (geometry: Geometry, kind: number) => Source[];
  /** Errors below this cost the same; by default those below the values' resolution. */
  readonly least?: number;
}

/** Of the values in rows of a kind at most this share is looked at. */
const MOST_OF_KIND = 1 / 2;

export const defaultSettings: FitSettings = {
  samples: 5120,
  edgeSamples: 512,
  share: 1 / 32,
  judged: 1024,
  rounds: [0.25, 0.25, 1],
  sourcesOf,
};

/** Learns the stencils of all kinds of rows that occur, from values that are neither masked nor copied. */
export function fitPlan(
  chunk: Pick<ChunkEncoder, "samples">,
  geometry: Geometry,
  digits: number,
  settings: FitSettings = defaultSettings,
): Plan {
  const kinds = kindsOf(geometry);
  const most = Math.max(256, Math.floor(countOfGeometry(geometry) * settings.share));
  const plan: (Stencil | undefined)[] = new Array(8).fill(undefined);
  for (const kind of kinds) {
    const isMain = kind === kinds[kinds.length - 1];
    const some = Math.ceil(valuesOfKind(geometry, kind) * MOST_OF_KIND);
    const wanted = Math.min(most, some, isMain ? settings.samples : settings.edgeSamples);
    const sources = settings.sourcesOf(geometry, kind);
    plan[kind] = fitStencil(chunk, sources, kind, wanted, digits, settings);
  }
  return plan;
}

/** How many values of a chunk lie in rows of a kind, about. */
function valuesOfKind(geometry: Geometry, kind: number): number {
  const { outer, depth, height, width, bands } = geometry;
  const rows = kind & 1 ? height - bands : bands;
  return (kind & 4 ? outer - 1 : 1) * (kind & 2 ? depth - 1 : 1) * rows * width;
}

/**
 * Least squares for the rows of one kind. Every column is taken relative to the value at the left,
 * which makes the weights sum to 1 (a constant is predicted exactly) and the system well conditioned.
 * Reweighting by 1 / (|error| + delta) turns the squared error into the absolute one, which is closer
 * to what a residual costs and lets fronts and fill values weigh little: 1 % of ratio on MHD volumes.
 */
function fitStencil(
  chunk: Pick<ChunkEncoder, "samples">,
  sources: readonly Source[],
  kind: number,
  wanted: number,
  digits: number,
  settings: FitSettings,
): Stencil {
  const unknowns = 1 + 3 * sources.length;
  const samples = chunk.samples(kind, sources, wanted);
  const { count, columns } = samples;
  const fallbacks = simpleStencils(sources, unknowns);

  let learned = fallbacks[0];
  for (const share of count < 4 * unknowns ? [] : settings.rounds) {
    const rows = Math.max(Math.min(count, 4 * unknowns), Math.floor(count * share));
    const equations = samples.reweighted(learned, rows);
    const solution = equations && solvePositive(equations, columns, unknowns);
    if (!solution) break;
    learned = solution;
  }
  // Errors below the values' resolution cost the same.
  const least = settings.least ?? Math.max(samples.magnitude * 2 ** -digits, Number.MIN_VALUE);
  const judged = Math.min(count, settings.judged);
  let best = learned;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of [learned, ...fallbacks]) {
    const cost = samples.logarithms(candidate, judged, least);
    if (cost < bestCost) {
      bestCost = cost;
      best = candidate;
    }
  }
  return stencilOf(sources, best);
}

/** The value at the left; the straight line through two; the value straight behind on each axis; Lorenzo's over x and each axis. */
function simpleStencils(sources: readonly Source[], unknowns: number): Float64Array[] {
  const line = new Float64Array(unknowns);
  line[0] = -1;
  const stencils = [new Float64Array(unknowns), line];
  const axes: readonly Source[] = [
    { dt: 0, dz: 0, dy: -1 },
    { dt: 0, dz: -1, dy: 0 },
    { dt: -1, dz: 0, dy: 0 },
  ];
  const indexOf = (dt: number, dz: number, dy: number) =>
    sources.findIndex((source) => source.dt === dt && source.dz === dz && source.dy === dy);
  for (const { dt, dz, dy } of axes) {
    const k = indexOf(dt, dz, dy);
    if (k < 0) continue;
    const straight = new Float64Array(unknowns);
    straight[2 + 3 * k] = 1;
    const lorenzo = new Float64Array(unknowns);
    lorenzo[1 + 3 * k] = -1;
    lorenzo[2 + 3 * k] = 1;
    stencils.push(straight, lorenzo);
  }
  const [north, behind, both] = [indexOf(0, 0, -1), indexOf(0, -1, 0), indexOf(0, -1, -1)];
  if (north >= 0 && behind >= 0 && both >= 0) {
    const cube = new Float64Array(unknowns);
    for (const [k, sign] of [
      [north, 1],
      [behind, 1],
      [both, -1],
    ] as const) {
      cube[2 + 3 * k] += sign;
      cube[1 + 3 * k] -= sign;
    }
    stencils.push(cube);
  }
  return stencils;
}

/** Weights relative to the value at the left, as a stencil. */
function stencilOf(sources: readonly Source[], weights: Float64Array): Stencil {
  let sum = 0;
  for (const weight of weights) sum += weight;
  const used = sources
    .map((source, k) => ({ source, weights: [...weights.subarray(1 + 3 * k, 4 + 3 * k)] }))
    .filter((entry) => entry.weights.some((weight) => weight !== 0));
  return {
    sources: used.map((entry) => entry.source),
    left: [1 - sum, weights[0]],
    weights: used.flatMap((entry) => entry.weights),
  };
}
