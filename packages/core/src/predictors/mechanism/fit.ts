import {
  bandHeight,
  type Encoder,
  type Geometry,
  kindsOf,
  type Plan,
  type Source,
  type Stencil,
} from "@fieldzip/kernels";
import type { FloatArray } from "../../array/data-type.js";
import { log2 } from "../../entropy/logarithm.js";
import { sourcesOf } from "./geometry.js";
import { solvePositive } from "./solve.js";

/** How much a fit may cost, and what it may choose from. */
export interface FitSettings {
  /** Samples for the kind that most rows have, and for the others (edges). */
  readonly samples: number;
  readonly edgeSamples: number;
  /** Of the values of a small chunk at most this share is looked at. */
  readonly share: number;
  /** Rounds of reweighting (see `fitStencil`): the share of the samples that each takes. */
  readonly rounds: readonly number[];
  /** The rows that rows of a kind may be predicted from. */
  readonly sourcesOf: (geometry: Geometry, kind: number) => Source[];
  /** Errors below this cost nothing; by default what the data type resolves. */
  readonly resolution?: number;
}

const defaultSettings: FitSettings = {
  samples: 5120,
  edgeSamples: 768,
  share: 1 / 8,
  rounds: [0.25, 0.25, 1],
  sourcesOf,
};
/** Samples on which the learned stencil is held against simple ones. */
const JUDGED = 1024;
/** Samples are taken in runs along a row: a cache line read serves several. */
const RUN = 16;

/** Learns the stencils of all kinds of rows that occur, from values that are not masked. */
export function fitPlan(
  values: FloatArray,
  geometry: Geometry,
  kernels: Encoder,
  mask?: Uint8Array,
  settings: FitSettings = defaultSettings,
): Plan {
  const kinds = kindsOf(geometry);
  const plan: (Stencil | undefined)[] = new Array(8).fill(undefined);
  for (const kind of kinds) {
    const most = Math.max(256, Math.floor(values.length * settings.share));
    const isMain = kind === kinds[kinds.length - 1];
    const wanted = Math.min(most, isMain ? settings.samples : settings.edgeSamples);
    plan[kind] = fitStencil(values, geometry, kind, wanted, kernels, mask, settings);
  }
  return plan;
}

/**
 * Least squares for the rows of one kind. Every column is taken relative to the value at the left,
 * which makes the weights sum to 1 (a constant is predicted exactly) and the system well conditioned.
 * Reweighting by 1 / (|error| + delta) turns the squared error into the absolute one, which is closer
 * to what a residual costs and lets fronts and fill values weigh little: 1 % of ratio on MHD volumes.
 */
function fitStencil(
  values: FloatArray,
  geometry: Geometry,
  kind: number,
  wanted: number,
  kernels: Encoder,
  mask: Uint8Array | undefined,
  settings: FitSettings,
): Stencil {
  const sources = settings.sourcesOf(geometry, kind);
  const unknowns = 1 + 3 * sources.length;
  // Regressand last; the kernel wants an even number of columns, so there may be an idle one before it.
  const columns = unknowns + 1 + ((unknowns + 1) % 2);
  const gathered = gather(values, geometry, kind, sources, columns, wanted, mask);
  const { count } = gathered;
  const samples = kernels.samples(gathered.samples.subarray(0, count * columns), columns);
  const fallbacks = simpleStencils(sources, unknowns);

  let learned = fallbacks[0];
  for (const share of count < 4 * unknowns ? [] : settings.rounds) {
    const rows = Math.max(Math.min(count, 4 * unknowns), Math.floor(count * share));
    const weights = weightsOf(samples.errors(learned, rows));
    const solution = weights && solvePositive(samples.normalEquations(weights), columns, unknowns);
    if (!solution) break;
    learned = solution;
  }
  const resolution =
    settings.resolution ??
    gathered.magnitude * (values instanceof Float32Array ? 2 ** -24 : 2 ** -53);
  let best = learned;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of [learned, ...fallbacks]) {
    const cost = costOf(samples.errors(candidate, Math.min(count, JUDGED)), resolution);
    if (cost < bestCost) {
      bestCost = cost;
      best = candidate;
    }
  }
  return stencilOf(sources, best);
}

/**
 * Weights delta / (|error| + delta): delta is a third of the median error, but no less than a
 * thousandth of the mean. Undefined where there are no errors.
 */
function weightsOf(errors: Float64Array): Float64Array | undefined {
  let sum = 0;
  for (const error of errors) sum += error;
  const sorted = errors.slice(0, 511).sort();
  const delta = Math.max(0.3 * sorted[sorted.length >> 1], (0.001 * sum) / errors.length);
  if (!(delta > 0)) return undefined;
  for (let r = 0; r < errors.length; r++) errors[r] = delta / (errors[r] + delta);
  return errors;
}

/** About the bits that the residuals take, up to a constant: errors below the values' resolution are equal. */
function costOf(errors: Float64Array, resolution: number): number {
  let cost = 0;
  for (const error of errors) cost += log2(Math.max(error, resolution, Number.MIN_VALUE));
  return cost;
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

/** Room for samples, used again for every chunk: a megabyte of garbage each would keep the collector busy. */
let kept = new Float64Array(0);

function room(length: number): Float64Array {
  if (kept.length < length) kept = new Float64Array(length);
  return kept.subarray(0, length);
}

/** Samples of a kind: per row the second value to the left, three values of every source, the value itself; all minus the first to the left. */
function gather(
  values: FloatArray,
  geometry: Geometry,
  kind: number,
  sources: readonly Source[],
  columns: number,
  wanted: number,
  mask: Uint8Array | undefined,
): { samples: Float64Array; count: number; magnitude: number } {
  const { outer, depth, height, width } = geometry;
  const bandRows = bandHeight(geometry);
  const samples = room(wanted * columns);
  samples.fill(0);
  let count = 0;
  let magnitudes = 0;
  // Numerical Recipes' linear congruential generator: the same samples on every machine.
  let seed = 12345;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const rows = sources.map(() => 0);
  const attempts = Math.ceil(wanted / RUN);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const t = kind & 4 ? 1 + random(outer - 1) : 0;
    const z = kind & 2 ? 1 + random(depth - 1) : 0;
    const bandStart = random(geometry.bands) * bandRows;
    const y = bandStart + (kind & 1 ? 1 + random(bandRows - 1) : 0);
    if (y >= height) continue;
    const row = ((t * depth + z) * height + y) * width;
    for (let k = 0; k < sources.length; k++) {
      const { dt, dz, dy } = sources[k];
      const t2 = Math.max(0, t + dt);
      const z2 = Math.max(0, Math.min(depth - 1, z + dz));
      const y2 = Math.max(dt === 0 && dz === 0 ? bandStart : 0, Math.min(height - 1, y + dy));
      rows[k] = ((t2 * depth + z2) * height + y2) * width;
    }
    const stride = 1 + random(Math.min(8, Math.max(1, Math.floor(width / RUN))));
    const start = 2 + random(Math.max(1, width - 2 - stride * (RUN - 1)));
    for (let x = start; x < width && x < start + stride * RUN && count < wanted; x += stride) {
      // What is masked or copied is not predicted, and teaches nothing.
      if (mask?.[row + x]) continue;
      const left = values[row + x - 1];
      const to = count * columns;
      let sum = values[row + x] - left;
      samples[to + columns - 1] = sum;
      samples[to] = values[row + x - 2] - left;
      sum += samples[to];
      const right = x + 1 < width ? 1 : 0;
      for (let k = 0, at = to + 1; k < rows.length; k++, at += 3) {
        const centre = rows[k] + x;
        const before = values[centre - 1] - left;
        const straight = values[centre] - left;
        const after = values[centre + right] - left;
        samples[at] = before;
        samples[at + 1] = straight;
        samples[at + 2] = after;
        sum += before + straight + after;
      }
      // Not finite: a NaN or infinity is among them, and nothing is to be learned here.
      if (sum - sum === 0) {
        count++;
        magnitudes += Math.abs(left);
      } else {
        samples.fill(0, to, to + columns);
      }
    }
  }
  return { samples, count, magnitude: count > 0 ? magnitudes / count : 0 };
}
