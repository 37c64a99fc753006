import {
  countOfGeometry,
  type Geometry,
  type JointChunk,
  type JointPlan,
  type JointSamples,
  type JointSource,
  type JointStencil,
  kindsOf,
  LAW_FIELD,
} from "@fieldzip/kernels";
import { log2 } from "../../../entropy/logarithm.js";
import { sourcesOf } from "../geometry.js";
import { solvePositive } from "../solve.js";
import { chooseGroups } from "./select.js";
import { jointSourcesOf } from "./sources.js";

/** Samples for the kind that most rows have, and for the others (edges). */
const SAMPLES = 4096;
const EDGE_SAMPLES = 768;
/** Of the values of a small chunk at most this share is looked at. */
const MOST_OF_CHUNK = 1 / 8;
/** Samples on which sources are chosen. */
const TRIED = 1024;
/** Rows of other fields that edges are predicted from, at most. */
const MOST_ON_EDGES = 6;
/** Share of the samples that is learned from; the others judge. */
const TAUGHT = 0.75;
/** Samples on which a law is judged, and the bits a value that it may leave to be all that is needed. */
const JUDGED = 512;
const LAST_BITS = 2;
/** Rounds of reweighting: the share of the samples that each takes. */
const ROUNDS = [0.25, 0.25, 1];

/** The stencils of a variable, and the bits a value that other fields save, about, for most rows. */
export interface JointFit {
  readonly plan: JointPlan;
  readonly gain: number;
}

/**
 * Learns the stencils of a variable with rows of other fields, by number. Every column is relative to the
 * value at the left in its own field; the law's field has one more, its value at the left against the
 * variable's, so that what is smooth may be the variable itself or what the law misses of it. The rows of other fields
 * are `known`, or those of `fields` that turn out to help.
 */
export function fitJoint(
  chunk: Pick<JointChunk, "jointSamples">,
  fields: readonly number[],
  geometry: Geometry,
  digits: number,
  known?: readonly JointSource[],
): JointFit {
  const kinds = kindsOf(geometry);
  const main = kinds[kinds.length - 1];
  const plan: (JointStencil | undefined)[] = new Array(8).fill(undefined);
  if (fields[0] === LAW_FIELD && lawSuffices(chunk, geometry, digits)) {
    for (const kind of kinds) plan[kind] = LAW_ALONE;
    return { plan, gain: Number.POSITIVE_INFINITY };
  }
  const most = Math.max(256, Math.floor(countOfGeometry(geometry) * MOST_OF_CHUNK));
  const others = known ?? chooseSources(chunk, fields, geometry, main, Math.min(most, TRIED));
  if (others.length === 0) return { plan, gain: 0 };
  let gain = 0;
  for (const kind of kinds) {
    const own = sourcesOf(geometry, kind).map((source): JointSource => ({ ...source, field: 0 }));
    // There are fewer samples of edges: the most useful sources must do.
    const sources = [...own, ...(kind === main ? others : others.slice(0, MOST_ON_EDGES))];
    const wanted = Math.min(most, kind === main ? SAMPLES : EDGE_SAMPLES);
    const samples = chunk.jointSamples(kind, sources, wanted);
    const fitted = fitKind(samples, sources, 1 + 3 * own.length, digits);
    plan[kind] = fitted.stencil;
    if (kind === main) gain = fitted.gain;
  }
  return { plan, gain };
}

/**
 * Of all rows of other fields that may help, those that do on a few samples, the most useful first. Those at the
 * place itself come with each field: relative values need them.
 */
function chooseSources(
  chunk: Pick<JointChunk, "jointSamples">,
  fields: readonly number[],
  geometry: Geometry,
  kind: number,
  wanted: number,
): JointSource[] {
  const own = sourcesOf(geometry, kind).map((source): JointSource => ({ ...source, field: 0 }));
  const candidates = jointSourcesOf(geometry, kind, fields);
  const sources = [...own, ...candidates];
  const lawful = candidates.some(({ field }) => field === LAW_FIELD);
  const unknowns = 1 + 3 * sources.length + (lawful ? 1 : 0);
  const samples = chunk.jointSamples(kind, sources, wanted);
  if (samples.count < 2 * unknowns) return [];
  let learned: Float64Array = new Float64Array(unknowns);
  let equations: Float64Array | undefined;
  for (const share of ROUNDS) {
    const rows = Math.max(Math.floor(share * samples.count), 2 * unknowns);
    equations = samples.reweighted(learned, Math.min(rows, samples.count));
    const solution = equations && solvePositive(equations, samples.columns, unknowns);
    if (!solution) return [];
    learned = solution;
  }
  const base = 1 + 3 * own.length;
  const groups = candidates.map(({ field }, k) => {
    const first = base + 3 * k;
    const columns = [first, first + 1, first + 2];
    // The place itself comes first of a field, and with every other row of it.
    const home = base + 3 * candidates.findIndex((source) => source.field === field);
    if (home !== first) columns.unshift(home, home + 1, home + 2);
    if (field === LAW_FIELD) columns.unshift(unknowns - 1);
    return columns;
  });
  const start = Array.from({ length: base }, (_, k) => k);
  const chosen = chooseGroups(equations!, samples.columns, start, groups).map((k) => candidates[k]);
  const missing = candidates.filter(
    ({ field, dt, dz, dy }) =>
      (dt | dz | dy) === 0 &&
      chosen.some((source) => source.field === field) &&
      !chosen.some((source) => source.field === field && (source.dt | source.dz | source.dy) === 0),
  );
  return [...missing, ...chosen];
}

const AT_PLACE: JointSource = { field: LAW_FIELD, dt: 0, dz: 0, dy: 0 };
const LAW_ALONE: JointStencil = { sources: [AT_PLACE], left: [0, 0], weights: [0, 1, 0] };

/** Whether a law says a variable but for some last bits: no stencil can be better. */
export function lawSuffices(
  chunk: Pick<JointChunk, "jointSamples">,
  geometry: Geometry,
  digits: number,
): boolean {
  const samples = chunk.jointSamples(Math.max(...kindsOf(geometry)), [AT_PLACE], JUDGED);
  const least = samples.magnitudes[0] * 2 ** -digits;
  if (!(least > 0)) return false;
  const bits = samples.logarithms(lawAlone(5, 1), samples.count, least) / samples.count;
  return bits - log2(least) < LAST_BITS;
}

function fitKind(
  samples: JointSamples,
  sources: readonly JointSource[],
  ownUnknowns: number,
  digits: number,
): { stencil: JointStencil; gain: number } {
  const lawAt = sources.findIndex(({ field }) => field === LAW_FIELD);
  const lawful = lawAt >= 0;
  const unknowns = 1 + 3 * sources.length + (lawful ? 1 : 0);
  const { count, columns, magnitudes } = samples;
  const zero: Float64Array = new Float64Array(unknowns);
  // The last samples are not learned from: on them stencils are compared.
  const taught = Math.floor(count * TAUGHT);
  let learned = zero;
  let alone = zero;
  for (const share of taught < 4 * unknowns ? [] : ROUNDS) {
    const rows = Math.max(Math.min(taught, 4 * unknowns), Math.floor(taught * share));
    const equations = samples.reweighted(learned, rows);
    const solution = equations && solvePositive(equations, columns, unknowns);
    if (!solution) break;
    learned = solution;
    if (share === 1) alone = solveOwn(equations, columns, ownUnknowns, unknowns) ?? zero;
  }
  const candidates = [
    { solution: alone, stencil: stencilOf(sources, alone, lawful) },
    { solution: learned, stencil: stencilOf(sources, learned, lawful) },
  ];
  if (lawful) {
    candidates.push({ solution: lawAlone(unknowns, 1 + 3 * lawAt), stencil: LAW_ALONE });
  }
  const costs = candidates.map(({ solution }) => {
    const size = rounding(solution, sources, magnitudes);
    const least = Math.max(size * 2 ** -digits, Number.MIN_VALUE);
    const judges = count - taught;
    return samples.logarithms(solution, judges, least, taught) / Math.max(1, judges);
  });
  let best = 0;
  costs.forEach((cost, k) => {
    if (cost < costs[best]) best = k;
  });
  return { stencil: candidates[best].stencil, gain: costs[0] - costs[best] };
}

/** How large the numbers are whose rounding a prediction suffers from: the variable's, or a weight times another field's. */
function rounding(
  solution: Float64Array,
  sources: readonly JointSource[],
  magnitudes: readonly number[],
): number {
  let most = magnitudes[0];
  sources.forEach(({ field }, k) => {
    if (field === 0 || field === LAW_FIELD) return;
    for (let n = 1; n < 4; n++) {
      most = Math.max(most, Math.abs(solution[3 * k + n]) * magnitudes[k + 1]);
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
