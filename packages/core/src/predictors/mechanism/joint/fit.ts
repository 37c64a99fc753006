import {
  bandHeight,
  type Encoder,
  type Geometry,
  type JointPlan,
  type JointSource,
  type JointStencil,
  kindsOf,
  LAW_FIELD,
} from "@fieldzip/kernels";
import type { FloatArray } from "../../../array/data-type.js";
import { log2 } from "../../../entropy/logarithm.js";
import { sourcesOf } from "../geometry.js";
import { solvePositive } from "../solve.js";
import { jointSourcesOf } from "./sources.js";

/** Samples for the kind that most rows have, and for the others (edges). */
const SAMPLES = 4096;
const EDGE_SAMPLES = 768;
/** Samples are taken in runs along a row: a cache line read serves several. */
const RUN = 16;
/** Rounds of reweighting: the share of the samples that each takes. */
const ROUNDS = [0.25, 0.25, 1];

/** The stencils of a variable, and the bits a value that other fields save, about, for most rows. */
export interface JointFit {
  readonly plan: JointPlan;
  readonly gain: number;
}

/** A field by its number; 0 is the variable's own. */
export type FieldOf = (field: number) => FloatArray;

/**
 * Learns the stencils of a variable with rows of other fields. Every column is relative to the value at
 * the left in its own field; the law's field has one more, its value at the left against the variable's,
 * so that what is smooth may be the variable itself or what the law misses of it.
 */
export function fitJoint(
  fieldOf: FieldOf,
  fields: readonly number[],
  geometry: Geometry,
  kernels: Encoder,
  mask?: Uint8Array,
): JointFit {
  const plan: (JointStencil | undefined)[] = new Array(8).fill(undefined);
  const kinds = kindsOf(geometry);
  let gain = 0;
  for (const kind of kinds) {
    const main = kind === kinds[kinds.length - 1];
    const wanted = main ? SAMPLES : EDGE_SAMPLES;
    const sources = jointSourcesOf(geometry, kind, fields, !main);
    const fitted = fitKind(fieldOf, sources, geometry, kind, wanted, kernels, mask);
    plan[kind] = fitted.stencil;
    if (main) gain = fitted.gain;
  }
  return { plan, gain };
}

function fitKind(
  fieldOf: FieldOf,
  sources: readonly JointSource[],
  geometry: Geometry,
  kind: number,
  wanted: number,
  kernels: Encoder,
  mask: Uint8Array | undefined,
): { stencil: JointStencil; gain: number } {
  const lawful = sources.some(({ field }) => field === LAW_FIELD);
  const unknowns = 1 + 3 * sources.length + (lawful ? 1 : 0);
  const columns = unknowns + 1 + ((unknowns + 1) % 2);
  const gathered = gather({ fieldOf, geometry, kind, sources, columns, wanted, mask, lawful });
  const { count } = gathered;
  const samples = kernels.samples(gathered.samples.subarray(0, count * columns), columns);
  const ownUnknowns = 1 + 3 * sourcesOf(geometry, kind).length;
  const zero: Float64Array = new Float64Array(unknowns);
  let learned = zero;
  let alone = zero;
  for (const share of count < 4 * unknowns ? [] : ROUNDS) {
    const rows = Math.max(Math.min(count, 4 * unknowns), Math.floor(count * share));
    const weights = weightsOf(samples.errors(learned, rows));
    const sums = weights && samples.normalEquations(weights);
    const solution = sums && solvePositive(sums, columns, unknowns);
    if (!solution) break;
    learned = solution;
    if (share === 1) alone = solveOwn(sums, columns, ownUnknowns, unknowns) ?? zero;
  }
  const own = stencilOf(sources, alone, lawful);
  const candidates = [own, stencilOf(sources, learned, lawful)];
  const weightings = [alone, learned];
  if (lawful) {
    const at = sources.findIndex(({ field }) => field === LAW_FIELD);
    weightings.push(lawAlone(unknowns, 1 + 3 * at));
    candidates.push({ sources: [sources[at]], left: [0, 0], weights: [0, 1, 0] });
  }
  const unit = fieldOf(0) instanceof Float32Array ? 2 ** -24 : 2 ** -53;
  const costs = candidates.map((stencil, k) => {
    const errors = samples.errors(weightings[k], count);
    const resolution =
      stencil === own || k === 2 ? gathered.magnitudes[0] : rounding(stencil, gathered.magnitudes);
    return costOf(errors, resolution * unit) / count;
  });
  let best = 0;
  // A stencil of many rows must be better by what its weights take.
  candidates.forEach((_, k) => {
    if (costs[k] < costs[best] - 0.005) best = k;
  });
  return { stencil: candidates[best], gain: count > 0 ? costs[0] - costs[best] : 0 };
}

/** How large the products are whose rounding errors a prediction has: per field the magnitude, weighted. */
function rounding({ sources, weights }: JointStencil, magnitudes: readonly number[]): number {
  let most = magnitudes[0];
  sources.forEach(({ field }, k) => {
    for (let n = 0; n < 3; n++) {
      most = Math.max(most, Math.abs(weights[3 * k + n]) * (magnitudes[field] ?? 0));
    }
  });
  return most;
}

/** The columns of the own field alone: they come first. */
function solveOwn(
  sums: Float64Array,
  columns: number,
  own: number,
  unknowns: number,
): Float64Array | undefined {
  const size = own + 1;
  const part = new Float64Array(size * size);
  for (let i = 0; i < own; i++) part.set(sums.subarray(i * columns, i * columns + own), i * size);
  part.set(sums.subarray((columns - 1) * columns, (columns - 1) * columns + own), own * size);
  const solution = solvePositive(part, size, own);
  if (!solution) return undefined;
  const padded = new Float64Array(unknowns);
  padded.set(solution);
  return padded;
}

/** u - left = (g - g's left) + (g's left - left). */
function lawAlone(unknowns: number, at: number): Float64Array {
  const solution = new Float64Array(unknowns);
  solution[at + 1] = 1;
  solution[unknowns - 1] = 1;
  return solution;
}

/** Weights delta / (|error| + delta): delta is a third of the median error, but no less than a thousandth of the mean. */
function weightsOf(errors: Float64Array): Float64Array | undefined {
  let sum = 0;
  for (const error of errors) sum += error;
  const sorted = errors.slice(0, 511).sort();
  const delta = Math.max(0.3 * sorted[sorted.length >> 1], (0.001 * sum) / errors.length);
  if (!(delta > 0)) return undefined;
  for (let r = 0; r < errors.length; r++) errors[r] = delta / (errors[r] + delta);
  return errors;
}

function costOf(errors: Float64Array, resolution: number): number {
  let cost = 0;
  for (const error of errors) cost += log2(Math.max(error, resolution, Number.MIN_VALUE));
  return cost;
}

/** Relative weights as a stencil: what every field's taps sum to is taken from its value at the left. */
function stencilOf(
  sources: readonly JointSource[],
  solution: Float64Array,
  lawful: boolean,
): JointStencil {
  const weights = [...solution.subarray(1, 1 + 3 * sources.length)];
  const law = lawful ? solution[solution.length - 1] : 0;
  let own = solution[0] + law;
  const home = new Map<number, number>();
  sources.forEach(({ field, dt, dz, dy }, k) => {
    if (field !== 0 && dt === 0 && dz === 0 && dy === 0) home.set(field, 3 * k);
  });
  sources.forEach(({ field }, k) => {
    const sum = solution[1 + 3 * k] + solution[2 + 3 * k] + solution[3 + 3 * k];
    if (field === 0) own += sum;
    else weights[home.get(field)!] -= sum;
  });
  if (lawful) weights[home.get(LAW_FIELD)!] += law;
  const used = sources
    .map((source, k) => ({ source, taps: weights.slice(3 * k, 3 * k + 3) }))
    .filter(({ taps }) => taps.some((weight) => weight !== 0));
  return {
    sources: used.map(({ source }) => source),
    left: [1 - own, solution[0]],
    weights: used.flatMap(({ taps }) => taps),
  };
}

/** Room for samples, used again for every variable. */
let kept = new Float64Array(0);

function room(length: number): Float64Array {
  if (kept.length < length) kept = new Float64Array(length);
  return kept.subarray(0, length);
}

interface Gathering {
  readonly fieldOf: FieldOf;
  readonly geometry: Geometry;
  readonly kind: number;
  readonly sources: readonly JointSource[];
  readonly columns: number;
  readonly wanted: number;
  readonly mask: Uint8Array | undefined;
  readonly lawful: boolean;
}

/** Samples of a kind, and the mean magnitude of every field that is used, by number. */
function gather({ fieldOf, geometry, kind, sources, columns, wanted, mask, lawful }: Gathering): {
  samples: Float64Array;
  count: number;
  magnitudes: number[];
} {
  const { outer, depth, height, width } = geometry;
  const bandRows = bandHeight(geometry);
  const values = fieldOf(0);
  const arrays = sources.map(({ field }) => fieldOf(field));
  const samples = room(wanted * columns);
  samples.fill(0);
  const magnitudes: number[] = [0];
  for (const { field } of sources) magnitudes[field] = 0;
  let count = 0;
  let seed = 12345;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const rows = new Int32Array(sources.length);
  const attempts = Math.ceil(wanted / RUN);
  const law = lawful ? fieldOf(LAW_FIELD) : values;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const t = kind & 4 ? 1 + random(outer - 1) : 0;
    const z = kind & 2 ? 1 + random(depth - 1) : 0;
    const bandStart = random(geometry.bands) * bandRows;
    const y = bandStart + (kind & 1 ? 1 + random(bandRows - 1) : 0);
    if (y >= height) continue;
    const row = ((t * depth + z) * height + y) * width;
    sources.forEach(({ dt, dz, dy, field }, k) => {
      const t2 = Math.max(0, Math.min(outer - 1, t + dt));
      const z2 = Math.max(0, Math.min(depth - 1, z + dz));
      const low = dt === 0 && dz === 0 && field === 0 ? bandStart : 0;
      const y2 = Math.max(low, Math.min(height - 1, y + dy));
      rows[k] = ((t2 * depth + z2) * height + y2) * width;
    });
    const stride = 1 + random(Math.min(8, Math.max(1, Math.floor(width / RUN))));
    const start = 2 + random(Math.max(1, width - 2 - stride * (RUN - 1)));
    for (let x = start; x < width && x < start + stride * RUN && count < wanted; x += stride) {
      if (mask?.[row + x]) continue;
      const left = values[row + x - 1];
      const to = count * columns;
      let sum = values[row + x] - left;
      samples[to + columns - 1] = sum;
      samples[to] = values[row + x - 2] - left;
      sum += samples[to];
      const right = x + 1 < width ? 1 : 0;
      for (let k = 0, at = to + 1; k < rows.length; k++, at += 3) {
        const array = arrays[k];
        const base = sources[k].field === 0 ? left : array[row + x - 1];
        const centre = rows[k] + x;
        const before = array[centre - 1] - base;
        const straight = array[centre] - base;
        const after = array[centre + right] - base;
        samples[at] = before;
        samples[at + 1] = straight;
        samples[at + 2] = after;
        sum += before + straight + after;
      }
      if (lawful) {
        const apart = law[row + x - 1] - left;
        samples[to + 1 + 3 * sources.length] = apart;
        sum += apart;
      }
      if (sum - sum === 0) {
        count++;
        for (let field = 0; field < magnitudes.length; field++) {
          if (magnitudes[field] !== undefined) {
            magnitudes[field] += Math.abs(fieldOf(field)[row + x - 1]);
          }
        }
      } else {
        samples.fill(0, to, to + columns);
      }
    }
  }
  return { samples, count, magnitudes: magnitudes.map((sum) => (count > 0 ? sum / count : 0)) };
}
