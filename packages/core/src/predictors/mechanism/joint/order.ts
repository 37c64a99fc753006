import type { Encoder, Geometry, JointSource, Law } from "@fieldzip/kernels";
import type { FloatArray } from "../../../array/data-type.js";
import { log2 } from "../../../entropy/logarithm.js";
import { type FoundLaw, lawSearch } from "./laws.js";
import { productsOf, solveChosen, weightedProducts } from "./least-squares.js";
import { columnOf, type JointSample, samplePoints } from "./sample.js";

/** Of more fields the search, which compares all with all, would take too long. */
export const MOST_FIELDS = 40;
/** Points that are looked at, if not told otherwise. */
const POINTS = 1024;
/** Variables that one is predicted from beside its law, at most, and the bits a value that each must bring. */
const MOST_HELPERS = 3;
const LEAST_GAIN = 0.02;

/** What is expected to predict a variable. */
export interface Relation {
  readonly variable: number;
  readonly law?: Law;
  /** Variables decoded before, the most useful first. */
  readonly helpers: readonly number[];
  /** The rows of these fields that helped in a sample, the most useful first. */
  readonly sources?: readonly JointSource[];
  /** Bits a value that they are expected to save. */
  readonly gain: number;
}

/** Variables of which none says anything of another. */
export function unrelated(variables: number): Relation[] {
  return Array.from({ length: variables }, (_, variable) => ({ variable, helpers: [], gain: 0 }));
}

/**
 * The order in which variables are decoded, and what each is predicted from. Backwards: of the variables
 * left, the one that the others say most about comes last. Undefined where no variable says anything of
 * another.
 */
export function findRelations(
  fields: readonly FloatArray[],
  geometry: Geometry,
  kernels: Encoder,
  points = POINTS,
): Relation[] | undefined {
  if (fields.length > MOST_FIELDS) return undefined;
  const sample = samplePoints(fields, geometry, points);
  if (!sample) return undefined;
  const findLaw = lawSearch(fields, sample, kernels);
  const findHelpers = helperSearch(fields, sample, kernels);
  const left = fields.map(() => true);
  const relations: Relation[] = [];
  const found: (Relation | undefined)[] = fields.map(() => undefined);
  for (let n = fields.length; n > 0; n--) {
    let best: Relation | undefined;
    for (let variable = 0; variable < fields.length; variable++) {
      if (!left[variable]) continue;
      const others = left.map((is, other) => is && other !== variable);
      // What does not use the one that went last stays the best there is.
      const relation =
        found[variable] ??
        relate(variable, findLaw(variable, others), () => findHelpers(variable, others));
      found[variable] = relation;
      // Of equals the last in the original's order comes last.
      if (!best || relation.gain >= best.gain) best = relation;
    }
    const last = best!.variable;
    left[last] = false;
    relations.unshift(best!);
    found.forEach((relation, variable) => {
      if (relation && usesOf(relation).includes(last)) found[variable] = undefined;
    });
  }
  return relations.some(({ law, helpers }) => law || helpers.length > 0) ? relations : undefined;
}

/** A law that says nearly all needs no helpers. */
export const ENOUGH = 8;

function relate(
  variable: number,
  law: FoundLaw | undefined,
  findHelpers: () => { helpers: number[]; gain: number },
): Relation {
  const { helpers, gain } = law && law.gain >= ENOUGH ? { helpers: [], gain: 0 } : findHelpers();
  return { variable, law: law?.law, helpers, gain: (law?.gain ?? 0) + gain };
}

function usesOf({ law, helpers }: Relation): number[] {
  return [...(law ?? []).flatMap(({ factors }) => factors), ...helpers];
}

/**
 * For every variable what its own neighbours miss, and of every variable features that may explain it:
 * what its own neighbours miss of it, and second differences, pure and mixed.
 */
function helperSearch(fields: readonly FloatArray[], sample: JointSample, kernels: Encoder) {
  const groups = fields.map((field) => featuresOf(field, sample));
  const size = groups[0].length;
  const weights = new Float64Array(sample.places.length);
  for (const [missed] of groups) {
    let sum = 0;
    for (const error of missed) sum += Math.abs(error);
    if (!(sum > 0)) continue;
    for (let r = 0; r < weights.length; r++) {
      weights[r] += (Math.abs(missed[r]) * missed.length) / sum;
    }
  }
  for (let r = 0; r < weights.length; r++) weights[r] = 1 / (weights[r] + 0.1 * fields.length);
  const products = weightedProducts(groups.flat(), weights, kernels);
  const stride = groups.length * size;
  const alive = (column: number) => products[column * stride + column] > 0;
  const columnsOf = (variable: number) =>
    Array.from({ length: size }, (_, k) => variable * size + k).filter(alive);

  return (variable: number, known: readonly boolean[]) => {
    const target = variable * size;
    const helpers: number[] = [];
    let gain = 0;
    const whole = products[target * stride + target];
    while (whole > 0 && helpers.length < MOST_HELPERS) {
      let best = -1;
      let most = gain;
      for (let other = 0; other < groups.length; other++) {
        if (!known[other] || helpers.includes(other)) continue;
        const columns = [...helpers, other].flatMap(columnsOf);
        const solved = columns.length > 0 && solveChosen(products, stride, columns, target);
        if (!solved) continue;
        // A column of noise takes 0.72 bits of all points together; the best of many more.
        const chance = (1.5 * columns.length) / sample.places.length;
        const bits = -0.5 * log2(Math.max(solved.energy / whole, 1e-12)) - chance;
        if (bits > most) [best, most] = [other, bits];
      }
      // The first of two that only help together must not be asked for too much.
      if (best < 0 || most < gain + (helpers.length === 0 ? LEAST_GAIN / 2 : LEAST_GAIN)) break;
      helpers.push(best);
      gain = most;
    }
    return gain < LEAST_GAIN ? { helpers: [], gain: 0 } : { helpers, gain };
  };
}

/** What causal neighbours miss (least squares), then second differences: pure ones, mixed ones. */
function featuresOf(field: FloatArray, { places, strides }: JointSample): Float64Array[] {
  const column = (at: (place: number) => number) => columnOf(places, at);
  const causal: Float64Array[] = [];
  const axes = strides.slice(0, 3);
  for (let corner = 2; corner < 2 ** axes.length; corner++) {
    const back = axes.reduce((sum, stride, axis) => sum + ((corner >> axis) & 1 ? stride : 0), 0);
    causal.push(
      column((place) => (field[place - back] ?? field[place]) - field[place - strides[0]]),
    );
  }
  for (const stride of strides) {
    causal.push(
      column(
        (place) => (field[place - 2 * stride] ?? field[place - stride]) - field[place - strides[0]],
      ),
    );
  }
  const target = column((place) => field[place] - field[place - strides[0]]);
  const finite = causal.filter((entries) => entries.every((entry) => entry - entry === 0));
  const products = productsOf([...finite, target]);
  const used = finite.flatMap((_, k) => (products[k * (finite.length + 1) + k] > 0 ? [k] : []));
  const solved = solveChosen(products, finite.length + 1, used, finite.length);
  if (solved) {
    used.forEach((k, n) => {
      for (let r = 0; r < target.length; r++) target[r] -= solved.solution[n] * finite[k][r];
    });
  }
  const features = [target];
  for (const stride of strides) {
    features.push(
      column((place) => field[place - stride] + field[place + stride] - 2 * field[place]),
    );
  }
  // How the slope along one axis changes from the place before along another (the divergence of a field).
  for (const a of axes) {
    for (const b of axes) {
      if (a === b) continue;
      features.push(
        column((place) => {
          const slope = field[place + a] - field[place - a];
          return slope - (field[place + a - b] - field[place - a - b] || 0);
        }),
      );
    }
  }
  return features;
}
