import type { FloatArray } from "../../array/data-type.js";
import { sectionKinds } from "../../stream/header.js";
import { findMask } from "../mechanism/mask.js";
import type { Predictor } from "../predictor.js";
import { encodeSections, type SolvePlan } from "./encode.js";
import { equationOf } from "./equation.js";
import { fieldOf } from "./field.js";
import { fitOperator, type Moments, momentsOf, type Operator } from "./operator.js";
import { chooseDropped, choosePrecision, type Sample } from "./precision.js";
import { readSideInformation } from "./side-information.js";

/** Extents of a section: what has no inside is no section, and the transform's tables are bounded. */
const LEAST_EXTENT = 3;
const MOST_EXTENT = 65536;
/** Sections that the search for the precision looks at. */
const SAMPLE_SECTIONS = 12;
/** Bits that an operator of its own costs a section. */
const OPERATOR_BITS = 36 * 8;

/**
 * MeLLoC as published (X. Luo, J. Cheng, Y. Chen, NeurIPS 2024): every section gets a 3 x 3 operator L by
 * least squares; the source term f = L u and the boundary data are stored, u is solved for again by
 * transforms of the periodic section, and what that misses is coded. Kept beside `mechanism` so that the
 * two can be compared; it is slower, and `auto` leaves it out.
 */
export const mechanismSolve: Predictor = {
  name: "mechanism-solve",
  number: 2,
  automatic: false,
  encode(values, shape, kernels) {
    const plan = planSections(values, shape);
    if (!plan) return undefined;
    const sampled = sampleOf(plan);
    const first = choosePrecision(sampled);
    if (!first) return undefined;
    const choice = chooseDropped(sampled, first, kernels);
    const exact = encodeSections(plan, first, kernels);
    if (choice.dropped === 0) return exact;
    const rounded = encodeSections(plan, choice, kernels);
    const sizeOf = (sections: typeof exact) =>
      sections.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return sizeOf(rounded) < sizeOf(exact) ? rounded : exact;
  },
  describe(stream, header) {
    const section = header.sections.find((entry) => entry.kind === sectionKinds.sideInformation);
    if (!section) return { mode: "unknown" };
    const bytes = stream.subarray(section.offset, section.offset + section.length);
    const side = readSideInformation(bytes, header.dataType);
    return {
      mode: "solve",
      equation: equationOf(side.operators[side.operators.length >> 1]),
      details: {
        sections: side.sections,
        operators: side.operators.length,
        step: side.step,
        "rounded bits of f": side.dropped,
      },
    };
  },
};

/** Cuts a chunk into sections, the last two axes that extend, and learns their operators. */
function planSections(values: FloatArray, shape: readonly number[]): SolvePlan | undefined {
  const axes = shape.filter((extent) => extent !== 1);
  if (axes.length < 2) return undefined;
  const [height, width] = axes.slice(-2);
  if (Math.min(height, width) < LEAST_EXTENT || Math.max(height, width) > MOST_EXTENT)
    return undefined;
  const area = height * width;
  const sections = values.length / area;
  if (!(sections >= 1)) return undefined;
  const mask = findMask(values);
  const field = fieldOf(values, mask?.bytes);
  const means: number[] = [];
  const moments: Moments[] = [];
  let spread = 0;
  for (let s = 0; s < sections; s++) {
    const part = field.subarray(s * area, (s + 1) * area);
    let sum = 0;
    for (const value of part) sum += value;
    const mean = sum / area;
    for (const value of part) spread = Math.max(spread, Math.abs(value - mean));
    means.push(mean);
    moments.push(momentsOf(part, height, width, mean));
  }
  // Sums that overflow leave nothing to be learned.
  if (!(spread < 1e300)) return undefined;
  const all = new Float64Array(81);
  for (const { products } of moments) for (let k = 0; k < all.length; k++) all[k] += products[k];
  const own = sections === 1 ? undefined : moments.map(fitOperator);
  return {
    values,
    field,
    mask,
    sections,
    height,
    width,
    means,
    moments,
    spread,
    own,
    shared: fitOperator({ products: all }),
  };
}

/** A few sections for the search, under the operators that are to be used. */
function sampleOf(plan: SolvePlan): Sample {
  const area = plan.height * plan.width;
  const count = Math.min(SAMPLE_SECTIONS, plan.sections);
  const sampleWith = (operatorOf: (section: number) => Operator): Sample => ({
    height: plan.height,
    width: plan.width,
    dataType: plan.values instanceof Float32Array ? "float32" : "float64",
    spread: plan.spread,
    sections: Array.from({ length: count }, (_, k) => {
      const s = Math.floor(((k + 0.5) * plan.sections) / count);
      return {
        field: plan.field.subarray(s * area, (s + 1) * area),
        mean: plan.means[s],
        moments: plan.moments[s],
        operator: operatorOf(s),
      };
    }),
  });
  const shared = sampleWith(() => plan.shared);
  if (!plan.own) return shared;
  const { own } = plan;
  const apart = sampleWith((s) => own[s]);
  const cost = (sample: Sample) => choosePrecision(sample)?.cost ?? Number.POSITIVE_INFINITY;
  if (cost(apart) + OPERATOR_BITS / area < cost(shared)) return apart;
  plan.own = undefined;
  return shared;
}
