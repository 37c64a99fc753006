import { ACTIVITIES, CLASSES, MAX_CONTEXTS, PROBABILITY_BITS } from "@fieldzip/kernels";
import { log2 } from "./logarithm.js";

/**
 * The static model of residual classes: which context an activity belongs to, and the class
 * frequencies of every context (they sum to 2^PROBABILITY_BITS).
 */
export interface ClassModel {
  /** Context k holds the activities from thresholds[k - 1] up to, not including, thresholds[k]. */
  readonly thresholds: readonly number[];
  readonly contexts: readonly { readonly frequencies: Uint16Array }[];
}

const TOTAL = 1 << PROBABILITY_BITS;
/** Numbers of contexts that are tried. */
const SIZES = [1, 2, 4, 6, 8, 12, MAX_CONTEXTS];

/** sums[activity * CLASSES + class]: counts of all activities below. Used again for every chunk. */
const sumsBelow = new Float64Array((ACTIVITIES + 1) * CLASSES);
/** One more than the largest class that occurs. */
let classes = CLASSES;
/** Values of all activities below. */
const massBelow = new Float64Array(ACTIVITIES + 1);

/** A class model, and the bits that the values it was learned from take under it, its tables included. */
export interface LearnedModel extends ClassModel {
  readonly bits: number;
  /** The tables' part of them. */
  readonly tableBits: number;
}

/**
 * Learns the model from counts[activity * CLASSES + class], the largest class that may occur given: the number of contexts
 * whose code plus tables is shortest.
 */
export function learnClassModel(
  counts: Uint32Array,
  largest = CLASSES - 1,
  sizes: readonly number[] = SIZES,
): LearnedModel {
  sumUp(counts, largest);
  let best: { thresholds: number[]; bits: number; tableBits: number } | undefined;
  for (const size of sizes) {
    const thresholds = splitEvenly(size);
    if (best && thresholds.length === best.thresholds.length) continue;
    let bits = 0;
    let tableBits = 0;
    let start = 0;
    for (let k = 0; k <= thresholds.length; k++) {
      const end = k < thresholds.length ? thresholds[k] : ACTIVITIES;
      countBetween(start, end);
      bits += idealBits();
      tableBits += tableBitsOf();
      start = end;
    }
    bits += tableBits;
    if (!best || bits < best.bits) best = { thresholds, bits, tableBits };
  }
  const { thresholds, bits, tableBits } = best!;
  const contexts = [...thresholds, ACTIVITIES].map((end, k) => {
    countBetween(k > 0 ? thresholds[k - 1] : 0, end);
    return { frequencies: normalise(context) };
  });
  return { thresholds, contexts, bits, tableBits };
}

/** Bits below the leading ones of all residuals that were counted. */
export function rawBits(counts: Uint32Array, largest: number): number {
  let bits = 0;
  for (let activity = 0; activity <= Math.min(ACTIVITIES - 1, 3 * largest); activity++) {
    const row = activity * CLASSES;
    for (let symbol = 2; symbol <= largest; symbol++) bits += counts[row + symbol] * (symbol - 1);
  }
  return bits;
}

/** The table that gives every activity its context. */
export function activityMap(model: ClassModel): Uint8Array {
  const map = new Uint8Array(256);
  for (let activity = 0; activity < 256; activity++) {
    map[activity] = model.thresholds.filter((threshold) => threshold <= activity).length;
  }
  // Masked values have a context of their own, behind the others.
  map[ACTIVITIES] = model.contexts.length;
  return map;
}

function sumUp(counts: Uint32Array, largest: number): void {
  classes = 0;
  // Half the sum of six classes.
  const last = Math.min(ACTIVITIES - 1, 3 * largest);
  for (let activity = 0; activity <= last; activity++) {
    const row = activity * CLASSES;
    let mass = 0;
    for (let symbol = 0; symbol <= largest; symbol++) {
      const count = counts[row + symbol];
      if (count > 0) {
        mass += count;
        if (symbol >= classes) classes = symbol + 1;
      }
      sumsBelow[row + CLASSES + symbol] = sumsBelow[row + symbol] + count;
    }
    massBelow[activity + 1] = massBelow[activity] + mass;
  }
  for (let activity = last + 1; activity < ACTIVITIES; activity++) {
    massBelow[activity + 1] = massBelow[last + 1];
    for (let symbol = 0; symbol <= largest; symbol++) {
      sumsBelow[(activity + 1) * CLASSES + symbol] = sumsBelow[(last + 1) * CLASSES + symbol];
    }
  }
}

/** Thresholds that cut the activities into at most `contexts` parts of about equal mass. */
function splitEvenly(contexts: number): number[] {
  const total = massBelow[ACTIVITIES];
  const thresholds: number[] = [];
  for (let activity = 1; activity < ACTIVITIES; activity++) {
    if (thresholds.length + 1 >= contexts) break;
    const seen = massBelow[activity];
    if (seen * contexts >= total * (thresholds.length + 1) && seen < total && seen > 0) {
      // A heavy activity may have passed several even marks at once: one cut serves them all.
      thresholds.push(activity);
    }
  }
  return thresholds;
}

/** Counts of every class in one context. */
const context = new Float64Array(CLASSES);

/** Fills `context` with the counts over the activities from `start` up to, not including, `end`. */
function countBetween(start: number, end: number): void {
  context.fill(0);
  const [above, below] = [end * CLASSES, start * CLASSES];
  for (let symbol = 0; symbol < classes; symbol++) {
    context[symbol] = sumsBelow[above + symbol] - sumsBelow[below + symbol];
  }
}

/** Bits that coding the context's values takes if frequencies are exact. */
function idealBits(): number {
  let total = 0;
  let saved = 0;
  for (let symbol = 0; symbol < classes; symbol++) {
    const count = context[symbol];
    if (count === 0) continue;
    total += count;
    saved += count * quickLog2(count);
  }
  return total === 0 ? 0 : total * quickLog2(total) - saved;
}

/** Bits of the context's table. */
function tableBitsOf(): number {
  let first = 0;
  let last = 0;
  for (let symbol = classes - 1; symbol >= 0; symbol--) {
    if (context[symbol] === 0) continue;
    first = symbol;
    if (last === 0) last = symbol;
  }
  return 16 + 12 * (last - first + 1);
}

/** Logarithms of small whole numbers. */
const logarithms = Float64Array.from({ length: 4096 }, (_, n) => log2(n));

/** log2 of a whole number from 1 on. */
function quickLog2(n: number): number {
  let scaled = n;
  let exponent = 0;
  while (scaled >= 4096) {
    scaled /= 64;
    exponent += 6;
  }
  // Between two entries a straight line.
  const below = Math.floor(scaled);
  const start = logarithms[below];
  return (
    exponent + start + (scaled - below) * ((below < 4095 ? logarithms[below + 1] : 12) - start)
  );
}

/** Frequencies in proportion to `counts` that sum to TOTAL, at least 1 for every class that occurs. */
export function normalise(counts: Uint32Array | Float64Array): Uint16Array {
  const frequencies = new Uint16Array(CLASSES);
  let total = 0;
  for (let symbol = 0; symbol < CLASSES; symbol++) total += counts[symbol];
  if (total === 0) {
    frequencies[0] = TOTAL;
    return frequencies;
  }
  let sum = 0;
  for (let symbol = 0; symbol < CLASSES; symbol++) {
    const count = counts[symbol];
    if (count === 0) continue;
    frequencies[symbol] = Math.max(1, Math.round((count * TOTAL) / total));
    sum += frequencies[symbol];
  }
  // The rounding error goes where it costs least: to the largest frequencies.
  while (sum !== TOTAL) {
    let largest = 0;
    for (let symbol = 1; symbol < CLASSES; symbol++) {
      if (frequencies[symbol] > frequencies[largest]) largest = symbol;
    }
    const change =
      sum > TOTAL
        ? -Math.min(sum - TOTAL, Math.ceil(frequencies[largest] / 8), frequencies[largest] - 1)
        : TOTAL - sum;
    frequencies[largest] += change;
    sum += change;
  }
  return frequencies;
}

export function firstUsed(frequencies: Uint16Array): number {
  return frequencies.findIndex((frequency) => frequency > 0);
}

export function lastUsed(frequencies: Uint16Array): number {
  return frequencies.findLastIndex((frequency) => frequency > 0);
}
