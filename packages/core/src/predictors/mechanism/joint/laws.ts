import type { Encoder, Law } from "@fieldzip/kernels";
import type { FloatArray } from "../../../array/data-type.js";
import { log2 } from "../../../entropy/logarithm.js";
import { digitsOf } from "../digits.js";
import { productsOf, solveChosen, weightedProducts } from "./least-squares.js";
import { columnOf, type JointSample } from "./sample.js";

/** Products are tried of so many variables at most. */
const MOST_FOR_PRODUCTS = 16;
/** Terms of a law, at most. */
const MOST_TERMS = 6;
/** A further term must take this share of what is left, and every term of the law at least that. */
const LEAST_TAKEN = 0.1;
/** A law must leave at most this share of a field's roughness. */
const MOST_LEFT = 0.5;
/** What is left cannot be told from rounding below this share. */
const EXACT = 1e-12;

/** A law, and how much it says. */
export interface FoundLaw {
  readonly law: Law;
  /** Bits a value by which it brings the field's roughness down, about. */
  readonly gain: number;
}

/** What one variable is, by others that are known. */
export type LawSearch = (target: number, known: readonly boolean[]) => FoundLaw | undefined;

/**
 * Searches sums of variables and products of two for what a variable is: orthogonal matching pursuit
 * (Pati, Rezaiifar and Krishnaprasad 1993) with pruning. Compared is how fields bend (the sum of their
 * second differences): what stencils cannot know, and what neighbouring values of smooth fields do not share.
 */
export function lawSearch(
  fields: readonly FloatArray[],
  sample: JointSample,
  kernels: Encoder,
): LawSearch {
  const { places, strides } = sample;
  const variables = fields.map((_, variable) => variable);
  const monomials = variables.map((variable) => [variable]);
  if (fields.length <= MOST_FOR_PRODUCTS) {
    for (const a of variables) for (const b of variables.slice(a)) monomials.push([a, b]);
  }
  const around = [0, ...strides.flatMap((stride) => [-stride, stride])].map((offset) =>
    fields.map((field) => columnOf(places, (place) => field[place + offset])),
  );
  const values = monomials.map((factors) => productOf(around[0], factors));
  const bends = monomials.map((factors, k) => {
    const here = values[k];
    const bend = new Float64Array(places.length);
    for (const there of around.slice(1)) {
      const product = productOf(there, factors);
      for (let r = 0; r < bend.length; r++) bend[r] += product[r] - here[r];
    }
    return bend;
  });
  const weights = evenWeights(bends.slice(0, fields.length));
  const products = weightedProducts(bends, weights, kernels);
  const stride = bends.length;

  return (target, known) => {
    const usable = monomials.flatMap((factors, k) =>
      factors.every((factor) => factor !== target && known[factor]) && products[k * stride + k] > 0
        ? [k]
        : [],
    );
    const whole = products[target * stride + target];
    if (!(whole > 0)) return undefined;
    const chosen = pursue(products, stride, usable, target);
    const left = solveChosen(products, stride, chosen, target);
    if (chosen.length === 0 || !left || left.energy > MOST_LEFT * whole) return undefined;
    const even = (k: number) => bends[k].map((bend, r) => bend * Math.sqrt(weights[r]));
    const terms = refine(chosen.map(even), even(target));
    const law = polish(
      chosen.map((k, n) => ({ coefficient: terms[n], factors: monomials[k] })),
      chosen.map((k) => values[k]),
      values[target],
      2 ** -digitsOf(fields[0]),
    );
    return { law, gain: -0.5 * log2(Math.max(left.energy / whole, EXACT)) };
  };
}

/** The product of one or two columns. */
function productOf(columns: readonly Float64Array[], [a, b]: readonly number[]): Float64Array {
  if (b === undefined) return columns[a];
  const [one, two] = [columns[a], columns[b]];
  const product = new Float64Array(one.length);
  for (let r = 0; r < product.length; r++) product[r] = one[r] * two[r];
  return product;
}

/** Weights under which rough places (shocks) count no more than others. */
function evenWeights(columns: readonly Float64Array[]): Float64Array {
  const roughness = new Float64Array(columns[0].length);
  for (const column of columns) {
    let sum = 0;
    for (const entry of column) sum += Math.abs(entry);
    const mean = sum / column.length;
    if (!(mean > 0)) continue;
    for (let r = 0; r < roughness.length; r++) roughness[r] += Math.abs(column[r]) / mean;
  }
  return roughness.map((value) => 1 / (value + 0.1 * columns.length));
}

/** Adds the term that fits best what is left, while that helps; then drops those that do not. */
function pursue(
  products: Float64Array,
  stride: number,
  usable: readonly number[],
  target: number,
): number[] {
  const whole = products[target * stride + target];
  let chosen: number[] = [];
  let energy = whole;
  while (chosen.length < MOST_TERMS && energy > EXACT * whole) {
    const current = solveChosen(products, stride, chosen, target);
    if (!current) break;
    let best = -1;
    let most = 0;
    for (const k of usable) {
      if (chosen.includes(k)) continue;
      let inner = products[k * stride + target];
      for (let n = 0; n < chosen.length; n++) {
        inner -= current.solution[n] * products[k * stride + chosen[n]];
      }
      const fit = (inner * inner) / products[k * stride + k];
      if (fit > most) [best, most] = [k, fit];
    }
    const next = best < 0 ? undefined : solveChosen(products, stride, [...chosen, best], target);
    if (!next || next.energy > (1 - LEAST_TAKEN) * energy) break;
    chosen.push(best);
    energy = Math.max(next.energy, EXACT * whole);
  }
  for (let n = chosen.length - 1; n >= 0; n--) {
    const rest = chosen.toSpliced(n, 1);
    const without = solveChosen(products, stride, rest, target);
    if (without && without.energy * (1 - LEAST_TAKEN) <= Math.max(energy, EXACT * whole)) {
      chosen = rest;
      energy = Math.max(without.energy, EXACT * whole);
    }
  }
  return chosen;
}

/** Coefficients for the least absolute error (reweighted), corrected twice so that rounding does not stay. */
function refine(columns: readonly Float64Array[], target: Float64Array): Float64Array {
  const coefficients = new Float64Array(columns.length);
  const errors = target.slice();
  const all = columns.map((_, k) => k);
  for (let round = 0; round < 5; round++) {
    let sum = 0;
    for (const error of errors) sum += Math.abs(error);
    const delta = (0.3 * sum) / errors.length;
    if (!(delta > 0)) break;
    const roots = errors.map((error) =>
      round === 0 ? 1 : Math.sqrt(delta / (Math.abs(error) + delta)),
    );
    const weighted = [...columns, errors].map((column) =>
      column.map((entry, r) => entry * roots[r]),
    );
    const change = solveChosen(productsOf(weighted), weighted.length, all, columns.length);
    if (!change) break;
    columns.forEach((column, k) => {
      coefficients[k] += change.solution[k];
      for (let r = 0; r < errors.length; r++) errors[r] -= change.solution[k] * column[r];
    });
  }
  return coefficients;
}

/** With the constant that the law lacks, and with round coefficients, where either is no worse. */
function polish(
  law: Law,
  columns: readonly Float64Array[],
  target: Float64Array,
  unit: number,
): Law {
  const errorsOf = (candidate: Law) => {
    const errors = target.slice();
    columns.forEach((column, k) => {
      const { coefficient } = candidate[k];
      for (let r = 0; r < errors.length; r++) errors[r] -= coefficient * column[r];
    });
    return errors;
  };
  const costOf = (errors: Float64Array, offset: number) => {
    let cost = 0;
    for (let r = 0; r < errors.length; r++) {
      const least = Math.abs(target[r]) * unit;
      cost += log2(Math.max(Math.abs(errors[r] - offset), least, Number.MIN_VALUE));
    }
    return cost / errors.length;
  };
  let best: Law = law;
  let cost = Number.POSITIVE_INFINITY;
  for (const candidate of [
    law.map((term) => ({ ...term, coefficient: roundNumber(term.coefficient) })),
    law,
  ]) {
    const errors = errorsOf(candidate);
    const sorted = errors.slice().sort();
    const middle = roundNumber(sorted[sorted.length >> 1]);
    for (const offset of [0, middle]) {
      const next = costOf(errors, offset);
      // A further number must earn its place.
      if (next < cost - 0.05) {
        cost = next;
        best = offset === 0 ? candidate : [...candidate, { coefficient: offset, factors: [] }];
      }
    }
  }
  return best;
}

/** The nearest fraction with a small denominator if it is near, else the number itself. */
function roundNumber(value: number): number {
  for (const denominator of [1, 2, 3, 4, 5, 6, 8, 10, 12, 100]) {
    const numerator = Math.round(value * denominator);
    if (numerator !== 0 && Math.abs(value * denominator - numerator) < 1e-3 * Math.abs(numerator)) {
      return numerator / denominator;
    }
  }
  return value;
}
