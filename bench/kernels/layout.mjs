/** The stages' inputs as blocks of bytes, laid out as the kernels and their C counterparts read them. */
import { bandHeight, CLASSES, kindOf, PROBABILITY_BITS } from "@fieldzip/kernels";

const total = 2 ** PROBABILITY_BITS;
const contextsMost = 17;
const planStride = 24 + 16 * 16 + 16 * 3 * 8;

/** The order in which `native/main.c` reads them. */
export const blockNames =
  "geometry values plans map table slots ranges samples weights solution residuals classes coded bits fit".split(
    " ",
  );

export function blocksOf(stages) {
  const { geometry, plan, values, map, contexts, samples, weights, solution } = stages;
  const { outer, depth, height, width } = geometry;
  return {
    geometry: bytesOf(
      Int32Array.of(outer, depth, height, width, bandHeight(geometry), lagOf(plan, geometry)),
    ),
    values: bytesOf(values),
    plans: plansOf(plan),
    map,
    table: encodingTable(contexts),
    slots: decodingSlots(contexts),
    ranges: bytesOf(decodingRanges(contexts)),
    samples: bytesOf(samples),
    weights: bytesOf(weights),
    solution: bytesOf(Float64Array.from({ length: stages.columns }, (_, k) => solution[k] ?? 0)),
    residuals: stages.residuals,
    classes: stages.classes,
    coded: stages.coded.bytes,
    bits: stages.bits.bytes,
    fit: bytesOf(Int32Array.of(stages.rows, stages.columns)),
  };
}

export function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Rows by which a slice lags behind the one before it, as the decoder computes it. */
function lagOf(plan, geometry) {
  if (geometry.bands !== 1) throw new Error("a chunk of a single slice is restored otherwise");
  const sources = plan.flatMap((stencil) => stencil?.sources ?? []);
  return Math.max(1, ...sources.map(({ dy }) => dy + 1));
}

/** Stencils as `stencil/kernel.ts` reads them. */
export function plansOf(plan) {
  const bytes = new Uint8Array(8 * planStride);
  const view = new DataView(bytes.buffer);
  plan.forEach((stencil, kind) => {
    if (!stencil) return;
    const at = kind * planStride;
    view.setInt32(at, stencil.sources.length, true);
    view.setFloat32(at + 8, stencil.left[0], true);
    view.setFloat32(at + 16, stencil.left[1], true);
    stencil.sources.forEach(({ dt, dz, dy }, k) => {
      [dt, dz, dy].forEach((offset, axis) => {
        view.setInt32(at + 24 + 16 * k + 4 * axis, offset, true);
      });
    });
    stencil.weights.forEach((weight, k) => {
      view.setFloat32(at + 24 + 16 * 16 + 4 * k, weight, true);
    });
  });
  return bytes;
}

/** `visit(context, class, frequency, cumulative frequency)` for every class that occurs. */
function everyClass(contexts, visit) {
  contexts.forEach(({ frequencies }, context) => {
    let cumulative = 0;
    for (let symbol = 0; symbol < CLASSES; symbol++) {
      if (frequencies[symbol] > 0) visit(context, symbol, frequencies[symbol], cumulative);
      cumulative += frequencies[symbol];
    }
  });
}

function encodingTable(contexts) {
  const bytes = new Uint8Array(contextsMost * CLASSES * 16);
  const view = new DataView(bytes.buffer);
  everyClass(contexts, (context, symbol, frequency, cumulative) => {
    const at = (context * CLASSES + symbol) * 16;
    const bits = 32 - Math.clz32(frequency - 1);
    view.setUint32(at, frequency * 2 ** (31 - PROBABILITY_BITS), true);
    view.setUint32(at + 4, Math.ceil(2 ** (31 + bits) / frequency), true);
    view.setUint8(at + 8, 31 + bits);
    view.setUint16(at + 10, total - frequency, true);
    view.setUint32(at + 12, cumulative, true);
  });
  return bytes;
}

function decodingSlots(contexts) {
  const slots = new Uint8Array(contextsMost * total);
  everyClass(contexts, (context, symbol, frequency, cumulative) => {
    const from = context * total + cumulative;
    slots.fill(symbol, from, from + frequency);
  });
  return slots;
}

function decodingRanges(contexts) {
  const ranges = new Uint32Array(contextsMost * CLASSES);
  everyClass(contexts, (context, symbol, frequency, cumulative) => {
    ranges[context * CLASSES + symbol] = (frequency << 16) | cumulative;
  });
  return ranges;
}

/** Source rows that a row of the kind that most rows have is predicted from. */
export function mainSources({ geometry, plan }) {
  const { outer, depth, height } = geometry;
  return plan[kindOf(geometry, outer - 1, depth - 1, height - 1)].sources.length;
}
