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

/** Learns the model from counts[activity * CLASSES + class]: the number of contexts whose code plus tables is shortest. */
export function learnClassModel(counts: Uint32Array): ClassModel {
  const mass = massOf(counts);
  let best: { model: ClassModel; bits: number } | undefined;
  for (const contexts of [1, 2, 4, 6, 8, 12, MAX_CONTEXTS]) {
    const thresholds = splitEvenly(mass, contexts);
    if (best && thresholds.length === best.model.thresholds.length) continue;
    const sums = sumByContext(counts, thresholds);
    const model = { thresholds, contexts: sums.map((sum) => ({ frequencies: normalise(sum) })) };
    const bits = sums.reduce(
      (total, sum, k) => total + costOf(sum, model.contexts[k].frequencies),
      0,
    );
    if (!best || bits < best.bits) best = { model, bits };
  }
  return best!.model;
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

/** Values of every activity. */
function massOf(counts: Uint32Array): Float64Array {
  const mass = new Float64Array(ACTIVITIES);
  for (let activity = 0, at = 0; activity < ACTIVITIES; activity++) {
    for (let symbol = 0; symbol < CLASSES; symbol++) mass[activity] += counts[at++];
  }
  return mass;
}

/** Thresholds that cut the activities into at most `contexts` parts of about equal mass. */
function splitEvenly(mass: Float64Array, contexts: number): number[] {
  let total = 0;
  for (const part of mass) total += part;
  const thresholds: number[] = [];
  let seen = 0;
  for (let activity = 0; activity < ACTIVITIES - 1; activity++) {
    seen += mass[activity];
    if (thresholds.length + 1 >= contexts) break;
    if (seen * contexts >= total * (thresholds.length + 1) && seen < total && seen > 0) {
      // A heavy activity may have passed several even marks at once: one cut serves them all.
      thresholds.push(activity + 1);
    }
  }
  return thresholds;
}

function sumByContext(counts: Uint32Array, thresholds: readonly number[]): Uint32Array[] {
  const sums = Array.from({ length: thresholds.length + 1 }, () => new Uint32Array(CLASSES));
  let context = 0;
  for (let activity = 0; activity < ACTIVITIES; activity++) {
    while (context < thresholds.length && thresholds[context] <= activity) context++;
    for (let symbol = 0; symbol < CLASSES; symbol++) {
      sums[context][symbol] += counts[activity * CLASSES + symbol];
    }
  }
  return sums;
}

/** Frequencies in proportion to `counts` that sum to TOTAL, at least 1 for every class that occurs. */
export function normalise(counts: Uint32Array): Uint16Array {
  const frequencies = new Uint16Array(CLASSES);
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) {
    frequencies[0] = TOTAL;
    return frequencies;
  }
  let sum = 0;
  counts.forEach((count, symbol) => {
    frequencies[symbol] = count === 0 ? 0 : Math.max(1, Math.round((count * TOTAL) / total));
    sum += frequencies[symbol];
  });
  // The rounding error goes where it costs least: to the largest frequencies.
  while (sum !== TOTAL) {
    const largest = frequencies.indexOf(Math.max(...frequencies));
    const change =
      sum > TOTAL
        ? -Math.min(sum - TOTAL, Math.ceil(frequencies[largest] / 8), frequencies[largest] - 1)
        : TOTAL - sum;
    frequencies[largest] += change;
    sum += change;
  }
  return frequencies;
}

/** Bits that coding `counts` takes, with the bits of the context's table. */
function costOf(counts: Uint32Array, frequencies: Uint16Array): number {
  let bits = 16 + 12 * (lastUsed(frequencies) - firstUsed(frequencies) + 1);
  counts.forEach((count, symbol) => {
    if (count > 0) bits += count * (PROBABILITY_BITS - log2(frequencies[symbol]));
  });
  return bits;
}

export function firstUsed(frequencies: Uint16Array): number {
  return frequencies.findIndex((frequency) => frequency > 0);
}

export function lastUsed(frequencies: Uint16Array): number {
  return frequencies.findLastIndex((frequency) => frequency > 0);
}
